#include <qslip/settings.hpp>

#include <charconv>

namespace qslip {

std::string setting_text(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
    return text.empty() ? "none" : text;
}

bool read_setting(std::string_view text, bool& on) {
    on = text == "true";
    return on || text == "false";
}

bool read_setting(std::string_view text, std::uint64_t& number) {
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc() && read.ptr == end;
}

bool read_setting(std::string_view text, score_part& part) {
    part = text == "second-half" ? score_part::second_half : score_part::all;
    return text == setting_text(part);
}

bool read_setting(std::string_view text, std::optional<numerics>& mode) {
    mode = find_numerics(text);
    return mode || text == "auto";
}

bool read_setting(std::string_view text, std::vector<std::string>& names) {
    names.clear();
    for (bool more = text != "none"; more;) {
        const auto end = text.find(',');
        names.emplace_back(text.substr(0, end));
        more = end != text.npos;
        text.remove_prefix(more ? end + 1 : 0);
    }
    for (const auto& name : names)
        if (name.empty()) return false;
    return true;
}

}  // namespace qslip
