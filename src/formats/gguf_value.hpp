#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace qslip {

/// Type of a metadata value; numbers are GGUF's own. The list is formats/gguf_type.inc.
enum class gguf_type : std::uint32_t {
#define QSLIP_GGUF_TYPE(name, id, bytes) name = id,
#include "formats/gguf_type.inc"
#undef QSLIP_GGUF_TYPE
};

/// Name as written in the list; "unknown" for another number.
constexpr const char* gguf_type_name(gguf_type t) noexcept {
    switch (t) {
#define QSLIP_GGUF_TYPE(name, id, bytes) \
    case gguf_type::name:                \
        return #name;
#include "formats/gguf_type.inc"
#undef QSLIP_GGUF_TYPE
    }
    return "unknown";
}

/// Bytes of one value in a file; 0 for strings, arrays and unknown types.
constexpr std::uint64_t gguf_type_bytes(gguf_type t) noexcept {
    switch (t) {
#define QSLIP_GGUF_TYPE(name, id, bytes) \
    case gguf_type::name:                \
        return bytes;
#include "formats/gguf_type.inc"
#undef QSLIP_GGUF_TYPE
    }
    return 0;
}

/// One metadata entry as it lies in the file. Borrowed from the gguf_file it came from.
struct gguf_entry {
    std::string_view key;
    gguf_type type;          ///< never unknown
    gguf_type element_type;  ///< of an array; otherwise equal to `type`
    std::uint64_t count;     ///< elements of an array; otherwise 1
    /// Little-endian elements as in the file; each string is a u64 length and its bytes.
    std::span<const std::byte> payload;
};

/// An array of strings: views into the gguf_file it came from, valid while that object lives.
class string_list {
public:
    string_list(const char* base, std::vector<std::uint64_t> starts)
        : base_(base), starts_(std::move(starts)) {}

    std::size_t size() const noexcept { return starts_.size() - 1; }
    bool empty() const noexcept { return size() == 0; }
    /// i < size().
    std::string_view operator[](std::size_t i) const noexcept {
        return {base_ + starts_[i] + 8, static_cast<std::size_t>(starts_[i + 1] - starts_[i] - 8)};
    }

private:
    const char* base_;
    std::vector<std::uint64_t> starts_;  // of each element's length word, then the end
};

}  // namespace qslip
