#include "eval/capsule_writer.hpp"

#include <qslip/core/text.hpp>
#include <qslip/io/atomic_file.hpp>

namespace qslip {

using namespace capsule_format;

result<capsule_writer> capsule_writer::open(const std::string& path, const fields& all, const limits& lim) {
    QSLIP_TRY(auto head, decode_header(encode_header(all), lim));
    QSLIP_TRY(auto part, append_file::open(path + ".part", path));
    capsule_writer writer(std::move(part), path, std::move(head));
    QSLIP_CHECK(writer.start_or_continue(lim));
    return writer;
}

/// A header that a killed writer tore is written again; a whole one must be of this run.
status capsule_writer::start_or_continue(const limits& lim) {
    const auto own = encode_header(head_.all);
    std::vector<std::byte> start(start_bytes);
    if (part_.size_bytes() >= start_bytes) {
        QSLIP_CHECK(part_.read_at(0, start));
        const auto size = header_size(start, lim);
        if (!size)
            return {errc::conflict, escaped(path_) + ".part: " + size.status().message() + ": remove it"};
        if (*size <= part_.size_bytes()) {
            std::vector<std::byte> bytes(static_cast<std::size_t>(*size));
            QSLIP_CHECK(part_.read_at(0, bytes));
            const auto found = decode_header(bytes, lim);
            if (!found)
                return {errc::conflict,
                        escaped(path_) + ".part: " + found.status().message() + ": remove it"};
            QSLIP_CHECK(same_fields(head_.all, found->all, errc::conflict,
                                    escaped(path_) + ".part is of another run; remove it to start anew"));
            return bytes == own
                       ? read_records()
                       : status(errc::conflict, escaped(path_) + ".part is of another run: remove it");
        }
    }
    QSLIP_CHECK(part_.cut(0));
    return part_.append(own);
}

result<std::vector<std::byte>> capsule_writer::record_at(std::uint64_t offset) const {
    std::vector<std::byte> record(8);
    QSLIP_CHECK(part_.read_at(offset, record));
    const auto start = start_of_record(record, head_.shape);
    if (start.size_bytes > part_.size_bytes() - offset)
        return status(errc::truncated, escaped(path_) + ".part: ends in a record");
    record.resize(static_cast<std::size_t>(start.size_bytes));
    QSLIP_CHECK(part_.read_at(offset, record));
    return record;
}

/// Whole records are kept; what follows the last of them, torn or damaged, is cut off and made again.
status capsule_writer::read_records() {
    std::uint64_t end = head_.size_bytes;
    while (part_.size_bytes() - end >= least_record_bytes) {
        const auto record = record_at(end);
        if (!record && record.status().code() == errc::truncated) break;
        if (!record) return record.status();
        const auto item = start_of_record(*record, head_.shape).item;
        base_rows rows;
        if (item >= offsets_.size() || !decode_record(*record, item, head_.shape, rows)) break;
        offsets_[item] = end;
        end += record->size();
    }
    return part_.cut(end);
}

status capsule_writer::add(std::size_t item, const base_rows& rows) {
    const auto record = encode_record(item, rows);
    const std::lock_guard hold(*one_at_a_time_);
    const auto offset = part_.size_bytes();
    QSLIP_CHECK(part_.append(record));
    offsets_[item] = offset;
    return {};
}

result<std::uint64_t> capsule_writer::finish() {
    QSLIP_TRY(auto out, atomic_file::create(path_));
    const auto start = encode_header(head_.all);
    QSLIP_CHECK(out.write(start));
    std::vector<index_entry> index;
    for (std::size_t item = 0; item < offsets_.size(); ++item) {
        if (!offsets_[item]) return status(errc::internal, "item " + grouped(item) + " was not run");
        QSLIP_TRY(const auto record, record_at(*offsets_[item]));
        base_rows rows;
        if (!decode_record(record, item, head_.shape, rows))
            return status(errc::changed, escaped(path_) + ".part: changed while in use; run again");
        index.push_back({out.size_bytes(), record_checksum(record)});
        n_positions_ += rows.targets.size();
        QSLIP_CHECK(out.write(record));
    }
    QSLIP_CHECK(out.write(encode_end(start, index, out.size_bytes())));
    const auto size_bytes = out.size_bytes();
    QSLIP_CHECK(out.commit());
    QSLIP_CHECK(part_.remove());
    return size_bytes;
}

}  // namespace qslip
