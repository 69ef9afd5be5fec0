#include "text/chat/chat_value.hpp"

#include <qslip/detail/core/utf8.hpp>

namespace qslip::chat {

std::string type_name(const value& v) {
    static constexpr const char* names[] = {"undefined",   "none",     "a boolean", "an integer",
                                            "a float",     "a string", "a list",    "a dict",
                                            "a namespace", "the loop", "a macro",   "a function"};
    return names[v.v.index()];
}

bool truthy(const value& v) {
    if (v.is_undefined() || v.as<none>()) return false;
    if (v.is_number()) return real_number(v) != 0;
    if (const auto* s = v.string()) return s->size() != 0;
    if (const auto* l = v.items()) return !l->items.empty();
    if (const auto* d = v.members()) return !d->members.empty();
    return true;
}

std::int64_t whole_number(const value& v) {
    const auto* b = v.as<bool>();
    return b ? (*b ? 1 : 0) : *v.as<std::int64_t>();
}

double real_number(const value& v) {
    const auto* x = v.as<double>();
    return x ? *x : static_cast<double>(whole_number(v));
}

std::size_t n_code_points(std::string_view bytes) {
    std::size_t n = 0;
    while (!bytes.empty()) {
        bytes.remove_prefix(std::max<std::size_t>(1, utf8_char_bytes(bytes)));
        ++n;
    }
    return n;
}

}  // namespace qslip::chat
