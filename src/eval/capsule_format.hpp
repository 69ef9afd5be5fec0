#pragma once
// The bytes of a capsule and of its unfinished form; docs/capsule.md.
#include <qslip/detail/core/bytes.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/base_rows.hpp"
#include "eval/run/run_header.hpp"

namespace qslip::capsule_format {

using run_header::checksum_bytes, run_header::start_bytes, run_header::fields;

inline constexpr run_header::file_kind kind{"QSLPBASE", 1, "baseline capsule"};
inline constexpr std::string_view end_magic = "QSLPDONE";
inline constexpr std::size_t min_record_bytes = 8 + checksum_bytes, index_entry_bytes = 16,
                             footer_bytes = 8 + 8 + 32 + 8;  // index offset, items, SHA-256, magic

/// Numbers of one scored position.
struct row_shape {
    std::uint64_t d_model = 0, n_vocab = 0;
    bool has_logits = false;
    std::uint64_t row_bytes() const { return 4 + 4 * d_model + (has_logits ? 4 * n_vocab : 0); }
    /// From "d_model", "n_vocab", "logits". Errors: format.
    static result<row_shape> of(const fields& all);
};

struct header {
    fields all;
    row_shape shape;
    std::uint64_t n_items = 0;
    std::uint64_t size_bytes = 0;
};
result<header> decode_header(std::span<const std::byte> bytes, const limits& limits);

std::vector<std::byte> encode_record(std::size_t item, const base_rows& rows);
/// Item and rows of a record from its first 8 bytes.
struct record_start {
    std::uint32_t item = 0, n_rows = 0;
    std::uint64_t size_bytes = 0;  ///< of the whole record
};
record_start start_of_record(std::span<const std::byte> first8, const row_shape& shape);
std::uint64_t record_checksum(std::span<const std::byte> record);
/// False when the bytes are no record of `item`.
bool decode_record(std::span<const std::byte> record, std::size_t item, const row_shape& shape,
                   base_rows& out);

struct index_entry {
    std::uint64_t offset = 0, checksum = 0;
};
/// Index and footer of records that lie one after another behind the header and end at `index_offset`.
std::vector<std::byte> encode_end(std::span<const std::byte> header, std::span<const index_entry> index,
                                  std::uint64_t index_offset);

}  // namespace qslip::capsule_format
