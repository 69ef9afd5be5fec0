#pragma once
// What bounds a chat template and one rendering of it, besides string_bytes and json_depth of the caller's
// limits. The depths are as large as a stack of 128 KiB holds with room to spare
// (tests/io/chat_hostile_test.cpp).
#include <cstddef>
#include <cstdint>

namespace qslip::chat {

inline constexpr std::size_t max_source_bytes = 1 << 20, max_tokens = 1 << 17, max_name_bytes = 256,
                             max_arguments = 255;
inline constexpr unsigned max_source_depth = 48;    // blocks and expressions within each other
inline constexpr unsigned max_running_depth = 104;  // of nodes being run, those of called macros included
inline constexpr std::uint64_t max_value_depth = 200;
inline constexpr std::uint64_t max_steps = 5'000'000;

}  // namespace qslip::chat
