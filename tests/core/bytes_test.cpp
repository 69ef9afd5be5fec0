#include <qslip/detail/core/bytes.hpp>

#include <doctest/doctest.h>
#include <string_view>

using namespace qslip;

namespace {

std::uint64_t crc64_of(std::string_view text) { return crc64(std::as_bytes(std::span(text))); }

/// The definition, a bit at a time.
std::uint64_t crc64_by_bits(std::string_view text) {
    std::uint64_t crc = ~std::uint64_t{0};
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xC96C5795D7870F42ull : 0);
    }
    return ~crc;
}

}  // namespace

TEST_CASE("crc64 is CRC-64/XZ, at every length around its steps") {
    CHECK(crc64_of("123456789") == 0x995dc9bbdf1939faull);  // the check value of the catalogue of CRCs
    const std::string_view text = "\xff\x80 forty bytes, of which any number may be summed";
    for (std::size_t n = 0; n <= text.size(); ++n)
        CHECK(crc64_of(text.substr(0, n)) == crc64_by_bits(text.substr(0, n)));
}
