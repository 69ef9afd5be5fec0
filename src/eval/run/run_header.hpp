#pragma once
// How files of a run begin: a magic, a version, what the run held fixed, a checksum. A file with records
// behind that grows at its end and is continued by a run of the same fields.
#include <qslip/detail/core/bytes.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/append_file.hpp"

namespace qslip::run_header {

/// What was held fixed, by name.
using fields = std::vector<std::pair<std::string, std::string>>;
/// nullptr when there is none.
const std::string* find_field(const fields& all, std::string_view name);
/// Errors: format (none of that name, no number up to `most`).
result<std::uint64_t> number_field(const fields& all, std::string_view name, std::uint64_t most);
/// Ok when every field of `here` is `there` with the same value, else `code`, naming the first that is not.
status same_fields(const fields& here, const fields& there, errc code, const std::string& what);

struct file_kind {
    std::string_view magic;  ///< 8 bytes
    std::uint32_t version;
    std::string_view name;  ///< in messages: "capsule"
};
inline constexpr std::size_t start_bytes = 16,  // magic, version, bytes of the fields
    checksum_bytes = 8;

std::vector<std::byte> encode(const file_kind& kind, const fields& all);
/// Bytes the header has, from its first start_bytes bytes. Errors: format, unsupported, limit.
result<std::uint64_t> size_of(const file_kind& kind, std::span<const std::byte> start, const limits& limits);
/// Of a whole header. Errors: format, limit.
result<fields> decode(std::span<const std::byte> header, const limits& limits);
/// The CRC-64 that ends `bytes` is that of what lies before it.
bool sum_matches(std::span<const std::byte> bytes);

/// Makes `file` begin with the header of `own`: it does already, or it is new, or its writer died in the
/// header. The header's size. Errors: conflict (of another run, naming the field; not of this kind), io.
result<std::uint64_t> start_or_continue(append_file& file, const std::string& path, const file_kind& kind,
                                        const fields& own, const limits& limits);

}  // namespace qslip::run_header
