#pragma once
#include <qslip/errors.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "files/input_file.hpp"

namespace qslip {

/// SHA-256 of a stream of bytes.   Source: FIPS 180-4.
class sha256 {
public:
    void update(std::span<const std::byte> bytes) noexcept;
    void update(std::string_view text) noexcept { update(std::as_bytes(std::span(text))); }

    /// The hash of what was fed so far; feeding may go on.
    std::array<std::byte, 32> digest() const noexcept;
    /// As 64 lower-case hex digits.
    std::string hex() const;

private:
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> block_{};
    std::uint64_t n_bytes_ = 0;
};

/// Of a whole file. Errors: those of input_file::read_at.
result<std::string> sha256_hex_of_file(const input_file& file);

}  // namespace qslip
