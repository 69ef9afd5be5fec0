#pragma once
// Values of a chat template. Strings know of each byte whether the template or its input wrote it.
#include <qslip/errors.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace qslip::chat {

/// Bytes with their origin, byte by byte.
class text {
public:
    text() = default;
    text(std::string_view bytes, bool from_input) : bytes_(bytes), input_(bytes.size(), from_input ? 1 : 0) {}

    const std::string& bytes() const noexcept { return bytes_; }
    bool is_input(std::size_t i) const noexcept { return input_[i] != 0; }
    bool has_input() const noexcept { return input_.find('\1') != std::string::npos; }
    std::size_t size() const noexcept { return bytes_.size(); }

    text substr(std::size_t at, std::size_t n = std::string::npos) const {
        text part;
        part.bytes_ = bytes_.substr(at, n);
        part.input_ = input_.substr(at, n);
        return part;
    }
    text& operator+=(const text& more) {
        bytes_ += more.bytes_;
        input_ += more.input_;
        return *this;
    }
    /// The same origins under other bytes of equal number.
    text with_bytes(std::string bytes) const {
        text other = *this;
        other.bytes_ = std::move(bytes);
        return other;
    }

private:
    std::string bytes_, input_;
};

struct value;
/// depth and weight bound what walks a value: nesting, and the size it has written out in full.
struct list {
    std::vector<value> items;
    std::uint64_t depth = 1, weight = 1;
    bool is_tuple = false;
};
/// Members in the order they were given; keys are strings.
struct dict {
    std::vector<std::pair<text, value>> members;
    std::uint64_t depth = 1, weight = 1;
    std::uint64_t keys_weight = 1;  ///< of the keys alone
    const value* find(std::string_view key) const;
};
/// What namespace() makes: the one thing that can be written to. Owned by the rendering.
struct space {
    std::map<std::string, value, std::less<>> members;
};
struct loop_state;

struct undefined {
    std::string what;  ///< for the message when it is used
};
struct none {};
struct macro {
    std::uint32_t node;
};
/// A function of the language by its name, or a method together with what it was taken from.
struct function {
    std::string name;
    std::shared_ptr<const value> self;
};

inline std::uint64_t text_weight(std::size_t size_bytes) { return 1 + size_bytes / 16; }

struct value {
    std::variant<undefined, none, bool, std::int64_t, double, std::shared_ptr<const text>,
                 std::shared_ptr<const list>, std::shared_ptr<const dict>, space*, loop_state*, macro,
                 function>
        v;

    template <class T>
    const T* as() const noexcept {
        return std::get_if<T>(&v);
    }
    const text* string() const noexcept {
        const auto* s = as<std::shared_ptr<const text>>();
        return s ? s->get() : nullptr;
    }
    const chat::list* items() const noexcept {
        const auto* l = as<std::shared_ptr<const chat::list>>();
        return l ? l->get() : nullptr;
    }
    const chat::dict* members() const noexcept {
        const auto* d = as<std::shared_ptr<const chat::dict>>();
        return d ? d->get() : nullptr;
    }
    bool is_undefined() const noexcept { return as<undefined>() != nullptr; }
    bool is_number() const noexcept { return as<bool>() || as<std::int64_t>() || as<double>(); }
    std::uint64_t depth() const noexcept {
        if (const auto* f = as<function>()) return f->self ? 1 + f->self->depth() : 0;
        return items() ? items()->depth : members() ? members()->depth : 0;
    }
    std::uint64_t weight() const noexcept {
        if (const auto* s = string()) return text_weight(s->size());
        return items() ? items()->weight : members() ? members()->weight : 1;
    }
};

/// What `loop` is inside a for.
struct loop_state {
    std::vector<value> items;
    std::size_t index = 0;
};

inline value make_text(text t) { return {std::make_shared<const text>(std::move(t))}; }
inline value make_text(std::string_view bytes, bool from_input = false) {
    return make_text(text(bytes, from_input));
}
template <class Container>
void take_measure(Container& into, const value& item) {
    into.depth = std::max(into.depth, 1 + item.depth());
    if (__builtin_add_overflow(into.weight, item.weight(), &into.weight)) into.weight = ~std::uint64_t{0};
}
inline value make_list(std::vector<value> items, bool is_tuple = false) {
    list made;
    for (const auto& item : items) take_measure(made, item);
    made.items = std::move(items);
    made.is_tuple = is_tuple;
    return {std::make_shared<const list>(std::move(made))};
}
inline value make_dict(std::vector<std::pair<text, value>> members) {
    dict made;
    for (const auto& [key, item] : members) {
        take_measure(made, item);
        made.keys_weight += text_weight(key.size());
    }
    if (__builtin_add_overflow(made.weight, made.keys_weight, &made.weight)) made.weight = ~std::uint64_t{0};
    made.members = std::move(members);
    return {std::make_shared<const dict>(std::move(made))};
}
inline const value* dict::find(std::string_view key) const {
    for (const auto& [name, item] : members)
        if (name.bytes() == key) return &item;
    return nullptr;
}

/// "a string", "a list", ... for messages.
std::string type_name(const value& v);
bool truthy(const value& v);
/// Of a boolean or an integer.
std::int64_t whole_number(const value& v);
/// Of a number.
double real_number(const value& v);
/// Code points of well-formed UTF-8; other bytes count one each.
std::size_t n_code_points(std::string_view bytes);

}  // namespace qslip::chat
