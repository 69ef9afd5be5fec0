#include "guard.hpp"

#include <cstddef>

namespace qslip::capi {

bool usable(const qslip_error* err) noexcept {
    return err == nullptr || err->struct_size >= sizeof(qslip_error);
}

static bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }
static bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20u || c == 0x7F; }

qslip_status report(qslip_error* err, errc code, const char* message) noexcept {
    const auto number = static_cast<qslip_status>(code);
    if (err == nullptr) return number;
    constexpr std::size_t room = sizeof(err->message) - 1;
    std::size_t n = 0;
    for (; n < room && message[n] != '\0'; ++n) err->message[n] = is_control(message[n]) ? '?' : message[n];
    if (n == room)
        while (n > 0 && continues_character(message[n])) --n;
    err->message[n] = '\0';
    err->code = number;
    return number;
}

}  // namespace qslip::capi
