#include "formats/gguf_parser.hpp"

#include <algorithm>
#include <bit>

static_assert(std::endian::native == std::endian::little, "GGUF numbers are read as they lie in the file");

namespace qslip {
namespace {

constexpr std::uint64_t min_key_bytes = 8 + 1 + 4 + 1;  // length, name, type, smallest value
constexpr std::uint64_t chunk_bytes = 256 << 10;
constexpr char magic[] = {'G', 'G', 'U', 'F'};
constexpr std::string_view lfs_stub = "version https://git-lfs";

/// Eight bytes with the length of a JSON object, then the object.
bool is_safetensors(const char* start) {
    constexpr std::string_view object = "{\"";
    return start[6] == 0 && start[7] == 0 && std::string_view(start + 8, object.size()) == object;
}

}  // namespace

status gguf_parser::fail(errc code, const std::string& what) const {
    return {code, escaped(out_.file_.path()) + ": GGUF header, byte " + grouped(pos_) + ": " + what};
}

status gguf_parser::run() {
    std::uint64_t n_tensors = 0, n_keys = 0;
    QSLIP_CHECK(parse_start(n_tensors, n_keys));
    QSLIP_CHECK(parse_keys(n_keys));
    QSLIP_CHECK(index_keys());
    QSLIP_CHECK(read_alignment());
    QSLIP_CHECK(parse_tensors(n_tensors));
    QSLIP_CHECK(index_tensors());
    out_.header_.resize(pos_);
    out_.header_.shrink_to_fit();
    QSLIP_CHECK(place_tensors());
    return check_disjoint();
}

status gguf_parser::need(std::uint64_t n, const char* what) {
    if (n > remaining())
        return fail(errc::truncated, std::string(what) + " needs " + grouped(n) + " bytes, file has " +
                                         grouped(file_bytes()) + ": cut or damaged, download again");
    const auto end = pos_ + n;  // at most the file's size
    if (end > limits_.gguf_header_bytes)
        return fail(errc::limit, std::string(what) + " ends at byte " + grouped(end) +
                                     ", limit gguf_header_bytes is " + grouped(limits_.gguf_header_bytes));
    auto& header = out_.header_;
    while (header.size() < end) {
        const auto have = header.size();
        const auto step = std::min<std::uint64_t>(chunk_bytes, file_bytes() - have);
        header.resize(have + step);
        QSLIP_CHECK(out_.file_.read_at(have, std::span(header).subspan(have)));
    }
    return {};
}

status gguf_parser::skip_string(std::uint64_t limit_bytes, const char* what, std::uint64_t& start,
                                std::uint64_t& bytes) {
    QSLIP_CHECK(read(bytes, what));
    if (bytes > remaining())
        return fail(errc::truncated, std::string(what) + " has a length of " + grouped(bytes) +
                                         ", file has " + grouped(file_bytes()) +
                                         " bytes: cut or damaged, download again");
    if (bytes > limit_bytes)
        return fail(errc::limit, std::string(what) + " has a length of " + grouped(bytes) + ", limit is " +
                                     grouped(limit_bytes));
    QSLIP_CHECK(need(bytes, what));
    start = pos_;
    pos_ += bytes;
    return {};
}

status gguf_parser::parse_start(std::uint64_t& n_tensors, std::uint64_t& n_keys) {
    char found[lfs_stub.size()] = {};
    const auto n = std::min<std::uint64_t>(sizeof found, file_bytes());
    QSLIP_CHECK(out_.file_.read_at(0, std::as_writable_bytes(std::span(found)).first(n)));
    if (n == sizeof found && std::string_view(found, n) == lfs_stub)
        return {errc::format, escaped(out_.file_.path()) + ": " + grouped(file_bytes()) +
                                  " bytes, starts with " + qslip::quoted(lfs_stub) +
                                  ": a pointer, not the model. Fetch it with git lfs pull"};
    if (n == sizeof found && is_safetensors(found))
        return {errc::unsupported, escaped(out_.file_.path()) +
                                       ": a safetensors file, which is not read; llama.cpp's "
                                       "convert_hf_to_gguf.py makes a GGUF file of its folder"};
    if (!std::equal(magic, magic + std::min<std::uint64_t>(n, 4), found))
        return {errc::format, escaped(out_.file_.path()) + ": starts with " +
                                  qslip::quoted({found, std::min<std::size_t>(n, 4)}) +
                                  ", not with \"GGUF\": not a GGUF file"};
    pos_ = std::min<std::uint64_t>(n, 4);
    QSLIP_CHECK(read(out_.version_, "the version"));
    if (out_.version_ == 0x02000000 || out_.version_ == 0x03000000)
        return fail(errc::unsupported, "a big-endian file; convert it to little-endian");
    if (out_.version_ == 1)
        return fail(errc::unsupported, "GGUF version 1; supported: 2 and 3. Re-export the model");
    if (out_.version_ != 2 && out_.version_ != 3)
        return fail(errc::unsupported, "GGUF version " + grouped(out_.version_) + "; supported: 2 and 3");
    QSLIP_CHECK(read(n_tensors, "the tensor count"));
    return read(n_keys, "the key count");
}

status gguf_parser::parse_keys(std::uint64_t n_keys) {
    if (n_keys > remaining() / min_key_bytes)
        return fail(errc::truncated, grouped(n_keys) + " keys announced, file has " + grouped(file_bytes()) +
                                         " bytes: cut or damaged, download again");
    if (n_keys > limits_.gguf_keys)
        return fail(errc::limit, grouped(n_keys) + " keys, limit gguf_keys is " + grouped(limits_.gguf_keys));
    out_.keys_.reserve(n_keys);
    for (std::uint64_t i = 0; i < n_keys; ++i) {
        gguf_file::key_entry key{};
        std::uint64_t bytes = 0;
        QSLIP_CHECK(skip_string(std::min<std::uint64_t>(limits_.key_bytes, UINT32_MAX), "a key",
                                key.key_offset, bytes));
        if (bytes == 0) return fail(errc::format, "key " + grouped(i) + " is empty");
        key.key_bytes = static_cast<std::uint32_t>(bytes);
        // A copy: reading on moves the header's bytes.
        const std::string name(text(key.key_offset, std::min<std::uint64_t>(bytes, 128)));
        QSLIP_CHECK(parse_value(key, name));
        out_.keys_.push_back(key);
    }
    return {};
}

status gguf_parser::parse_value(gguf_file::key_entry& key, std::string_view name) {
    std::uint32_t type = 0;
    QSLIP_CHECK(read(type, "a value type"));
    std::uint32_t element_type = type;
    key.count = 1;
    if (type == static_cast<std::uint32_t>(gguf_type::array)) {
        QSLIP_CHECK(read(element_type, "an array's element type"));
        QSLIP_CHECK(read(key.count, "an array's length"));
        if (element_type == type)
            return fail(errc::unsupported, "key " + qslip::quoted(name) + " is an array of arrays");
    }
    if (gguf_type_name(gguf_type{element_type}) == std::string_view("unknown"))
        return fail(errc::format,
                    "key " + qslip::quoted(name) + " has the unknown type " + grouped(element_type));
    key.type = static_cast<std::uint8_t>(type);
    key.element_type = static_cast<std::uint8_t>(element_type);
    key.payload_offset = pos_;
    QSLIP_CHECK(check_array(key, name));
    if (gguf_type{element_type} == gguf_type::string) {
        QSLIP_CHECK(skip_strings(key.count, name));
    } else {
        pos_ += key.count * gguf_type_bytes(gguf_type{element_type});  // checked by check_array
    }
    key.payload_bytes = pos_ - key.payload_offset;
    return gguf_type{element_type} == gguf_type::boolean ? check_bools(key, name) : status{};
}

/// The elements fit the file and the limit; fixed-size ones are in memory afterwards.
status gguf_parser::check_array(const gguf_file::key_entry& key, std::string_view name) {
    const auto fixed = gguf_type_bytes(gguf_type{key.element_type});
    const auto least = checked_size(key.count) * (fixed == 0 ? 8 : fixed);
    if (!least.at_most(remaining()))
        return fail(errc::truncated, "key " + qslip::quoted(name) + " has " + grouped(key.count) +
                                         " elements, file has " + grouped(file_bytes()) +
                                         " bytes: cut or damaged, download again");
    if (key.count > limits_.array_elements)
        return fail(errc::limit, "key " + qslip::quoted(name) + " has " + grouped(key.count) +
                                     " elements, limit array_elements is " + grouped(limits_.array_elements));
    return fixed == 0 ? status{} : need(*least.get(), "a metadata value");
}

status gguf_parser::skip_strings(std::uint64_t count, std::string_view name) {
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t start = 0, bytes = 0;
        const auto read = skip_string(limits_.string_bytes, "a string", start, bytes);
        if (!read.ok())
            return {read.code(), std::string(read.message()) + " (key " + qslip::quoted(name) + ")"};
    }
    return {};
}

