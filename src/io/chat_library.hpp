#pragma once
// Filters, tests and methods of chat templates: plain functions of values.
#include <qslip/core/limits.hpp>

#include <optional>

#include "io/chat_value.hpp"

namespace qslip::chat {

/// What a rendering may still spend.
class budget {
public:
    static constexpr std::uint64_t most_steps = 5'000'000;
    explicit budget(const limits& lim) : lim_(lim) {}
    status charge(std::uint64_t steps) {
        if (steps > left_) return {errc::budget, "more than " + std::to_string(most_steps) + " steps"};
        left_ -= steps;
        return {};
    }
    /// A value just made: its size is charged, its nesting checked.
    result<value> made(value v) {
        if (v.string() && v.string()->size() > lim_.string_bytes)
            return status(errc::limit, "a string of " + std::to_string(v.string()->size()) + " bytes");
        if (v.depth() > lim_.json_depth) return status(errc::limit, "values nested too deeply");
        if (v.weight() > most_steps) return status(errc::limit, "a value is too large");
        QSLIP_CHECK(charge(v.string() ? v.weight() : v.items() ? 1 + v.items()->items.size() : 1));
        return v;
    }
    result<value> made(text t) { return made(make_text(std::move(t))); }

private:
    const limits& lim_;
    std::uint64_t left_ = most_steps;
};

/// Positional and named arguments of one call; each is asked for once.
class call_arguments {
public:
    std::vector<value> at;
    std::vector<std::pair<std::string, value>> named;

    /// Argument number `i`, or the one called `name`.
    std::optional<value> take(std::size_t i, std::string_view name) {
        known_ = std::max(known_, i + 1);
        if (i < at.size()) return at[i];
        for (auto it = named.begin(); it != named.end(); ++it)
            if (it->first == name) {
                auto found = std::move(it->second);
                named.erase(it);
                return found;
            }
        return std::nullopt;
    }
    /// Errors: unsupported, naming an argument nobody asked for.
    status done() const;

private:
    std::size_t known_ = 0;
};

/// What a for runs over: members of a list, characters of a string, keys of a dict; nothing for undefined.
result<std::vector<value>> items_of(const value& v, budget& costs);

result<value> apply_filter(const std::string& name, const value& input, call_arguments args, budget& costs);
result<bool> apply_test(const std::string& name, const value& v, call_arguments args, budget& costs);
/// Is `name` a method of the value that this subset has? Errors: unsupported, for one it knows it lacks.
result<bool> has_method(const value& v, const std::string& name);
result<value> call_method(const value& self, const std::string& name, call_arguments args, budget& costs);

/// Member, key or position, undefined when there is none. Errors: schema (of what is undefined).
result<value> get_item(const value& of, const value& key, budget& costs);
/// -1, 0, 1 of numbers or of strings. Errors: schema.
result<int> compare_order(const value& a, const value& b);
/// Is `item` in `container`?
result<bool> contains(const value& container, const value& item, budget& costs);

}  // namespace qslip::chat
