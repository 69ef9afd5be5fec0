#include "io/chat_library.hpp"

#include <qslip/core/nearest_name.hpp>
#include <qslip/core/quote.hpp>
#include <qslip/core/utf8.hpp>

#include <charconv>
#include <cmath>

namespace qslip::chat {
namespace {

status wrong_type(const std::string& must, const value& v) {
    const auto* u = v.as<undefined>();
    return {errc::schema,
            must + ", got " +
                (u && !u->what.empty() ? qslip::quoted(u->what) + ", which is undefined" : type_name(v))};
}

// ---- strings

char upper_letter(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower_letter(c) >= 'a' && lower_letter(c) <= 'z'; }

/// Case of letters beyond ASCII is not in the subset.
status need_ascii(const text& s, const std::string& what) {
    for (const char c : s.bytes())
        if (static_cast<unsigned char>(c) >= 0x80)
            return {errc::unsupported, qslip::quoted(what) + " of letters beyond ASCII"};
    return {};
}

enum class letter_case { upper, lower, capitalize, title_method, title_filter };

result<text> with_case(const text& s, letter_case how, const std::string& name) {
    QSLIP_CHECK(need_ascii(s, name));
    auto bytes = s.bytes();
    bool starts = true;
    for (auto& c : bytes) {
        const bool up = how == letter_case::upper || (how != letter_case::lower && starts);
        const char before = c;
        c = up ? upper_letter(c) : lower_letter(c);
        if (how == letter_case::title_method)
            starts = !is_letter(before);
        else if (how == letter_case::title_filter)
            starts = std::string_view(" \t\n\r\v\f-({[<").find(before) != std::string_view::npos;
        else
            starts = false;
    }
    return s.with_bytes(std::move(bytes));
}

/// Bytes of the white-space character (Python's str.isspace) at the front; 0 when there is none.
std::size_t space_bytes(std::string_view s) {
    const auto n = utf8_char_bytes(s);
    if (n == 0) return 0;
    if (n == 1) {
        const auto c = static_cast<unsigned char>(s[0]);
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) ? 1 : 0;
    }
    static constexpr std::string_view wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    for (const auto w : wide)
        if (s.substr(0, n) == w) return n;
    return 0;
}

/// Bytes of the last character of `s`, malformed bytes being one each.
std::size_t last_char_bytes(std::string_view s) {
    for (std::size_t n = 1; n <= 4 && n <= s.size(); ++n)
        if (utf8_char_bytes(s.substr(s.size() - n)) == n) return n;
    return 1;
}

/// `chars`: the characters to strip; empty optional: white space.
text strip(const text& s, const std::optional<std::string>& chars, bool left, bool right) {
    std::string_view bytes = s.bytes();
    const auto strips = [&](std::string_view character) {
        return chars ? chars->find(character) != std::string::npos
                     : space_bytes(character) == character.size();
    };
    std::size_t begin = 0, end = bytes.size();
    while (left && begin < end) {
        const auto n = std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(begin)));
        if (!strips(bytes.substr(begin, n))) break;
        begin += n;
    }
    while (right && end > begin) {
        const auto n = last_char_bytes(bytes.substr(begin, end - begin));
        if (!strips(bytes.substr(end - n, n))) break;
        end -= n;
    }
    return s.substr(begin, end - begin);
}

std::vector<value> characters(const text& s) {
    std::vector<value> out;
    for (std::size_t at = 0; at < s.size();) {
        const auto n = std::max<std::size_t>(1, utf8_char_bytes(std::string_view(s.bytes()).substr(at)));
        out.push_back(make_text(s.substr(at, n)));
        at += n;
    }
    return out;
}

/// Cost of looking for a string of m bytes in one of n.
std::uint64_t search_cost(std::size_t n, std::size_t m) { return 1 + n / 64 * std::max<std::size_t>(1, m); }

text replaced(const text& s, const std::string& old, const text& with, std::int64_t most) {
    text out;
    std::size_t at = 0;
    for (std::int64_t n = 0; n != most; ++n) {
        const auto found = s.bytes().find(old, at);
        if (found == std::string::npos || old.empty()) break;
        out += s.substr(at, found - at);
        out += with;
        at = found + old.size();
    }
    out += s.substr(at);
    return out;
}

