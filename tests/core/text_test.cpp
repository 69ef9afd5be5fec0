#include <qslip/detail/core/quote.hpp>

#include <doctest/doctest.h>
#include <string>

using qslip::quoted;
using qslip::utf8_char;
using qslip::utf8_char_bytes;

TEST_CASE("utf8: every code point round-trips, its neighbours of another length do not") {
    for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
        const utf8_char made(point);
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        const std::size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        if (made.size != size || utf8_char_bytes(made.view()) != (surrogate ? 0 : size)) {
            CAPTURE(point);
            REQUIRE(made.size == size);
            REQUIRE(utf8_char_bytes(made.view()) == (surrogate ? 0 : size));
        }
        if (size > 1 && utf8_char_bytes(made.view().substr(0, size - 1)) != 0)
            FAIL("a cut character is accepted");
    }
}

TEST_CASE("utf8: exactly the well-formed sequences of two to four bytes are accepted") {
    std::size_t n2 = 0, n3 = 0, n4 = 0;
    for (unsigned a = 0x80; a < 0x100; ++a)
        for (unsigned b = 0; b < 0x100; ++b)
            for (unsigned c : {0x00u, 0x7Fu, 0x80u, 0xBFu, 0xC0u, 0xFFu}) {
                const char text[] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                                     static_cast<char>(0x80)};
                const auto size = utf8_char_bytes({text, 4});
                n2 += size == 2;
                n3 += size == 3;
                n4 += size == 4;
            }
    CHECK(n2 == 30 * 64 * 6);              // leads C2..DF
    CHECK(n3 == (16 * 64 - 32 - 32) * 2);  // E0..EF without overlongs and surrogates
    CHECK(n4 == (5 * 64 - 16 - 48) * 2);   // F0..F4 without overlongs and above U+10FFFF
    CHECK(qslip::utf8_valid_prefix("ab\xC3\x84\xC3") == 4);
    CHECK(qslip::utf8_valid_prefix("") == 0);
}

TEST_CASE("quoted: one line of UTF-8, whatever the bytes") {
    CHECK(quoted("plain") == "\"plain\"");
    CHECK(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
    CHECK(quoted("\x1B[31m\n\x7F") == "\"\\x1b[31m\\x0a\\x7f\"");
    CHECK(quoted("\xC2\x9B"
                 "31m") == "\"\\xc2\\x9b31m\"");
    CHECK(quoted("\xC3\x84\xFF") == "\"\xC3\x84\\xff\"");
    CHECK(quoted(std::string_view("\0x", 2)) == "\"\\x00x\"");
    CHECK(quoted(std::string(65, 'a')) == '"' + std::string(64, 'a') + "\"...");
    CHECK(quoted(std::string(63, 'a') + "\xC3\x84") == '"' + std::string(63, 'a') + "\"...");
}
