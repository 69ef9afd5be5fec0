#include "formats/gguf_writer.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include <algorithm>
#include <bit>

#include "core/checked.hpp"

namespace qslip {
namespace {

constexpr std::uint64_t max_name_bytes = 63;

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}
void put_string(std::string& out, std::string_view text) {
    put(out, std::uint64_t{text.size()});
    out += text;
}

bool has_duplicate(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

result<gguf_writer> gguf_writer::create(const std::string& path) {
    QSLIP_TRY(atomic_file file, atomic_file::create(path));
    return gguf_writer(std::move(file));
}

void gguf_writer::refuse(const std::string& what) {
    if (declared_.ok()) declared_ = {errc::arg, what};
}

void gguf_writer::add_entry(const gguf_entry& entry) {
    if (header_written_) return refuse("key " + qslip::quoted(entry.key) + " added after tensor bytes");
    if (entry.key.empty()) return refuse("a metadata key is empty");
    if (entry.key == "general.alignment") {
        std::uint32_t alignment = 0;
        if (entry.type == gguf_type::u32) std::memcpy(&alignment, entry.payload.data(), sizeof alignment);
        if (!std::has_single_bit(alignment) || !tensors_.empty())
            return refuse("general.alignment must be a u32, a power of two, and come before the tensors");
        alignment_ = alignment;
    }
    keys_.emplace_back(entry.key);
    put_string(metadata_, entry.key);
    put(metadata_, static_cast<std::uint32_t>(entry.type));
    if (entry.type == gguf_type::array) {
        put(metadata_, static_cast<std::uint32_t>(entry.element_type));
        put(metadata_, entry.count);
    }
    metadata_.append(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
}

void gguf_writer::add_string(std::string_view key, std::string_view value) {
    std::string payload;
    put_string(payload, value);
    add_entry({key, gguf_type::string, gguf_type::string, 1, std::as_bytes(std::span(payload))});
}

void gguf_writer::add_string_array(std::string_view key, std::span<const std::string> values) {
    std::string payload;
    for (const auto& v : values) put_string(payload, v);
    add_entry({key, gguf_type::array, gguf_type::string, values.size(), std::as_bytes(std::span(payload))});
}

void gguf_writer::add_f32_array(std::string_view key, std::span<const float> values) {
    add_entry({key, gguf_type::array, gguf_type::f32, values.size(), std::as_bytes(values)});
}

void gguf_writer::add_i32_array(std::string_view key, std::span<const std::int32_t> values) {
    add_entry({key, gguf_type::array, gguf_type::i32, values.size(), std::as_bytes(values)});
}

void gguf_writer::add_tensor(std::string_view name, dtype type, std::span<const std::uint64_t> dims) {
    const auto what = "tensor " + qslip::quoted(name);
    if (header_written_) return refuse(what + " added after tensor bytes");
    if (name.empty() || name.size() > max_name_bytes) return refuse(what + " needs a name of 1 to 63 bytes");
    if (dims.empty() || dims.size() > 4) return refuse(what + " needs 1 to 4 dimensions");
    const auto kind = info_of(type);
    checked_size n = 1;
    for (const auto d : dims) n = n * d;
    if (n.get().value_or(0) == 0 || dims[0] % kind.block_weights != 0)
        return refuse(what + " has a dimension 0, too many elements, or rows that are no whole blocks");
    const auto size = checked_size(*n.get() / kind.block_weights) * kind.block_bytes;
    const auto end = align_up(checked_size(data_bytes_) + size, alignment_).get();
    if (!end) return refuse(what + " is larger than any file");
    tensors_.push_back({std::string(name), type, {dims.begin(), dims.end()}, data_bytes_, *size.get()});
    data_bytes_ = *end;
}

status gguf_writer::write_header() {
    std::vector<std::string> names;
    for (const auto& t : tensors_) names.push_back(t.name);
    if (has_duplicate(keys_) || has_duplicate(std::move(names)))
        refuse("a metadata key or a tensor name occurs twice");
    QSLIP_CHECK(declared_);
    header_written_ = true;
    std::string start = "GGUF", table;
    put(start, std::uint32_t{3});
    put(start, std::uint64_t{tensors_.size()});
    put(start, std::uint64_t{keys_.size()});
    for (const auto& t : tensors_) {
        put_string(table, t.name);
        put(table, static_cast<std::uint32_t>(t.dims.size()));
        for (const auto d : t.dims) put(table, d);
        put(table, static_cast<std::uint32_t>(t.type));
        put(table, t.offset);
    }
    QSLIP_CHECK(file_.write(start));
    QSLIP_CHECK(file_.write(metadata_));
    QSLIP_CHECK(file_.write(table));
    // Padded even when no tensor follows: readers may seek to the data section.
    return write_zeros((alignment_ - file_.size_bytes() % alignment_) % alignment_);
}

status gguf_writer::write_zeros(std::uint64_t n) {
    const std::vector<std::byte> zeros(std::min<std::uint64_t>(n, 4096));
    for (; n > 0; n -= std::min<std::uint64_t>(n, zeros.size()))
        QSLIP_CHECK(file_.write(std::span(zeros).first(std::min<std::uint64_t>(n, zeros.size()))));
    return {};
}

status gguf_writer::finish_tensor() {
    const auto size = tensors_[current_].size_bytes;
    ++current_;
    current_bytes_ = 0;
    return write_zeros((alignment_ - size % alignment_) % alignment_);
}

status gguf_writer::append(std::span<const std::byte> bytes) {
    QSLIP_CHECK(declared_);
    if (!header_written_) QSLIP_CHECK(write_header());
    while (!bytes.empty()) {
        if (current_ == tensors_.size())
            return {errc::arg, grouped(bytes.size()) + " bytes more than the tensors declared"};
        const auto left = tensors_[current_].size_bytes - current_bytes_;
        const auto part = bytes.first(std::min<std::uint64_t>(left, bytes.size()));
        QSLIP_CHECK(file_.write(part));
        current_bytes_ += part.size();
        bytes = bytes.subspan(part.size());
        if (part.size() == left) QSLIP_CHECK(finish_tensor());
    }
    return {};
}

status gguf_writer::commit() {
    QSLIP_CHECK(append({}));
    if (current_ < tensors_.size())
        return {errc::arg, "tensor " + qslip::quoted(tensors_[current_].name) + " got " +
                               grouped(current_bytes_) + " of its " + grouped(tensors_[current_].size_bytes) +
                               " bytes"};
    return file_.commit();
}

}  // namespace qslip