constexpr std::uint64_t part_cost = 8;  // a list of many small strings takes memory

result<std::vector<value>> split_at(const text& s, const std::string& mark, std::int64_t most,
                                    budget& costs) {
    std::vector<value> parts;
    std::size_t at = 0;
    for (std::int64_t n = 0; n != most; ++n) {
        const auto found = s.bytes().find(mark, at);
        if (found == std::string::npos) break;
        QSLIP_CHECK(costs.charge(part_cost));
        parts.push_back(make_text(s.substr(at, found - at)));
        at = found + mark.size();
    }
    parts.push_back(make_text(s.substr(at)));
    return parts;
}

result<std::vector<value>> split_at_space(const text& s, budget& costs) {
    std::vector<value> parts;
    const std::string_view bytes = s.bytes();
    for (std::size_t at = 0; at < bytes.size();) {
        if (const auto n = space_bytes(bytes.substr(at))) {
            at += n;
            continue;
        }
        auto end = at;
        while (end < bytes.size() && space_bytes(bytes.substr(end)) == 0)
            end += std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(end)));
        QSLIP_CHECK(costs.charge(part_cost));
        parts.push_back(make_text(s.substr(at, end - at)));
        at = end;
    }
    return parts;
}

// ---- numbers

/// int() of a string as Jinja's filter means it: an integer, else the whole part of a float.
std::optional<std::int64_t> whole_of(const std::string& s) {
    const auto trimmed = strip(text(s, false), std::nullopt, true, true).bytes();
    const auto* begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
    const auto* end = trimmed.data() + trimmed.size();
    std::int64_t i = 0;
    if (const auto r = std::from_chars(begin, end, i); r.ec == std::errc() && r.ptr == end) return i;
    double x = 0;
    const auto r = std::from_chars(begin, end, x);
    if (r.ec == std::errc() && r.ptr == end && std::fabs(x) < 9e18) return static_cast<std::int64_t>(x);
    return std::nullopt;
}
std::optional<double> real_of(const std::string& s) {
    const auto trimmed = strip(text(s, false), std::nullopt, true, true).bytes();
    const auto* begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
    double x = 0;
    const auto r = std::from_chars(begin, trimmed.data() + trimmed.size(), x);
    if (r.ec != std::errc() || r.ptr != trimmed.data() + trimmed.size()) return std::nullopt;
    return x;
}
double number_of(const value& v) {
    if (const auto* b = v.as<bool>()) return *b ? 1 : 0;
    if (const auto* i = v.as<std::int64_t>()) return static_cast<double>(*i);
    return *v.as<double>();
}

// ---- arguments of the right type

result<std::string> need_string(const std::optional<value>& v, const std::string& what) {
    if (!v) return status(errc::schema, what + " is missing");
    if (!v->string()) return wrong_type(what + " must be a string", *v);
    return v->string()->bytes();
}
result<std::int64_t> whole_or(const std::optional<value>& v, std::int64_t otherwise,
                              const std::string& what) {
    if (!v || v->as<none>()) return otherwise;
    if (const auto* b = v->as<bool>()) return *b ? 1 : 0;
    if (const auto* i = v->as<std::int64_t>()) return *i;
    return wrong_type(what + " must be an integer", *v);
}
bool flag_or(const std::optional<value>& v, bool otherwise) { return v ? truthy(*v) : otherwise; }

/// `a.b` of an item, as map, sort, selectattr name it.
result<value> attribute_of(value v, std::string_view path, budget& costs) {
    while (true) {
        const auto dot = path.find('.');
        QSLIP_TRY(v, get_item(v, make_text(path.substr(0, dot)), costs));
        if (dot == std::string_view::npos) return v;
        path.remove_prefix(dot + 1);
    }
}

// ---- filters. Each takes what it is called on, its arguments, and what may be spent.

struct filter_call {
    const std::string& name;
    const value& input;
    call_arguments& args;
    budget& costs;

    result<text> string() const { return to_text(input); }
    result<std::vector<value>> items() const { return items_of(input, costs); }
};