status gguf_parser::check_bools(const gguf_file::key_entry& key, std::string_view name) {
    for (std::uint64_t i = 0; i < key.count; ++i)
        if (const auto byte = out_.header_[key.payload_offset + i];
            byte != std::byte{0} && byte != std::byte{1})
            return fail(errc::format, "key " + qslip::quoted(name) + " holds a bool of value " +
                                          grouped(std::to_integer<std::uint64_t>(byte)) + ", not 0 or 1");
    return {};
}

status gguf_parser::index_keys() {
    auto& order = out_.keys_by_name_;
    order.resize(out_.keys_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    const auto name = [this](std::uint32_t i) { return out_.key_of(out_.keys_[i]); };
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return name(a) < name(b); });
    const auto twin =
        std::adjacent_find(order.begin(), order.end(), [&](auto a, auto b) { return name(a) == name(b); });
    return twin == order.end() ? status{}
                               : fail(errc::format, "key " + qslip::quoted(name(*twin)) + " occurs twice");
}

status gguf_parser::read_alignment() {
    if (!out_.has("general.alignment")) return {};
    const auto found = out_.get_uint("general.alignment");
    QSLIP_CHECK(found.status());
    if (!std::has_single_bit(*found) || *found > UINT32_MAX)
        return fail(errc::format,
                    "general.alignment is " + grouped(*found) + ", not a power of two of 32 bits");
    out_.alignment_ = *found;
    return {};
}

}  // namespace qslip
