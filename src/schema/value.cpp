#include "schema/value.hpp"

namespace qslip::schema {

std::uint32_t json_tree::find(std::uint32_t object, std::string_view key) const noexcept {
    const auto& top = nodes_[object];
    if (top.kind != kind::object) return none;
    for (auto k = object + 1; k < top.next; k = nodes_[k + 1].next)
        if (nodes_[k].view() == key) return k + 1;
    return none;
}

std::string pointer_token(std::string_view token) {
    std::string out;
    for (const char c : token)
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    return out;
}

std::string json_tree::pointer_to(std::uint32_t target) const {
    std::string out;
    for (std::uint32_t at = 0; at < target;) {
        const bool object = nodes_[at].kind == kind::object;
        std::uint32_t child = at + 1 + (object ? 1 : 0), index = 0;
        // A key is told by its own name.
        while (nodes_[child].next <= target) {
            if (object && nodes_[child].next == target) break;
            child = nodes_[child].next + (object ? 1 : 0);
            ++index;
        }
        if (object && nodes_[child].next == target) child = target + 1;
        if (object && child == target + 1) return out + "/" + pointer_token(nodes_[target].view());
        out += "/" + (object ? pointer_token(nodes_[child - 1].view()) : std::to_string(index));
        at = child;
    }
    return out;
}

}  // namespace qslip::schema