result<value> filter_case(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    const auto how = c.name == "upper"        ? letter_case::upper
                     : c.name == "lower"      ? letter_case::lower
                     : c.name == "capitalize" ? letter_case::capitalize
                                              : letter_case::title_filter;
    QSLIP_TRY(auto changed, with_case(s, how, c.name));
    return c.costs.made(std::move(changed));
}

result<value> filter_trim(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    const auto given = c.args.take(0, "chars");
    std::optional<std::string> chars;
    if (given && !given->as<none>()) {
        QSLIP_TRY(chars, need_string(given, "the characters to trim"));
    }
    return c.costs.made(strip(s, chars, true, true));
}

result<value> filter_length(filter_call c) {
    if (const auto* s = c.input.string()) {
        QSLIP_CHECK(c.costs.charge(c.input.weight()));
        return value{static_cast<std::int64_t>(n_code_points(s->bytes()))};
    }
    if (const auto* d = c.input.members()) return value{static_cast<std::int64_t>(d->members.size())};
    QSLIP_TRY(const auto items, c.items());
    return value{static_cast<std::int64_t>(items.size())};
}

result<value> replace_in(const text& s, call_arguments& args, budget& costs) {
    const auto old_given = args.take(0, "old"), with_given = args.take(1, "new");
    QSLIP_TRY(const auto old, need_string(old_given, "what to replace"));
    QSLIP_CHECK(need_string(with_given, "what to put there").status());
    QSLIP_TRY(const auto most, whole_or(args.take(2, "count"), -1, "the count"));
    if (old.empty()) return status(errc::unsupported, "replace of an empty string");
    QSLIP_CHECK(costs.charge(search_cost(s.size(), old.size())));
    const auto& with = *with_given->string();
    if (with.size() > old.size() && s.size() / old.size() * with.size() > (std::uint64_t{1} << 28))
        return status(errc::limit, "replace would make a string too long");
    return costs.made(replaced(s, old, with, most));
}
result<value> filter_replace(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    return replace_in(s, c.args, c.costs);
}

result<value> filter_join(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const auto mark_given = c.args.take(0, "d"), attribute = c.args.take(1, "attribute");
    text mark, out;
    if (mark_given) {
        QSLIP_TRY(mark, to_text(*mark_given));
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto item = items[i];
        if (attribute) {
            QSLIP_TRY(const auto path, need_string(attribute, "the attribute"));
            QSLIP_TRY(item, attribute_of(item, path, c.costs));
        }
        QSLIP_TRY(const auto part, to_text(item));
        QSLIP_CHECK(c.costs.charge((part.size() + mark.size()) / 16));
        if (i > 0) out += mark;
        out += part;
    }
    return c.costs.made(std::move(out));
}

result<value> filter_end(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    if (items.empty()) return value{undefined{"an item of an empty list"}};
    return c.name == "first" ? items.front() : items.back();
}

result<value> filter_default(filter_call c) {
    const auto otherwise = c.args.take(0, "default_value");
    const bool for_false = flag_or(c.args.take(1, "boolean"), false);
    const bool absent = c.input.is_undefined() || (for_false && !truthy(c.input));
    return absent ? otherwise.value_or(make_text("")) : c.input;
}

result<value> filter_tojson(filter_call c) {
    QSLIP_CHECK(c.costs.charge(c.input.weight()));
    const auto indent_given = c.args.take(0, "indent");
    QSLIP_TRY(const auto indent, whole_or(indent_given, -1, "the indent"));
    if (indent > 64) return status(errc::limit, "an indent beyond 64");
    QSLIP_TRY(auto json, to_json(c.input, indent));
    return c.costs.made(std::move(json));
}

result<value> filter_list(filter_call c) {
    QSLIP_TRY(auto items, c.items());
    return c.costs.made(make_list(std::move(items)));
}

value items_of_dict(const dict& d) {
    std::vector<value> pairs;
    for (const auto& [key, item] : d.members) pairs.push_back(make_list({make_text(key), item}, true));
    return make_list(std::move(pairs));
}
result<value> filter_items(filter_call c) {
    if (c.input.is_undefined()) return make_list({});
    if (!c.input.members()) return wrong_type("items needs a dict", c.input);
    return c.costs.made(items_of_dict(*c.input.members()));
}

result<value> filter_string(filter_call c) {
    QSLIP_TRY(auto s, c.string());
    return c.costs.made(std::move(s));
}

