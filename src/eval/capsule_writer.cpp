#include "eval/capsule_writer.hpp"

#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/atomic_file.hpp>

namespace qslip {

using namespace capsule_format;

result<capsule_writer> capsule_writer::open(const std::string& path, const fields& all,
                                            const limits& limits) {
    QSLIP_TRY(auto head, decode_header(run_header::encode(kind, all), limits));
    QSLIP_TRY(auto part, append_file::open(path + ".part", path));
    capsule_writer writer(std::move(part), path, std::move(head));
    QSLIP_CHECK(
        run_header::start_or_continue(writer.part_, path + ".part", kind, writer.head_.all, limits).status());
    QSLIP_CHECK(writer.read_records());
    return writer;
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
    while (part_.size_bytes() - end >= min_record_bytes) {
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
    const auto start = run_header::encode(kind, head_.all);
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
