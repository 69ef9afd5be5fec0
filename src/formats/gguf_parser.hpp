#pragma once
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include <cstring>

#include "core/checked.hpp"
#include "formats/gguf.hpp"

namespace qslip {

/// Reads a gguf_file's header front to back. A number from the file is compared with what the file can still
/// hold, and with the limits, before memory is taken for it.
class gguf_parser {
public:
    gguf_parser(gguf_file& out, const limits& limits) : out_(out), limits_(limits) {}
    status run();

private:
    status parse_start(std::uint64_t& n_tensors, std::uint64_t& n_keys);
    status parse_keys(std::uint64_t n_keys);
    status parse_value(gguf_file::key_entry& key, std::string_view name);
    status check_array(const gguf_file::key_entry& key, std::string_view name);
    status skip_strings(std::uint64_t count, std::string_view name);
    status check_bools(const gguf_file::key_entry& key, std::string_view name);
    status index_keys();
    status read_alignment();
    status parse_tensors(std::uint64_t n_tensors);
    status parse_tensor(tensor_info& tensor);
    status parse_shape(tensor_info& tensor);
    status size_tensor(tensor_info& tensor);
    status index_tensors();
    status place_tensors();
    status check_disjoint();

    /// Makes header bytes [pos_, pos_ + n) present.
    status need(std::uint64_t n, const char* what);
    status skip_string(std::uint64_t limit_bytes, const char* what, std::uint64_t& start,
                       std::uint64_t& bytes);
    template <class T>
    status read(T& value, const char* what) {
        QSLIP_CHECK(need(sizeof(T), what));
        std::memcpy(&value, out_.header_.data() + pos_, sizeof(T));
        pos_ += sizeof(T);
        return {};
    }
    std::string_view text(std::uint64_t start, std::uint64_t bytes) const {
        return {reinterpret_cast<const char*>(out_.header_.data()) + start, static_cast<std::size_t>(bytes)};
    }
    std::uint64_t file_bytes() const { return out_.file_.size_bytes(); }
    std::uint64_t remaining() const { return file_bytes() - pos_; }
    /// "<file>: GGUF header, byte <pos>: <what>".
    status fail(errc code, const std::string& what) const;

    gguf_file& out_;
    const limits& limits_;
    std::uint64_t pos_ = 0;
};

}  // namespace qslip
