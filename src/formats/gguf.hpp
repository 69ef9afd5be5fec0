#pragma once
#include <qslip/detail/core/dtype.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files/input_file.hpp"
#include "formats/gguf_value.hpp"

namespace qslip {

/// A tensor of a GGUF file. Its rows are dims[0] long and lie one after another.
struct tensor_info {
    std::string name;
    dtype type;
    std::vector<std::uint64_t> dims;  ///< 1 to 4, each >= 1, ggml order: dims[0] varies fastest
    std::uint64_t offset;             ///< absolute in the file, a multiple of the alignment
    std::uint64_t size_bytes;
    std::uint64_t n_elements;

    std::uint64_t row_length() const noexcept { return dims[0]; }
    std::uint64_t n_rows() const noexcept { return n_elements / dims[0]; }
};

/// The header of a GGUF file, version 2 or 3, little-endian: all of it is read and checked at open, the
/// tensors' bytes only when asked for.
///
/// What open() vouches for: keys and tensor names are unique and not empty; counts, lengths and products fit
/// the file and the limits (checked before memory is taken); tensors lie inside the file, aligned, apart from
/// each other, and their size follows from type and shape; rows hold whole blocks. A tensor with no dimension
/// is one number (dims = {1}); one with a dimension 0 is refused. Arrays of arrays are refused.
///
/// Memory: the header once, 40 bytes per key, about 150 bytes per tensor.
/// Thread-safe: const calls may run in parallel. Views and spans live as long as the object; moving it keeps
/// them.
class gguf_file {
public:
    /// Errors: those of input_file::open; truncated (cut download), format (not GGUF, contradictory, Git-LFS
    /// pointer), unsupported (version 1, big-endian, a tensor type without a codec), limit.
    static result<gguf_file> open(const std::string& path, const limits& limits = {});

    const input_file& file() const noexcept { return file_; }
    std::uint32_t version() const noexcept { return version_; }
    /// general.alignment, 32 when absent.
    std::uint64_t alignment() const noexcept { return alignment_; }
    /// Where tensor data begins; may lie at or beyond the end of a file without tensors.
    std::uint64_t data_offset() const noexcept { return data_offset_; }

    /// In file order.
    std::span<const tensor_info> tensors() const noexcept { return tensors_; }
    /// nullptr when there is none.
    const tensor_info* find_tensor(std::string_view name) const noexcept;

    std::size_t n_keys() const noexcept { return keys_.size(); }
    /// The i-th entry in file order, i < n_keys().
    gguf_entry entry(std::size_t i) const noexcept;
    bool has(std::string_view key) const noexcept { return find_key(key) != nullptr; }

    /// Typed metadata. Errors of all: not_found (no such key), type (names key, type found and wanted).
    /// Any integer type that holds a non-negative number; a negative one is an `arg` error.
    result<std::uint64_t> get_uint(std::string_view key) const;
    /// f32 or f64.
    result<double> get_f32(std::string_view key) const;
    result<bool> get_bool(std::string_view key) const;
    result<std::string_view> get_string(std::string_view key) const;
    result<string_list> get_string_array(std::string_view key) const;
    result<std::vector<float>> get_f32_array(std::string_view key) const;
    /// Any integer type whose values fit, else `arg`.
    result<std::vector<std::int32_t>> get_i32_array(std::string_view key) const;
    /// An array of i8 or u8 as bytes, a view into this object.
    result<std::string_view> get_bytes(std::string_view key) const;
    result<std::vector<bool>> get_bool_array(std::string_view key) const;

    /// The tensor's bytes; `out` must be size_bytes long (else `arg`). Errors: those of input_file::read_at.
    status read_tensor(const tensor_info& tensor, std::span<std::byte> out) const;

private:
    friend class gguf_parser;
    struct key_entry {
        std::uint64_t key_offset, payload_offset, payload_bytes, count;
        std::uint32_t key_bytes;
        std::uint8_t type, element_type;
    };
    explicit gguf_file(input_file file) : file_(std::move(file)) {}
    std::string_view key_of(const key_entry& k) const noexcept;
    const key_entry* find_key(std::string_view key) const noexcept;
    result<gguf_entry> need(std::string_view key) const;
    result<gguf_entry> need_array(std::string_view key, const char* wanted) const;
    status wrong_type(const gguf_entry& found, const char* wanted) const;

    input_file file_;
    std::vector<std::byte> header_;  // everything before the padding in front of the tensor data
    std::vector<key_entry> keys_;
    std::vector<tensor_info> tensors_;
    std::vector<std::uint32_t> keys_by_name_, tensors_by_name_;
    std::uint64_t alignment_ = 32, data_offset_ = 0;
    std::uint32_t version_ = 0;
};

}  // namespace qslip