result<value> filter_number(filter_call c) {
    const auto otherwise = c.args.take(0, "default");
    const bool whole = c.name == "int";
    const auto fallback = otherwise.value_or(whole ? value{std::int64_t{0}} : value{0.0});
    if (c.input.is_number()) {
        const double x = number_of(c.input);
        if (!whole) return value{x};
        if (c.input.as<std::int64_t>()) return c.input;
        return std::fabs(x) < 9e18 ? value{static_cast<std::int64_t>(x)} : fallback;
    }
    if (!c.input.string()) return fallback;
    const auto& bytes = c.input.string()->bytes();
    if (whole) {
        const auto i = whole_of(bytes);
        return i ? value{*i} : fallback;
    }
    const auto x = real_of(bytes);
    return x ? value{*x} : fallback;
}

result<value> filter_abs(filter_call c) {
    if (const auto* i = c.input.as<std::int64_t>())
        return *i == INT64_MIN ? result<value>(status(errc::limit, "an integer beyond 64 bits"))
                               : result<value>(value{*i < 0 ? -*i : *i});
    if (!c.input.is_number()) return wrong_type("abs needs a number", c.input);
    return value{std::fabs(number_of(c.input))};
}

result<value> filter_reverse(filter_call c) {
    QSLIP_TRY(auto items, c.items());
    std::reverse(items.begin(), items.end());
    if (!c.input.string()) return c.costs.made(make_list(std::move(items)));
    text out;
    for (const auto& item : items) out += *item.string();
    return c.costs.made(std::move(out));
}

/// Strings without regard to case, as Jinja orders them.
value sort_key(value v) {
    if (!v.string()) return v;
    std::string bytes = v.string()->bytes();
    for (auto& c : bytes) c = lower_letter(c);
    return make_text(bytes);
}

result<value> filter_sort(filter_call c) {
    QSLIP_TRY(auto items, c.items());
    const bool reverse = flag_or(c.args.take(0, "reverse"), false);
    const bool exact = flag_or(c.args.take(1, "case_sensitive"), false);
    const auto attribute = c.args.take(2, "attribute");
    std::vector<std::pair<value, value>> keyed;
    for (auto& item : items) {
        auto key = item;
        if (attribute) {
            QSLIP_TRY(const auto path, need_string(attribute, "the attribute"));
            QSLIP_TRY(key, attribute_of(item, path, c.costs));
        }
        if (key.string() && !exact) QSLIP_CHECK(need_ascii(*key.string(), c.name));
        if (!keyed.empty()) QSLIP_CHECK(compare_order(keyed.front().first, key).status());
        QSLIP_CHECK(c.costs.charge(8 + key.weight() * 8));
        keyed.emplace_back(exact ? std::move(key) : sort_key(std::move(key)), std::move(item));
    }
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
        const int order = *compare_order(a.first, b.first);
        return reverse ? order > 0 : order < 0;
    });
    std::vector<value> out;
    for (auto& [key, item] : keyed) out.push_back(std::move(item));
    return c.costs.made(make_list(std::move(out)));
}

result<value> filter_unique(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const bool exact = flag_or(c.args.take(0, "case_sensitive"), false);
    std::vector<value> keys, out;
    for (const auto& item : items) {
        if (item.string() && !exact) QSLIP_CHECK(need_ascii(*item.string(), c.name));
        const auto key = exact ? item : sort_key(item);
        QSLIP_CHECK(c.costs.charge((1 + keys.size()) * key.weight()));
        const bool seen = std::any_of(keys.begin(), keys.end(), [&](const auto& k) { return equal(k, key); });
        if (seen) continue;
        keys.push_back(key);
        out.push_back(item);
    }
    return c.costs.made(make_list(std::move(out)));
}

