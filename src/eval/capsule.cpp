#include <qslip/baseline.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <filesystem>

#include "core/checked.hpp"
#include "eval/capsule_state.hpp"
#include "files/sha256.hpp"

namespace qslip {

using namespace capsule_format;

namespace {

std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

status about(const input_file& file, const status& why) {
    return {why.code(), escaped(file.path()) + ": " + why.message()};
}

status cut_off(const input_file& file) {
    return {errc::truncated,
            escaped(file.path()) +
                ": ends too early: the baseline was not finished, or the copy is cut. Run the "
                "same qslip baseline line again"};
}

/// The header's bytes.
result<std::vector<std::byte>> read_header(const input_file& file, const limits& limits) {
    if (file.size_bytes() < start_bytes) return cut_off(file);
    std::vector<std::byte> bytes(start_bytes);
    QSLIP_CHECK(file.read_at(0, bytes));
    const auto size = run_header::size_of(kind, bytes, limits);
    if (!size) return about(file, size.status());
    if (*size > file.size_bytes()) return cut_off(file);
    bytes.resize(static_cast<std::size_t>(*size));
    QSLIP_CHECK(file.read_at(0, bytes));
    return bytes;
}

/// Index and footer, against the SHA-256 over them and the header.
result<std::vector<std::byte>> read_end(const input_file& file, const header& head,
                                        std::span<const std::byte> header_bytes) {
    const auto end_bytes = (checked_size(head.n_items) * index_entry_bytes + footer_bytes).get();
    if (!end_bytes || *end_bytes > file.size_bytes() - head.size_bytes) return cut_off(file);
    std::vector<std::byte> bytes(static_cast<std::size_t>(*end_bytes));
    QSLIP_CHECK(file.read_at(file.size_bytes() - *end_bytes, bytes));
    const auto all = std::span<const std::byte>(bytes);
    if (text_of(all.last(end_magic.size())) != end_magic) return cut_off(file);
    sha256 hash;
    hash.update(header_bytes);
    hash.update(all.first(all.size() - end_magic.size() - 32));
    if (!std::ranges::equal(hash.digest(), all.subspan(all.size() - end_magic.size() - 32, 32)))
        return status(errc::format,
                      escaped(file.path()) + ": damaged: the checksum of its index does not match");
    return bytes;
}

}  // namespace

status capsule::state::fault(const std::string& what) const {
    return {errc::format, escaped(file.path()) + ": damaged: " + what};
}

status capsule::state::read(std::size_t item, base_rows& out) const {
    const auto begin = index[item].offset;
    const auto end = item + 1 < index.size() ? index[item + 1].offset : index_offset;
    std::vector<std::byte> record(static_cast<std::size_t>(end - begin));
    QSLIP_CHECK(file.read_at(begin, record));
    if (!decode_record(record, item, head.shape, out) || record_checksum(record) != index[item].checksum)
        return fault("the record of item " + grouped(item) + " does not match its checksum");
    return {};
}

bool capsule::is_one(const std::string& path) {
    const auto file = input_file::open(path);
    if (!file || file->size_bytes() < kind.magic.size()) return false;
    std::vector<std::byte> start(kind.magic.size());
    return file->read_at(0, start).ok() && text_of(start) == kind.magic;
}

result<capsule> capsule::open(const std::string& path, const limits& limits) {
    QSLIP_TRY(auto file, input_file::open(path));
    QSLIP_TRY(const auto header_bytes, read_header(file, limits));
    auto head = decode_header(header_bytes, limits);
    if (!head) return about(file, head.status());
    auto made = std::make_shared<state>(std::move(file), *std::move(head));
    QSLIP_TRY(const auto end, read_end(made->file, made->head, header_bytes));
    byte_reader in(end);
    auto least = made->head.size_bytes;
    for (std::uint64_t i = 0; i < made->head.n_items; ++i) {
        const auto offset = in.u64();
        made->index.push_back({offset, in.u64()});
        if (i == 0 ? offset != least : offset < least) return made->fault("its records overlap");
        least = offset + min_record_bytes;
    }
    made->index_offset = in.u64();
    const bool fits = made->index_offset == made->file.size_bytes() - end.size() &&
                      in.u64() == made->index.size() &&
                      (made->index.empty() ? made->index_offset == least : made->index_offset >= least);
    if (!fits) return made->fault("its index does not fit");
    return capsule(std::move(made));
}

status capsule::check_all() const {
    base_rows rows;
    for (std::size_t i = 0; i < n_items(); ++i) QSLIP_CHECK(state_->read(i, rows));
    return state_->file.unchanged();
}

const std::string& capsule::path() const noexcept { return state_->file.path(); }
std::size_t capsule::n_items() const noexcept { return state_->index.size(); }
const fields& capsule::fields() const noexcept { return state_->head.all; }

result<std::string> capsule::find_base() const {
    const auto* recorded = run_header::find_field(fields(), "base_path");
    const auto* size = run_header::find_field(fields(), "base_size_bytes");
    const auto* hash = run_header::find_field(fields(), "base_sha256");
    if (!recorded || !size || !hash) return state_->fault("its manifest does not name the base's file");
    const auto folder = std::filesystem::path(path()).parent_path();
    const auto beside = (folder / std::filesystem::path(*recorded).filename()).string();
    for (const auto& place : {*recorded, beside}) {
        const auto file = input_file::open(place);
        if (file && std::to_string(file->size_bytes()) == *size) return place;
    }
    return status(errc::not_found, escaped(path()) + ": the head is that of the base's file (sha256 " +
                                       escaped(*hash).substr(0, 64) + "), which is neither " +
                                       escaped(*recorded) + " nor " + escaped(beside) + ": put it there");
}

}  // namespace qslip
