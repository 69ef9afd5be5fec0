#include "eval/capsule_format.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/checked.hpp"
#include "files/sha256.hpp"

static_assert(std::endian::native == std::endian::little, "rows are read as they lie in the file");

namespace qslip::capsule_format {
namespace {

template <class Number>
void put_rows(byte_writer& out, const std::vector<Number>& rows) {
    out.raw(std::as_bytes(std::span(rows)));
}

template <class Number>
void get_rows(byte_reader& in, std::size_t n, std::vector<Number>& rows) {
    const auto bytes = in.raw(n * sizeof(Number));
    rows.resize(bytes.size() / sizeof(Number));
    if (!bytes.empty()) std::memcpy(rows.data(), bytes.data(), bytes.size());
}

}  // namespace

result<row_shape> row_shape::of(const fields& all) {
    constexpr std::uint64_t most = 1u << 30;
    row_shape shape;
    QSLIP_TRY(shape.d_model, run_header::number_field(all, "d_model", most));
    QSLIP_TRY(shape.n_vocab, run_header::number_field(all, "n_vocab", most));
    QSLIP_TRY(const auto kept, run_header::number_field(all, "logits", 1));
    shape.has_logits = kept == 1;
    return shape;
}

result<header> decode_header(std::span<const std::byte> bytes, const limits& limits) {
    header out;
    out.size_bytes = bytes.size();
    QSLIP_TRY(out.all, run_header::decode(bytes, limits));
    QSLIP_TRY(out.shape, row_shape::of(out.all));
    QSLIP_TRY(out.n_items, run_header::number_field(out.all, "n_items", limits.suite_items));
    return out;
}

std::vector<std::byte> encode_record(std::size_t item, const base_rows& rows) {
    byte_writer out;
    out.u32(static_cast<std::uint32_t>(item));
    out.u32(static_cast<std::uint32_t>(rows.targets.size()));
    put_rows(out, rows.targets);
    put_rows(out, rows.hidden);
    put_rows(out, rows.logits);
    out.u64(crc64(out.bytes()));
    return out.take();
}

record_start start_of_record(std::span<const std::byte> first8, const row_shape& shape) {
    byte_reader in(first8);
    record_start out;
    out.item = in.u32();
    out.n_rows = in.u32();
    // At most 2^32 rows of 2^34 bytes would wrap: such a record is longer than any file.
    const auto bytes = checked_size(out.n_rows) * shape.row_bytes() + min_record_bytes;
    out.size_bytes = bytes.get().value_or(~std::uint64_t{0});
    return out;
}

std::uint64_t record_checksum(std::span<const std::byte> record) {
    return byte_reader(record.last(checksum_bytes)).u64();
}

bool decode_record(std::span<const std::byte> record, std::size_t item, const row_shape& shape,
                   base_rows& out) {
    if (record.size() < min_record_bytes || !run_header::sum_matches(record)) return false;
    const auto start = start_of_record(record.first(8), shape);
    if (start.item != item || start.size_bytes != record.size()) return false;
    byte_reader in(record);
    in.u64();
    get_rows(in, start.n_rows, out.targets);
    get_rows(in, start.n_rows * shape.d_model, out.hidden);
    get_rows(in, shape.has_logits ? start.n_rows * shape.n_vocab : 0, out.logits);
    return std::ranges::all_of(out.targets, [&](std::int32_t id) {
        return id >= 0 && static_cast<std::uint64_t>(id) < shape.n_vocab;
    });
}

std::vector<std::byte> encode_end(std::span<const std::byte> header, std::span<const index_entry> index,
                                  std::uint64_t index_offset) {
    byte_writer out;
    for (const auto& entry : index) {
        out.u64(entry.offset);
        out.u64(entry.checksum);
    }
    out.u64(index_offset);
    out.u64(index.size());
    sha256 hash;
    hash.update(header);
    hash.update(out.bytes());
    out.raw(hash.digest());
    out.raw(std::as_bytes(std::span(end_magic)));
    return out.take();
}

}  // namespace qslip::capsule_format