/// select, reject, selectattr, rejectattr: by a test, or by truth.
result<value> filter_select(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const bool by_attribute = c.name.ends_with("attr"), wants = c.name.starts_with("select");
    std::string path, test;
    std::size_t next = 0;
    if (by_attribute) {
        QSLIP_TRY(path, need_string(c.args.take(next++, ""), "the attribute"));
    }
    const auto named_test = c.args.take(next++, "");
    if (named_test) {
        QSLIP_TRY(test, need_string(named_test, "the test"));
    }
    call_arguments rest;
    for (auto i = next; c.args.at.size() > i; ++i) rest.at.push_back(*c.args.take(i, ""));
    std::vector<value> out;
    for (const auto& item : items) {
        auto judged = item;
        if (by_attribute) {
            QSLIP_TRY(judged, attribute_of(item, path, c.costs));
        }
        bool holds = truthy(judged);
        if (named_test) {
            QSLIP_TRY(holds, apply_test(test, judged, rest, c.costs));
        }
        if (holds == wants) out.push_back(item);
    }
    return c.costs.made(make_list(std::move(out)));
}

result<value> filter_map(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const auto attribute = c.args.take(1'000'000, "attribute"), otherwise = c.args.take(1'000'000, "default");
    std::vector<value> out;
    for (const auto& item : items) {
        if (attribute) {
            QSLIP_TRY(const auto path, need_string(attribute, "the attribute"));
            QSLIP_TRY(auto found, attribute_of(item, path, c.costs));
            out.push_back(found.is_undefined() && otherwise ? *otherwise : std::move(found));
            continue;
        }
        QSLIP_TRY(const auto name, need_string(c.args.take(0, ""), "the filter"));
        if (name == "map") return status(errc::unsupported, "map of map");
        call_arguments rest;
        for (std::size_t i = 1; i < c.args.at.size(); ++i) rest.at.push_back(c.args.at[i]);
        QSLIP_TRY(auto made, apply_filter(name, item, std::move(rest), c.costs));
        out.push_back(std::move(made));
    }
    if (!c.args.at.empty()) c.args.take(c.args.at.size() - 1, "");
    return c.costs.made(make_list(std::move(out)));
}

result<value> filter_safe(filter_call c) { return c.input; }

result<value> filter_indent(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    const auto width_given = c.args.take(0, "width");
    const bool first = flag_or(c.args.take(1, "first"), false),
               blank = flag_or(c.args.take(2, "blank"), false);
    text pad;
    if (width_given && width_given->string()) {
        pad = *width_given->string();
    } else {
        QSLIP_TRY(const auto width, whole_or(width_given, 4, "the width"));
        if (width > 256) return status(errc::limit, "an indent beyond 256");
        pad = text(std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, width)), ' '), false);
    }
    QSLIP_CHECK(c.costs.charge(1 + s.size() / 16 * (1 + pad.size())));
    text out;
    std::size_t at = 0;
    for (bool is_first = true; at <= s.size(); is_first = false) {
        const auto end = std::min(s.bytes().find('\n', at), s.size());
        const auto line = s.substr(at, end - at);
        if (is_first ? first : blank || line.size() > 0) out += pad;
        out += line;
        if (end < s.size()) out += s.substr(end, 1);
        at = end + 1;
    }
    return c.costs.made(std::move(out));
}

result<value> filter_dictsort(filter_call c) {
    if (!c.input.members()) return wrong_type("dictsort needs a dict", c.input);
    auto members = c.input.members()->members;
    QSLIP_CHECK(c.costs.charge(8 * members.size()));
    for (const auto& [key, item] : members) QSLIP_CHECK(need_ascii(key, c.name));
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return sort_key(make_text(a.first)).string()->bytes() <
               sort_key(make_text(b.first)).string()->bytes();
    });
    return c.costs.made(items_of_dict(*make_dict(std::move(members)).members()));
}

using filter_function = result<value> (*)(filter_call);
struct known_filter {
    std::string_view name;
    filter_function run;
};
constexpr known_filter filters[] = {
    {"abs", filter_abs},           {"capitalize", filter_case}, {"count", filter_length},
    {"d", filter_default},         {"default", filter_default}, {"dictsort", filter_dictsort},
    {"first", filter_end},         {"float", filter_number},    {"indent", filter_indent},
    {"int", filter_number},        {"items", filter_items},     {"join", filter_join},
    {"last", filter_end},          {"length", filter_length},   {"list", filter_list},
    {"lower", filter_case},        {"map", filter_map},         {"reject", filter_select},
    {"rejectattr", filter_select}, {"replace", filter_replace}, {"reverse", filter_reverse},
    {"safe", filter_safe},         {"select", filter_select},   {"selectattr", filter_select},
    {"sort", filter_sort},         {"string", filter_string},   {"title", filter_case},
    {"tojson", filter_tojson},     {"trim", filter_trim},       {"unique", filter_unique},
    {"upper", filter_case}};

