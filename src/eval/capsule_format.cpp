#include "eval/capsule_format.hpp"

#include <qslip/core/checked.hpp>
#include <qslip/core/quote.hpp>
#include <qslip/core/text.hpp>
#include <qslip/io/json_writer.hpp>
#include <qslip/io/sha256.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "io/json_read.hpp"

static_assert(std::endian::native == std::endian::little, "rows are read as they lie in the file");

namespace qslip::capsule_format {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

result<std::uint64_t> number_field(const fields& all, std::string_view name, std::uint64_t most) {
    const auto* text = find_field(all, name);
    std::uint64_t n = 0;
    const auto* end = text ? text->data() + text->size() : nullptr;
    if (!text || text->empty() || std::from_chars(text->data(), end, n).ptr != end || n > most)
        return status(errc::format,
                      "manifest field " + std::string(name) + " is no number up to " + grouped(most));
    return n;
}

result<fields> parse_fields(std::string_view json, const limits& lim) {
    json_reader reader(lim);
    const auto text = json_text::copy_of(json);
    QSLIP_TRY(const auto root, reader.parse(text, "manifest"));
    QSLIP_TRY(const auto members, root.members());
    fields all;
    for (const auto& [name, node] : members) {
        QSLIP_TRY(const auto value, node.text());
        all.emplace_back(name, value);
    }
    return all;
}

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

const std::string* find_field(const fields& all, std::string_view name) {
    const auto at = std::ranges::find(all, name, &fields::value_type::first);
    return at == all.end() ? nullptr : &at->second;
}

status same_fields(const fields& here, const fields& there, errc code, const std::string& what) {
    for (const auto& [name, value] : here) {
        const auto* other = find_field(there, name);
        if (other && *other == value) continue;
        return {code, what + ": " + name + " is " + (other ? qslip::quoted(*other) : "missing") + " there, " +
                          qslip::quoted(value) + " here"};
    }
    return {};
}

result<row_shape> row_shape::of(const fields& all) {
    constexpr std::uint64_t most = 1u << 30;
    row_shape shape;
    QSLIP_TRY(shape.d_model, number_field(all, "d_model", most));
    QSLIP_TRY(shape.n_vocab, number_field(all, "n_vocab", most));
    QSLIP_TRY(const auto kept, number_field(all, "logits", 1));
    shape.has_logits = kept == 1;
    return shape;
}

std::vector<std::byte> encode_header(const fields& all) {
    std::string json;
    json_writer w(json);
    w.begin_object();
    for (const auto& [name, value] : all) w.member(name, value);
    w.end_object();
    byte_writer out;
    out.raw(std::as_bytes(std::span(magic)));
    out.u32(version);
    out.u32(static_cast<std::uint32_t>(json.size()));
    out.raw(std::as_bytes(std::span(json)));
    out.u64(crc64(out.bytes()));
    return out.take();
}

result<std::uint64_t> header_size(std::span<const std::byte> start, const limits& lim) {
    byte_reader in(start);
    if (as_text(in.raw(magic.size())) != magic) return status(errc::format, "not a baseline capsule");
    const auto found = in.u32();
    if (found != version)
        return status(errc::unsupported, "capsule version " + std::to_string(found) +
                                             "; this build reads version " + std::to_string(version));
    const std::uint64_t manifest_bytes = in.u32();
    if (manifest_bytes > lim.json_bytes)
        return status(errc::limit, "a manifest of " + grouped(manifest_bytes) +
                                       " bytes; the limit json_bytes is " + grouped(lim.json_bytes));
    return start_bytes + manifest_bytes + checksum_bytes;
}

result<header> decode_header(std::span<const std::byte> bytes, const limits& lim) {
    if (!record_is_whole(bytes)) return status(errc::format, "damaged header: the checksum does not match");
    header out;
    out.size_bytes = bytes.size();
    const auto json = bytes.subspan(start_bytes, bytes.size() - start_bytes - checksum_bytes);
    QSLIP_TRY(out.all, parse_fields(as_text(json), lim));
    QSLIP_TRY(out.shape, row_shape::of(out.all));
    QSLIP_TRY(out.n_items, number_field(out.all, "n_items", lim.suite_items));
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
    const auto bytes = checked_size(out.n_rows) * shape.row_bytes() + least_record_bytes;
    out.size_bytes = bytes.get().value_or(~std::uint64_t{0});
    return out;
}

std::uint64_t record_checksum(std::span<const std::byte> record) {
    return byte_reader(record.last(checksum_bytes)).u64();
}

bool record_is_whole(std::span<const std::byte> record) {
    return record.size() >= checksum_bytes &&
           crc64(record.first(record.size() - checksum_bytes)) == record_checksum(record);
}

bool decode_record(std::span<const std::byte> record, std::size_t item, const row_shape& shape,
                   base_rows& out) {
    if (record.size() < least_record_bytes || !record_is_whole(record)) return false;
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
