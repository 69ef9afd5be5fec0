#pragma once
#include <cstddef>
#include <cstdint>

namespace qslip {

/// state [8] takes in n blocks of 64 bytes.
using sha256_blocks = void (*)(std::uint32_t* state, const std::byte* blocks, std::size_t n) noexcept;

void sha256_blocks_plain(std::uint32_t* state, const std::byte* blocks, std::size_t n) noexcept;
/// By the CPU's own instructions where it has them.
sha256_blocks fastest_sha256_blocks() noexcept;

}  // namespace qslip