// ---- tests

bool is_test_of_type(const std::string& name, const value& v, bool& known) {
    known = true;
    if (name == "defined") return !v.is_undefined();
    if (name == "undefined") return v.is_undefined();
    if (name == "none") return v.as<none>() != nullptr;
    if (name == "string") return v.string() != nullptr;
    if (name == "boolean") return v.as<bool>() != nullptr;
    if (name == "true") return v.as<bool>() && *v.as<bool>();
    if (name == "false") return v.as<bool>() && !*v.as<bool>();
    if (name == "number") return v.is_number();
    if (name == "integer") return v.as<std::int64_t>() != nullptr;
    if (name == "float") return v.as<double>() != nullptr;
    if (name == "mapping") return v.members() != nullptr;
    if (name == "iterable" || name == "sequence")
        return v.string() || v.items() || v.members() || v.is_undefined();
    if (name == "callable") return v.as<macro>() || v.as<function>();
    return known = false;
}

}  // namespace

status call_arguments::done() const {
    if (!named.empty()) return {errc::unsupported, "argument " + qslip::quoted(named.front().first)};
    if (at.size() > known_) return {errc::unsupported, "argument number " + std::to_string(known_ + 1)};
    return {};
}

result<std::vector<value>> items_of(const value& v, budget& costs) {
    if (v.is_undefined()) return std::vector<value>();
    if (const auto* l = v.items()) {
        QSLIP_CHECK(costs.charge(1 + l->items.size()));
        return l->items;
    }
    if (const auto* s = v.string()) {
        QSLIP_CHECK(costs.charge(1 + part_cost * s->size()));
        return characters(*s);
    }
    if (const auto* d = v.members()) {
        QSLIP_CHECK(costs.charge(1 + d->members.size()));
        std::vector<value> keys;
        for (const auto& [key, item] : d->members) keys.push_back(make_text(key));
        return keys;
    }
    return wrong_type("a list is needed here", v);
}

result<value> apply_filter(const std::string& name, const value& input, call_arguments args, budget& costs) {
    for (const auto& f : filters) {
        if (f.name != name) continue;
        auto out = f.run({name, input, args, costs});
        if (!out) return status(out.status().code(), "filter " + name + ": " + out.status().message());
        if (const auto extra = args.done(); !extra.ok())
            return status(extra.code(), "filter " + name + ": " + extra.message());
        return out;
    }
    return status(errc::unsupported, "filter " + qslip::quoted(name));
}

result<bool> apply_test(const std::string& name, const value& v, call_arguments args, budget& costs) {
    bool known = false;
    const bool holds = is_test_of_type(name, v, known);
    if (known) {
        if (!args.at.empty() || !args.named.empty())
            return status(errc::unsupported, "test " + name + " with an argument");
        return holds;
    }
    if (name == "odd" || name == "even" || name == "divisibleby") {
        const auto* i = v.as<std::int64_t>();
        QSLIP_TRY(const auto by, whole_or(args.take(0, "num"), 2, "the divisor"));
        if (!i) return wrong_type("test " + name + " needs an integer", v);
        if (by == 0 || by == -1)
            return by == 0 ? result<bool>(status(errc::schema, "division by zero")) : true;
        return (*i % by == 0) != (name == "odd");
    }
    const auto other = args.take(0, "other");
    static constexpr std::string_view comparing[] = {"eq",       "equalto",     "==", "ne", "!=", "sameas",
                                                     "gt",       "greaterthan", ">",  "ge", ">=", "lt",
                                                     "lessthan", "<",           "le", "<=", "in"};
    if (std::find(std::begin(comparing), std::end(comparing), name) == std::end(comparing))
        return status(errc::unsupported, "test " + qslip::quoted(name));
    if (!other) return status(errc::schema, "test " + name + " needs an argument");
    QSLIP_CHECK(costs.charge(1 + std::min(v.weight(), other->weight())));
    if (name == "in") return contains(*other, v, costs);
    if (name == "eq" || name == "equalto" || name == "==") return equal(v, *other);
    if (name == "ne" || name == "!=") return !equal(v, *other);
    if (name == "sameas") {
        if (v.v.index() != other->v.index()) return false;
        if (v.as<none>() || v.as<bool>()) return equal(v, *other);
        return status(errc::unsupported, "test sameas of " + type_name(v));
    }
    QSLIP_TRY(const auto order, compare_order(v, *other));
    if (name == "gt" || name == "greaterthan" || name == ">") return order > 0;
    if (name == "ge" || name == ">=") return order >= 0;
    if (name == "lt" || name == "lessthan" || name == "<") return order < 0;
    return order <= 0;
}

