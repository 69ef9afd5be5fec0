#include "eval/run/run_header.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>

#include <algorithm>
#include <charconv>

#include "json/json_read.hpp"

namespace qslip::run_header {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Ok for the header of the same run, byte for byte.
status check_same(std::span<const std::byte> found, const file_kind& kind, const fields& own,
                  const std::string& path, const limits& limits) {
    const auto there = decode(found, limits);
    if (!there) return {errc::conflict, escaped(path) + ": " + there.status().message() + ": remove it"};
    QSLIP_CHECK(same_fields(own, *there, errc::conflict,
                            escaped(path) + " is of another run; remove it to start anew"));
    if (std::ranges::equal(found, encode(kind, own))) return {};
    return {errc::conflict, escaped(path) + " is of another run: remove it"};
}

}  // namespace

const std::string* find_field(const fields& all, std::string_view name) {
    const auto at = std::ranges::find(all, name, &fields::value_type::first);
    return at == all.end() ? nullptr : &at->second;
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

status same_fields(const fields& here, const fields& there, errc code, const std::string& what) {
    for (const auto& [name, value] : here) {
        const auto* other = find_field(there, name);
        if (other && *other == value) continue;
        return {code, what + ": " + name + " is " + (other ? qslip::quoted(*other) : "missing") + " there, " +
                          qslip::quoted(value) + " here"};
    }
    return {};
}

std::vector<std::byte> encode(const file_kind& kind, const fields& all) {
    std::string json;
    json_writer w(json);
    w.begin_object();
    for (const auto& [name, value] : all) w.member(name, value);
    w.end_object();
    byte_writer out;
    out.raw(std::as_bytes(std::span(kind.magic)));
    out.u32(kind.version);
    out.u32(static_cast<std::uint32_t>(json.size()));
    out.raw(std::as_bytes(std::span(json)));
    out.u64(crc64(out.bytes()));
    return out.take();
}

result<std::uint64_t> size_of(const file_kind& kind, std::span<const std::byte> start, const limits& limits) {
    byte_reader in(start);
    const std::string name(kind.name);
    if (as_text(in.raw(kind.magic.size())) != kind.magic) return status(errc::format, "not a " + name);
    const auto found = in.u32();
    if (found != kind.version)
        return status(errc::unsupported, name + " version " + std::to_string(found) +
                                             "; this build reads version " + std::to_string(kind.version));
    const std::uint64_t field_bytes = in.u32();
    if (field_bytes > limits.json_bytes)
        return status(errc::limit, "a manifest of " + grouped(field_bytes) +
                                       " bytes; the limit json_bytes is " + grouped(limits.json_bytes));
    return start_bytes + field_bytes + checksum_bytes;
}

result<fields> decode(std::span<const std::byte> header, const limits& limits) {
    if (!sum_matches(header)) return status(errc::format, "damaged header: the checksum does not match");
    json_reader reader(limits);
    const auto text = json_text::copy_of(
        as_text(header.subspan(start_bytes, header.size() - start_bytes - checksum_bytes)));
    QSLIP_TRY(const auto root, reader.parse(text, "manifest"));
    QSLIP_TRY(const auto members, root.members());
    fields all;
    for (const auto& [name, node] : members) {
        QSLIP_TRY(const auto value, node.text());
        all.emplace_back(name, value);
    }
    return all;
}

bool sum_matches(std::span<const std::byte> bytes) {
    return bytes.size() >= checksum_bytes &&
           crc64(bytes.first(bytes.size() - checksum_bytes)) == byte_reader(bytes.last(checksum_bytes)).u64();
}

result<std::uint64_t> start_or_continue(append_file& file, const std::string& path, const file_kind& kind,
                                        const fields& own, const limits& limits) {
    const auto header = encode(kind, own);
    std::vector<std::byte> found(start_bytes);
    if (file.size_bytes() >= start_bytes) {
        QSLIP_CHECK(file.read_at(0, found));
        const auto size = size_of(kind, found, limits);
        if (!size)
            return status(errc::conflict, escaped(path) + ": " + size.status().message() + ": remove it");
        if (*size < file.size_bytes()) {
            found.resize(static_cast<std::size_t>(*size));
            QSLIP_CHECK(file.read_at(0, found));
            QSLIP_CHECK(check_same(found, kind, own, path, limits));
            return *size;
        }
    }
    QSLIP_CHECK(file.cut(0));
    QSLIP_CHECK(file.append(header));
    return header.size();
}

}  // namespace qslip::run_header
