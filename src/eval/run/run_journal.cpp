#include "eval/run/run_journal.hpp"

#include <qslip/detail/core/text.hpp>

#include <filesystem>

namespace qslip {

constexpr run_header::file_kind kind{"QSLPRUN\n", 1, "journal of a comparison"};
constexpr std::uint64_t size_bytes = 8, frame_bytes = size_bytes + run_header::checksum_bytes;

result<run_journal> run_journal::open(const std::string& path, const run_header::fields& all,
                                      const limits& limits) {
    std::error_code failed;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, failed);
    if (failed)
        return status(errc::io, escaped(folder.string()) + ": cannot make the folder: " + failed.message());
    QSLIP_TRY(auto file, append_file::open(path, path));
    QSLIP_TRY(const auto header_bytes, run_header::start_or_continue(file, path, kind, all, limits));
    return run_journal(std::move(file), header_bytes);
}

status run_journal::replay(const std::function<bool(std::span<const std::byte>)>& take) {
    auto end = header_bytes_;
    while (file_.size_bytes() - end >= frame_bytes) {
        std::vector<std::byte> frame(size_bytes);
        QSLIP_CHECK(file_.read_at(end, frame));
        const auto n = byte_reader(frame).u64();
        if (n > file_.size_bytes() - end - frame_bytes) break;
        frame.resize(static_cast<std::size_t>(n + frame_bytes));
        QSLIP_CHECK(file_.read_at(end, frame));
        if (!run_header::sum_matches(frame)) break;
        if (!take(std::span(frame).subspan(size_bytes, static_cast<std::size_t>(n)))) break;
        end += frame.size();
    }
    return file_.cut(end);
}

status run_journal::add(std::span<const std::byte> record) {
    byte_writer frame;
    frame.u64(record.size());
    frame.raw(record);
    frame.u64(crc64(frame.bytes()));
    const std::lock_guard hold(*one_at_a_time_);
    return file_.append(frame.bytes());
}

}  // namespace qslip