result<bool> has_method(const value& v, const std::string& name) {
    static constexpr std::string_view of_strings[] = {"strip",    "lstrip",  "rstrip", "split", "startswith",
                                                      "endswith", "replace", "upper",  "lower", "title"};
    static constexpr std::string_view of_dicts[] = {"items", "keys", "values", "get"};
    static constexpr std::string_view missing[] = {"append", "extend", "insert",     "pop",     "index",
                                                   "count",  "remove", "reverse",    "sort",    "copy",
                                                   "clear",  "update", "setdefault", "popitem", "fromkeys"};
    const auto has = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), name) != std::end(names);
    };
    if (v.string()) {
        if (has(of_strings)) return true;
        return status(errc::unsupported, "method or member " + qslip::quoted(name) + " of a string");
    }
    if (v.members() && has(of_dicts)) return true;
    if ((v.members() || v.items()) && has(missing) && !(v.members() && v.members()->find(name)))
        return status(errc::unsupported, "method " + qslip::quoted(name) + " of " + type_name(v));
    return false;
}

static result<value> call_string_method(const text& s, const std::string& name, call_arguments& args,
                                        budget& costs) {
    QSLIP_CHECK(costs.charge(1 + s.size() / 16));
    if (name == "upper" || name == "lower" || name == "title") {
        const auto how = name == "upper"   ? letter_case::upper
                         : name == "lower" ? letter_case::lower
                                           : letter_case::title_method;
        QSLIP_TRY(auto changed, with_case(s, how, name));
        return costs.made(std::move(changed));
    }
    if (name == "replace") return replace_in(s, args, costs);
    const auto given = args.take(0, name == "split" ? "sep" : "");
    if (name.ends_with("strip")) {
        std::optional<std::string> chars;
        if (given && !given->as<none>()) {
            QSLIP_TRY(chars, need_string(given, "the characters to strip"));
        }
        return costs.made(strip(s, chars, name != "rstrip", name != "lstrip"));
    }
    if (name == "split") {
        const auto most_given = args.take(1, "maxsplit");
        if (!given || given->as<none>()) {
            if (most_given) return status(errc::unsupported, "split at white space with a limit");
            QSLIP_TRY(auto words, split_at_space(s, costs));
            return costs.made(make_list(std::move(words)));
        }
        QSLIP_TRY(const auto mark, need_string(given, "the separator"));
        QSLIP_TRY(const auto most, whole_or(most_given, -1, "the limit"));
        if (mark.empty()) return status(errc::schema, "an empty separator");
        QSLIP_CHECK(costs.charge(search_cost(s.size(), mark.size())));
        QSLIP_TRY(auto parts, split_at(s, mark, most, costs));
        return costs.made(make_list(std::move(parts)));
    }
    if (given && given->items()) {  // startswith and endswith take a tuple of choices
        for (const auto& choice : given->items()->items) {
            QSLIP_TRY(const auto part, need_string(choice, name));
            if (name == "startswith" ? s.bytes().starts_with(part) : s.bytes().ends_with(part))
                return value{true};
        }
        return value{false};
    }
    QSLIP_TRY(const auto part, need_string(given, name));
    return value{name == "startswith" ? s.bytes().starts_with(part) : s.bytes().ends_with(part)};
}

