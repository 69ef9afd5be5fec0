#include <qslip/io/sha256.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace qslip {
namespace {

// First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
constexpr std::uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const std::byte* p) noexcept {
    std::uint32_t v = 0;
    for (int i = 0; i < 4; ++i) v = v << 8 | std::to_integer<std::uint32_t>(p[i]);
    return v;
}

}  // namespace

void sha256::compress(const std::byte* block) noexcept {
    std::uint32_t w[64];
    for (int t = 0; t < 16; ++t) w[t] = big_endian(block + 4 * t);
    for (int t = 16; t < 64; ++t) {
        const auto s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
        const auto s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (int t = 0; t < 64; ++t) {
        const auto sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const auto t1 = h + sum1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
        const auto sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const auto t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const std::uint32_t step[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state_[i] += step[i];
}

void sha256::update(std::span<const std::byte> bytes) noexcept {
    while (!bytes.empty()) {
        const std::size_t held = n_bytes_ % 64;
        const std::size_t taken = std::min(bytes.size(), 64 - held);
        n_bytes_ += taken;
        if (taken == 64) {
            compress(bytes.data());
        } else {
            std::memcpy(block_.data() + held, bytes.data(), taken);
            if (held + taken == 64) compress(block_.data());
        }
        bytes = bytes.subspan(taken);
    }
}

std::array<std::byte, 32> sha256::digest() const noexcept {
    sha256 last = *this;
    std::array<std::byte, 72> padding{std::byte{0x80}};
    const std::size_t n_zeros = (119 - n_bytes_ % 64) % 64;  // up to 8 bytes before the end of a block
    for (unsigned i = 0; i < 8; ++i)
        padding[1 + n_zeros + i] = static_cast<std::byte>(n_bytes_ * 8 >> (56 - 8 * i));
    last.update(std::span(padding).first(9 + n_zeros));
    std::array<std::byte, 32> out{};
    for (std::size_t i = 0; i < 32; ++i)
        out[i] = static_cast<std::byte>(last.state_[i / 4] >> (24 - 8 * (i % 4)));
    return out;
}

std::string sha256::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const auto byte : digest()) {
        out += digits[std::to_integer<unsigned>(byte) >> 4];
        out += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return out;
}

result<std::string> sha256_hex_of_file(const input_file& file) {
    sha256 hash;
    std::vector<std::byte> chunk(std::size_t{1} << 20);
    for (std::uint64_t at = 0; at < file.size_bytes();) {
        const auto part =
            std::span(chunk).first(std::min<std::uint64_t>(chunk.size(), file.size_bytes() - at));
        QSLIP_CHECK(file.read_at(at, part));
        hash.update(part);
        at += part.size();
    }
    return hash.hex();
}

}  // namespace qslip
