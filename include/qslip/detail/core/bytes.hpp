#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qslip {

/// Appends little-endian numbers.
class byte_writer {
public:
    void u8(std::uint8_t v) { put(v, 1); }
    void u32(std::uint32_t v) { put(v, 4); }
    void u64(std::uint64_t v) { put(v, 8); }
    void i32(std::int32_t v) { u32(static_cast<std::uint32_t>(v)); }
    void f64(double v) { u64(std::bit_cast<std::uint64_t>(v)); }
    void raw(std::span<const std::byte> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

    std::span<const std::byte> bytes() const noexcept { return out_; }
    std::vector<std::byte> take() noexcept { return std::move(out_); }

private:
    void put(std::uint64_t v, int n_bytes) {
        for (int i = 0; i < n_bytes; ++i) out_.push_back(static_cast<std::byte>(v >> (8 * i)));
    }
    std::vector<std::byte> out_;
};

/// Reads little-endian numbers from untrusted bytes. A read beyond the end gives 0 and clears ok() for
/// good, so a decoder checks once, at the end. Borrows the bytes.
class byte_reader {
public:
    explicit byte_reader(std::span<const std::byte> bytes) noexcept : in_(bytes) {}

    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(get(1)); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(get(4)); }
    std::uint64_t u64() noexcept { return get(8); }
    std::int32_t i32() noexcept { return static_cast<std::int32_t>(u32()); }
    double f64() noexcept { return std::bit_cast<double>(u64()); }
    std::span<const std::byte> raw(std::size_t n) noexcept {
        if (!take(n)) return {};
        return in_.subspan(at_ - n, n);
    }
    /// A count of entries of at least `entry_bytes` each; one the rest cannot hold clears ok().
    std::size_t count(std::size_t entry_bytes) noexcept {
        const std::uint64_t n = u64();
        if (n > remaining() / entry_bytes) fail();
        return ok_ ? static_cast<std::size_t>(n) : 0;
    }
    void fail() noexcept { ok_ = false; }
    /// Clears ok() unless `condition` holds.
    void require(bool condition) noexcept { ok_ = ok_ && condition; }

    bool ok() const noexcept { return ok_; }
    std::size_t position() const noexcept { return at_; }
    std::size_t remaining() const noexcept { return in_.size() - at_; }

private:
    bool take(std::size_t n) noexcept {
        if (!ok_ || n > remaining()) ok_ = false;
        if (ok_) at_ += n;
        return ok_;
    }
    std::uint64_t get(std::size_t n) noexcept {
        if (!take(n)) return 0;
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < n; ++i) v |= std::to_integer<std::uint64_t>(in_[at_ - n + i]) << (8 * i);
        return v;
    }
    std::span<const std::byte> in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// CRC-64 with the ECMA-182 polynomial, reflected, inverted in and out (CRC-64/XZ). Eight bytes a step: table
/// k holds what a byte does to the sum when k more bytes follow it in the step.
inline std::uint64_t crc64(std::span<const std::byte> bytes) noexcept {
    static constexpr auto tables = [] {
        std::array<std::array<std::uint64_t, 256>, 8> t{};
        for (std::uint64_t i = 0; i < 256; ++i) {
            std::uint64_t c = i;
            for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0xC96C5795D7870F42ull : 0);
            t[0][i] = c;
        }
        for (std::size_t k = 1; k < 8; ++k)
            for (std::size_t i = 0; i < 256; ++i) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xFF];
        return t;
    }();
    std::uint64_t crc = ~std::uint64_t{0};
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        crc ^= byte_reader(bytes).u64();
        std::uint64_t next = 0;
        for (std::size_t i = 0; i < 8; ++i) next ^= tables[7 - i][(crc >> (8 * i)) & 0xFF];
        crc = next;
    }
    for (const std::byte b : bytes)
        crc = (crc >> 8) ^ tables[0][(crc ^ std::to_integer<std::uint64_t>(b)) & 0xFF];
    return ~crc;
}

}  // namespace qslip
