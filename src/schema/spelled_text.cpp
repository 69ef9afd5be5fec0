#include "schema/spelled_text.hpp"

#include "json/json_character.hpp"

namespace qslip::schema {

/// What a character, as JSON writes it, says.
static std::string meaning_of(std::string_view character) {
    if (character[0] != '\\') return std::string(character);
    json_tree one;
    const auto quoted = "\"" + std::string(character) + "\"";
    return one.parse(quoted, limits{}).ok() ? std::string(one[0].view()) : std::string();
}

spelled_text spelled(const text_reader& r, std::uint32_t at) {
    const auto& s = r.spans.nodes[at];
    const auto text = r.text.substr(0, s.end - (s.closed ? 1 : 0));
    spelled_text out;
    for (auto i = s.begin + 1; i < text.size();) {
        out.first.push_back(i);
        const auto character = read_json_character(text.substr(i), json_strings::unicode);
        if (character.fault) break;
        out.bytes += meaning_of(text.substr(i, character.size_bytes));
        i += static_cast<std::uint32_t>(character.size_bytes);
        out.ends.push_back(out.bytes.size());
        out.behind.push_back(i);
    }
    return out;
}

}  // namespace qslip::schema
