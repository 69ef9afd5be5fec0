#pragma once
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace qslip::report {

/// One thing a document says: a yes or no, a number, a text, a list, or a group of named facts in their
/// order. A default one is known to be unknown: null in JSON, never 0.
/// Equal facts are written alike and read back equal: numbers are finite, a whole number is kept as one,
/// texts are UTF-8 (each other byte becomes U+FFFD).
class fact {
public:
    using list = std::vector<fact>;
    using group = std::vector<std::pair<std::string, fact>>;

    fact() = default;
    fact(double number);
    fact(std::string_view text);
    fact(const char* text) : fact(std::string_view(text)) {}
    fact(const std::string& text) : fact(std::string_view(text)) {}
    fact(list items) : value_(std::move(items)) {}
    fact(group members) : value_(std::move(members)) {}
    template <std::integral Integer>
    fact(Integer number) {
        if constexpr (std::same_as<Integer, bool>)
            value_ = number;
        else
            value_ = static_cast<std::uint64_t>(number);
    }
    template <class T>
    fact(const std::optional<T>& maybe) {
        if (maybe) *this = fact(*maybe);
    }

    bool is_null() const noexcept { return holds<std::monostate>(); }
    bool is_flag() const noexcept { return holds<bool>(); }
    bool is_count() const noexcept { return holds<std::uint64_t>(); }  ///< a whole number >= 0
    bool is_number() const noexcept { return is_count() || holds<double>(); }
    bool is_text() const noexcept { return holds<std::string>(); }
    bool is_list() const noexcept { return holds<list>(); }
    bool is_group() const noexcept { return holds<group>(); }

    /// What a fact of another kind gives: false, 0, "", no items, no members.
    bool flag() const noexcept;
    std::uint64_t count() const noexcept;
    double number() const noexcept;
    const std::string& text() const noexcept;
    const list& items() const noexcept;
    const group& members() const noexcept;

    /// Member of a group; nullptr when there is none.
    const fact* find(std::string_view key) const noexcept;
    /// The same; a null fact when there is none.
    const fact& operator[](std::string_view key) const noexcept;

    /// Appends a member; a null fact becomes a group. The key is a new one.
    fact& set(std::string_view key, fact value);
    /// Appends an item; a null fact becomes a list.
    fact& push(fact item);

    bool operator==(const fact&) const = default;

private:
    template <class T>
    bool holds() const noexcept {
        return std::holds_alternative<T>(value_);
    }
    std::variant<std::monostate, bool, std::uint64_t, double, std::string, list, group> value_;
};

}  // namespace qslip::report
