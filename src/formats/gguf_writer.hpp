#pragma once
#include <qslip/detail/core/dtype.hpp>
#include <qslip/detail/files/atomic_file.hpp>
#include <qslip/errors.hpp>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf_value.hpp"

namespace qslip {

/// Writes a GGUF file, version 3: first declare metadata and tensors, then feed the tensors' bytes in the
/// order of their declaration, in pieces of any size. Nothing of a tensor is kept; padding is zeros; the file
/// appears only at commit() (see atomic_file). What add_* finds wrong (a key or name twice or empty, a name
/// above 63 bytes, which llama.cpp refuses, a row that is no whole number of blocks) is reported by append()
/// and commit(), code `arg`.   Not thread-safe.
class gguf_writer {
public:
    /// Errors: those of atomic_file::create.
    static result<gguf_writer> create(const std::string& path);

    /// One entry of another file, as it is. Sets the alignment when it is general.alignment.
    void add_entry(const gguf_entry& entry);
    void add_uint(std::string_view key, std::uint32_t value) { add_scalar(key, gguf_type::u32, value); }
    void add_int(std::string_view key, std::int32_t value) { add_scalar(key, gguf_type::i32, value); }
    void add_f32(std::string_view key, float value) { add_scalar(key, gguf_type::f32, value); }
    void add_bool(std::string_view key, bool value) {
        add_scalar(key, gguf_type::boolean, static_cast<std::uint8_t>(value));
    }
    void add_string(std::string_view key, std::string_view value);
    void add_string_array(std::string_view key, std::span<const std::string> values);
    void add_f32_array(std::string_view key, std::span<const float> values);
    void add_i32_array(std::string_view key, std::span<const std::int32_t> values);

    /// dims in ggml order (dims[0] fastest), 1 to 4, each >= 1.
    void add_tensor(std::string_view name, dtype type, std::span<const std::uint64_t> dims);

    /// The next bytes of the tensors; the first call ends the declarations.
    /// Errors: arg (more bytes than declared, or a wrong declaration), those of atomic_file::write.
    status append(std::span<const std::byte> bytes);

    /// Errors: arg (a tensor lacks bytes), those of atomic_file::commit.
    status commit();

private:
    struct tensor_entry {
        std::string name;
        dtype type;
        std::vector<std::uint64_t> dims;
        std::uint64_t offset, size_bytes;
    };
    explicit gguf_writer(atomic_file file) : file_(std::move(file)) {}
    template <class T>
    void add_scalar(std::string_view key, gguf_type type, T value) {
        add_entry({key, type, type, 1, std::as_bytes(std::span(&value, 1))});
    }
    void refuse(const std::string& what);
    status write_header();
    status finish_tensor();
    status write_zeros(std::uint64_t n);

    atomic_file file_;
    status declared_;
    std::string metadata_;
    std::vector<std::string> keys_;
    std::vector<tensor_entry> tensors_;
    std::uint64_t alignment_ = 32;
    std::uint64_t data_bytes_ = 0;     // of the tensors declared so far, padded
    std::size_t current_ = 0;          // tensor being fed
    std::uint64_t current_bytes_ = 0;  // fed of it
    bool header_written_ = false;
};

}  // namespace qslip
