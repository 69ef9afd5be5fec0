#include "text/chat/filters.hpp"
#include "text/chat/strings.hpp"

namespace qslip::chat {
namespace {

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
    QSLIP_TRY(const auto chars, string_or_none(c.args.take(0, "chars"), "the characters to trim"));
    QSLIP_TRY(auto trimmed, strip(s, chars, true, true, c.costs));
    return c.costs.made(std::move(trimmed));
}

result<value> filter_replace(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    return replace_in(s, c.args, c.costs);
}

result<value> filter_string(filter_call c) {
    QSLIP_TRY(auto s, c.string());
    return c.costs.made(std::move(s));
}

result<value> filter_safe(filter_call c) { return c.input; }

result<value> filter_tojson(filter_call c) {
    QSLIP_TRY(const auto indent, whole_or(c.args.take(0, "indent"), -1, "the indent"));
    if (indent > 64) return status(errc::limit, "an indent beyond 64");
    QSLIP_TRY(auto json, to_json(c.input, indent, c.costs));
    return c.costs.made(std::move(json));
}

/// What filter indent puts in front of a line: a string, or so many spaces.
result<text> padding(const std::optional<value>& given) {
    if (given && given->string()) return *given->string();
    QSLIP_TRY(const auto width, whole_or(given, 4, "the width"));
    if (width > 256) return status(errc::limit, "an indent beyond 256");
    return text(std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, width)), ' '), false);
}
result<value> filter_indent(filter_call c) {
    QSLIP_TRY(const auto s, c.string());
    QSLIP_TRY(const auto pad, padding(c.args.take(0, "width")));
    const bool first = flag_or(c.args.take(1, "first"), false),
               blank = flag_or(c.args.take(2, "blank"), false);
    text out;
    std::size_t at = 0;
    for (bool is_first = true; at <= s.size(); is_first = false) {
        const auto end = std::min(s.bytes().find('\n', at), s.size());
        const auto line = s.substr(at, end - at);
        if (is_first ? first : blank || line.size() > 0) out += pad;
        out += line;
        if (end < s.size()) out += s.substr(end, 1);
        QSLIP_CHECK(c.costs.charge(1));
        QSLIP_CHECK(c.costs.need_string_size(out.size()));
        at = end + 1;
    }
    return c.costs.made(std::move(out));
}

}  // namespace

result<value> replace_in(const text& s, call_arguments& args, budget& costs) {
    QSLIP_TRY(const auto old, need_string(args.take(0, "old"), "what to replace"));
    const auto with = args.take(1, "new");
    QSLIP_CHECK(need_string(with, "what to put there").status());
    QSLIP_TRY(const auto most, whole_or(args.take(2, "count"), -1, "the count"));
    if (old.empty()) return status(errc::unsupported, "replace of an empty string");
    QSLIP_CHECK(costs.charge(search_cost(s.size(), old.size())));
    QSLIP_TRY(auto out, replaced(s, old, *with->string(), most, costs));
    return costs.made(std::move(out));
}

std::span<const known_filter> string_filters() {
    static constexpr known_filter all[] = {{"capitalize", filter_case}, {"indent", filter_indent},
                                           {"lower", filter_case},      {"replace", filter_replace},
                                           {"safe", filter_safe},       {"string", filter_string},
                                           {"title", filter_case},      {"tojson", filter_tojson},
                                           {"trim", filter_trim},       {"upper", filter_case}};
    return all;
}

}  // namespace qslip::chat
