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

static std::string unescaped_token(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
            out += token[++i] == '0' ? '~' : '/';
        else
            out += token[i];
    }
    return out;
}

static std::uint32_t item_at(const json_tree& tree, std::uint32_t array, std::string_view token) {
    if (token.empty() || token.size() > 9 || (token[0] == '0' && token.size() > 1)) return none;
    std::uint32_t index = 0;
    for (const char c : token) {
        if (c < '0' || c > '9') return none;
        index = index * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (index >= tree[array].size) return none;
    auto item = array + 1;
    while (index-- > 0) item = tree[item].next;
    return item;
}

std::uint32_t json_tree::at_pointer(std::uint32_t from, std::string_view pointer) const {
    while (!pointer.empty()) {
        if (pointer[0] != '/') return none;
        pointer.remove_prefix(1);
        const auto token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        if (nodes_[from].kind == kind::object)
            from = find(from, unescaped_token(token));
        else
            from = nodes_[from].kind == kind::array ? item_at(*this, from, token) : none;
        if (from == none) return none;
    }
    return from;
}

}  // namespace qslip::schema
