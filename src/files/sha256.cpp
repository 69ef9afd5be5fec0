#include "files/sha256.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "files/sha256_blocks.hpp"

namespace qslip {

void sha256::update(std::span<const std::byte> bytes) noexcept {
    const sha256_blocks take = fastest_sha256_blocks();
    while (!bytes.empty()) {
        const std::size_t held = n_bytes_ % 64, n_blocks = held == 0 ? bytes.size() / 64 : 0;
        const std::size_t taken = n_blocks > 0 ? n_blocks * 64 : std::min(bytes.size(), 64 - held);
        n_bytes_ += taken;
        if (n_blocks > 0) {
            take(state_.data(), bytes.data(), n_blocks);
        } else {
            std::memcpy(block_.data() + held, bytes.data(), taken);
            if (held + taken == 64) take(state_.data(), block_.data(), 1);
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
