#include <qslip/detail/core/quote.hpp>

#include "text/chat/filters.hpp"
#include "text/chat/strings.hpp"

namespace qslip::chat {

template <std::size_t N>
static bool is_one_of(const std::string& name, const std::string_view (&names)[N]) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

result<bool> has_method(const value& v, const std::string& name) {
    static constexpr std::string_view of_strings[] = {"strip",    "lstrip",  "rstrip", "split", "startswith",
                                                      "endswith", "replace", "upper",  "lower", "title"};
    static constexpr std::string_view of_dicts[] = {"items", "keys", "values", "get"};
    static constexpr std::string_view missing[] = {"append", "extend", "insert",     "pop",     "index",
                                                   "count",  "remove", "reverse",    "sort",    "copy",
                                                   "clear",  "update", "setdefault", "popitem", "fromkeys"};
    if (v.string()) {
        if (is_one_of(name, of_strings)) return true;
        return status(errc::unsupported, "method or member " + qslip::quoted(name) + " of a string");
    }
    if (v.members() && is_one_of(name, of_dicts)) return true;
    if ((v.members() || v.items()) && is_one_of(name, missing) && !(v.members() && v.members()->find(name)))
        return status(errc::unsupported, "method " + qslip::quoted(name) + " of " + type_name(v));
    return false;
}

namespace {

struct method_call {
    const std::string& name;
    call_arguments& args;
    budget& costs;
};

result<value> change_case(const text& s, const method_call& c) {
    const auto how = c.name == "upper"   ? letter_case::upper
                     : c.name == "lower" ? letter_case::lower
                                         : letter_case::title_method;
    QSLIP_TRY(auto changed, with_case(s, how, c.name));
    return c.costs.made(std::move(changed));
}

result<value> strip_ends(const text& s, const method_call& c) {
    QSLIP_TRY(const auto chars, string_or_none(c.args.take(0, ""), "the characters to strip"));
    QSLIP_TRY(auto stripped, strip(s, chars, c.name != "rstrip", c.name != "lstrip", c.costs));
    return c.costs.made(std::move(stripped));
}

result<value> split(const text& s, const method_call& c) {
    QSLIP_TRY(const auto mark, string_or_none(c.args.take(0, "sep"), "the separator"));
    const auto max_given = c.args.take(1, "maxsplit");
    if (!mark) {
        if (max_given) return status(errc::unsupported, "split at white space with a limit");
        QSLIP_TRY(auto words, split_at_space(s, c.costs));
        return c.costs.made(make_list(std::move(words)));
    }
    QSLIP_TRY(const auto most, whole_or(max_given, -1, "the limit"));
    if (mark->empty()) return status(errc::schema, "an empty separator");
    QSLIP_CHECK(c.costs.charge(search_cost(s.size(), mark->size())));
    QSLIP_TRY(auto parts, split_at(s, *mark, most, c.costs));
    return c.costs.made(make_list(std::move(parts)));
}

/// startswith and endswith take a string or a tuple of choices.
result<value> has_end(const text& s, const method_call& c) {
    const auto given = c.args.take(0, "");
    const auto one = [&](const std::optional<value>& choice) -> result<bool> {
        if (choice) QSLIP_CHECK(c.costs.charge(choice->string() ? choice->weight() : 1));
        QSLIP_TRY(const auto part, need_string(choice, c.name));
        return c.name == "startswith" ? s.bytes().starts_with(part) : s.bytes().ends_with(part);
    };
    bool holds = false;
    if (!given || !given->items()) {
        QSLIP_TRY(holds, one(given));
        return value{holds};
    }
    for (const auto& choice : given->items()->items) {
        QSLIP_TRY(holds, one(choice));
        if (holds) break;
    }
    return value{holds};
}

result<value> call_string_method(const text& s, const method_call& c) {
    QSLIP_CHECK(c.costs.charge(text_weight(s.size())));
    if (c.name == "replace") return replace_in(s, c.args, c.costs);
    if (c.name == "split") return split(s, c);
    if (c.name.ends_with("strip")) return strip_ends(s, c);
    if (c.name.ends_with("with")) return has_end(s, c);
    return change_case(s, c);
}

result<value> call_dict_method(const dict& d, const method_call& c) {
    if (c.name == "get") {
        const auto key = c.args.take(0, "");
        const auto otherwise = c.args.take(1, "");
        if (!key) return status(errc::schema, "get needs a key");
        const value* found = nullptr;
        if (key->string()) {
            QSLIP_TRY(found, find_member(d, key->string()->bytes(), c.costs));
        }
        return found ? *found : otherwise.value_or(value{none{}});
    }
    QSLIP_CHECK(c.costs.charge(d.keys_weight));
    if (c.name == "items") return c.costs.made(items_of_dict(d));
    std::vector<value> out;
    for (const auto& [key, item] : d.members) out.push_back(c.name == "keys" ? make_text(key) : item);
    return c.costs.made(make_list(std::move(out)));
}

}  // namespace

result<value> call_method(const value& self, const std::string& name, call_arguments args, budget& costs) {
    return answered("method", name, args, costs, [&] {
        const method_call c{name, args, costs};
        return self.string() ? call_string_method(*self.string(), c) : call_dict_method(*self.members(), c);
    });
}

}  // namespace qslip::chat
