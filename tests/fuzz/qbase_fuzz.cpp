// Any bytes as a baseline capsule, and as an unfinished one: no crash, no memory beyond the file's size; what
// is read as whole has the shape it says. libFuzzer entry point.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <string>

#include "eval/capsule_state.hpp"
#include "eval/capsule_writer.hpp"
#include "files/sha256.hpp"

static void read_everything(const qslip::capsule& c) {
    const auto& shape = c.internals().head.shape;
    qslip::base_rows rows;
    for (std::size_t i = 0; i < c.n_items(); ++i) {
        if (!c.internals().read(i, rows).ok()) continue;
        const auto n = rows.targets.size();
        if (rows.hidden.size() != n * shape.d_model) __builtin_trap();
        if (rows.logits.size() != (shape.has_logits ? n * shape.n_vocab : 0)) __builtin_trap();
    }
    (void)c.find_base().ok();
}

using namespace qslip::capsule_format;

static void put(std::span<std::byte> whole, std::size_t end, std::uint64_t sum) {
    for (std::size_t i = 0; i < 8; ++i) whole[end - 8 + i] = static_cast<std::byte>(sum >> (8 * i));
}

/// Index and footer of `n_items` records made to fit, as far as the offsets lie inside the file.
static void mend_end(std::span<std::byte> whole, std::size_t header, std::uint64_t n_items) {
    if (n_items > whole.size() / index_entry_bytes) return;
    const std::size_t end_bytes = n_items * index_entry_bytes + footer_bytes;
    if (end_bytes > whole.size() - header) return;
    const std::size_t index = whole.size() - end_bytes;
    const auto offset = [&](std::size_t i) {
        return qslip::byte_reader(whole.subspan(index + 16 * i)).u64();
    };
    for (std::size_t i = 0; i < n_items; ++i) {
        const auto begin = offset(i), end = offset(i + 1);  // behind the last entry: where the index begins
        if (begin > end || end > index || end - begin < min_record_bytes) continue;
        const auto sum = qslip::crc64(whole.subspan(begin, end - begin - checksum_bytes));
        put(whole, end, sum);
        put(whole, index + 16 * i + 16, sum);
    }
    qslip::sha256 hash;
    hash.update(whole.first(header));
    hash.update(whole.subspan(index, end_bytes - end_magic.size() - 32));
    std::ranges::copy(hash.digest(), whole.last(end_magic.size() + 32).begin());
    std::ranges::copy(std::as_bytes(std::span(end_magic)), whole.last(end_magic.size()).begin());
}

/// The checksums of a mutated file made right again, so that what lies behind them is reached too.
static std::string mended(std::string bytes, bool is_finished) {
    const auto whole = std::as_writable_bytes(std::span(bytes));
    if (bytes.size() < start_bytes) return bytes;
    const auto header = run_header::size_of(kind, whole.first(start_bytes), {});
    if (!header || *header > bytes.size()) return bytes;
    put(whole, *header, qslip::crc64(whole.first(*header - checksum_bytes)));
    const auto head = decode_header(whole.first(*header), {});
    if (!head) return bytes;
    if (is_finished) {
        mend_end(whole, *header, head->n_items);
        return bytes;
    }
    for (std::size_t at = *header; at + 8 <= bytes.size();) {
        const auto record = start_of_record(whole.subspan(at, 8), head->shape);
        if (record.size_bytes > bytes.size() - at) break;
        put(whole, at + record.size_bytes,
            qslip::crc64(whole.subspan(at, record.size_bytes - checksum_bytes)));
        at += record.size_bytes;
    }
    return bytes;
}

/// The bytes as what an interrupted writer left, taken over by one of the same run.
static void continue_from(const std::string& bytes) {
    static const std::string path = "/dev/shm/qslip-qbase-fuzz-" + std::to_string(::getpid());
    const auto whole = std::as_bytes(std::span(bytes));
    if (whole.size() < start_bytes) return;
    const auto header = run_header::size_of(kind, whole.first(start_bytes), {});
    if (!header || *header > whole.size()) return;
    const auto head = decode_header(whole.first(*header), {});
    if (!head || head->n_items > 1000) return;
    const int out = ::open((path + ".part").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (out < 0) return;
    const bool written = ::pwrite(out, bytes.data(), bytes.size(), 0) >= 0;
    ::close(out);
    if (written) {
        const auto writer = qslip::capsule_writer::open(path, head->all, {});
        if (!writer && writer.status().message()[0] == '\0') __builtin_trap();
    }
    ::unlink((path + ".part").c_str());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const int fd = ::memfd_create("qbase", 0);  // a regular file that never reaches a disk
    static const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const std::string raw(reinterpret_cast<const char*>(data), size);
    for (const auto& bytes : {raw, mended(raw, true)}) {
        if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, bytes.data(), bytes.size(), 0) < 0) return 0;
        const auto c = qslip::capsule::open(path);
        if (c) read_everything(*c);
        if (!c && c.status().message()[0] == '\0') __builtin_trap();
    }
    continue_from(mended(raw, false));
    return 0;
}
