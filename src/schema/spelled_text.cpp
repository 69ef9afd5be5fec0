#include "schema/spelled_text.hpp"

#include <qslip/detail/core/utf8.hpp>

namespace qslip::schema {

spelled_text spelled(const text_reader& r, std::uint32_t at) {
    const auto& s = r.spans.nodes[at];
    const auto end = s.end - (s.closed ? 1 : 0);
    spelled_text out;
    for (auto i = s.begin + 1; i < end;) {
        out.first.push_back(i);
        const bool escape = r.text[i] == '\\';
        auto size = escape ? (i + 1 < end && r.text[i + 1] == 'u' ? 6u : 2u)
                           : static_cast<std::uint32_t>(utf8_char_bytes(r.text.substr(i, end - i)));
        if (size == 6 && i + 12 <= end && (r.text[i + 2] | 32) == 'd' && (r.text[i + 3] | 32) >= '8')
            size = 12;
        if (size == 6 && i + 3 < end && (r.text[i + 2] | 32) == 'd' && (r.text[i + 3] | 32) >= '8') break;
        if (size == 0 || i + size > end) break;
        const auto character = r.text.substr(i, size);
        if (escape) {
            json_tree one;
            const auto quoted_one = "\"" + std::string(character) + "\"";
            if (one.parse(quoted_one, limits{}).ok()) out.bytes += one[0].view();
        } else {
            out.bytes += character;
        }
        i += size;
        out.ends.push_back(out.bytes.size());
        out.behind.push_back(i);
    }
    return out;
}

}  // namespace qslip::schema