static result<value> call_dict_method(const dict& d, const std::string& name, call_arguments& args,
                                      budget& costs) {
    QSLIP_CHECK(costs.charge(1 + d.members.size() / 8));
    if (name == "get") {
        const auto key = args.take(0, "");
        const auto otherwise = args.take(1, "");
        if (!key) return status(errc::schema, "get needs a key");
        const auto* found = key->string() ? d.find(key->string()->bytes()) : nullptr;
        return found ? *found : otherwise.value_or(value{none{}});
    }
    if (name == "items") return costs.made(items_of_dict(d));
    std::vector<value> out;
    for (const auto& [key, item] : d.members) out.push_back(name == "keys" ? make_text(key) : item);
    return costs.made(make_list(std::move(out)));
}

result<value> call_method(const value& self, const std::string& name, call_arguments args, budget& costs) {
    auto out = self.string() ? call_string_method(*self.string(), name, args, costs)
                             : call_dict_method(*self.members(), name, args, costs);
    if (!out) return status(out.status().code(), "method " + name + ": " + out.status().message());
    if (const auto extra = args.done(); !extra.ok())
        return status(extra.code(), "method " + name + ": " + extra.message());
    return out;
}

static result<value> character_at(const text& s, std::int64_t i, budget& costs) {
    QSLIP_CHECK(costs.charge(1 + s.size() / 16));
    const auto n = static_cast<std::int64_t>(n_code_points(s.bytes()));
    if (i < 0) i += n;
    if (i < 0 || i >= n) return value{undefined{"a character"}};
    std::size_t at = 0;
    const std::string_view bytes = s.bytes();
    const auto width = [&] { return std::max<std::size_t>(1, utf8_char_bytes(bytes.substr(at))); };
    for (; i > 0; --i) at += width();
    return make_text(s.substr(at, width()));
}

result<value> get_item(const value& of, const value& key, budget& costs) {
    const auto* name = key.string();
    const auto missing = [&] { return value{undefined{name ? name->bytes() : "an item"}}; };
    if (of.is_undefined()) return wrong_type("an item is taken", of);
    if (const auto* s = of.as<space*>()) {
        const auto found = name ? (*s)->members.find(name->bytes()) : (*s)->members.end();
        return found == (*s)->members.end() ? missing() : found->second;
    }
    if (const auto* d = of.members()) {
        QSLIP_CHECK(costs.charge(1 + d->members.size() / 8));
        const auto* found = name ? d->find(name->bytes()) : nullptr;
        return found ? *found : missing();
    }
    const auto* i = key.as<std::int64_t>();
    if (!i) return missing();
    if (of.string()) return character_at(*of.string(), *i, costs);
    if (!of.items()) return missing();
    const auto& items = of.items()->items;
    const auto n = static_cast<std::int64_t>(items.size());
    const auto at = *i < 0 ? *i + n : *i;
    return at >= 0 && at < n ? items[static_cast<std::size_t>(at)] : missing();
}

result<int> compare_order(const value& a, const value& b) {
    if (a.string() && b.string()) {
        const int order = a.string()->bytes().compare(b.string()->bytes());
        return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    if (a.as<std::int64_t>() && b.as<std::int64_t>()) {
        const auto x = *a.as<std::int64_t>(), y = *b.as<std::int64_t>();
        return x < y ? -1 : x > y ? 1 : 0;
    }
    if (!a.is_number() || !b.is_number())
        return status(errc::schema, "cannot order " + type_name(a) + " and " + type_name(b));
    const double x = number_of(a), y = number_of(b);
    return x < y ? -1 : x > y ? 1 : 0;
}

result<bool> contains(const value& container, const value& item, budget& costs) {
    if (const auto* s = container.string()) {
        if (!item.string()) return wrong_type("a string is looked for in a string", item);
        QSLIP_CHECK(costs.charge(search_cost(s->size(), item.string()->size())));
        return s->bytes().find(item.string()->bytes()) != std::string::npos;
    }
    if (const auto* d = container.members()) {
        QSLIP_CHECK(costs.charge(1 + d->members.size() / 8));
        return item.string() && d->find(item.string()->bytes()) != nullptr;
    }
    QSLIP_CHECK(costs.charge(container.weight()));
    QSLIP_TRY(const auto items, items_of(container, costs));
    return std::any_of(items.begin(), items.end(), [&](const auto& x) { return equal(x, item); });
}

}  // namespace qslip::chat
