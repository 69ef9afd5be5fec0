#include <algorithm>
#include <limits>

#include "formats/gguf_parser.hpp"

namespace qslip {
namespace {

template <class T>
T element(const gguf_entry& e, std::uint64_t i) {
    T value;
    std::memcpy(&value, e.payload.data() + i * sizeof(T), sizeof(T));
    return value;
}

bool is_integer(gguf_type t) {
    switch (t) {
        case gguf_type::u8:
        case gguf_type::i8:
        case gguf_type::u16:
        case gguf_type::i16:
        case gguf_type::u32:
        case gguf_type::i32:
        case gguf_type::u64:
        case gguf_type::i64: return true;
        default: return false;
    }
}

/// Any integer as magnitude and sign.
struct whole_number {
    std::uint64_t bits;
    bool negative;
};

template <class T>
whole_number as_whole(T v) {
    return {static_cast<std::uint64_t>(v), v < T{0}};
}

whole_number integer_at(const gguf_entry& e, std::uint64_t i) {
    switch (e.element_type) {
        case gguf_type::u8: return {element<std::uint8_t>(e, i), false};
        case gguf_type::u16: return {element<std::uint16_t>(e, i), false};
        case gguf_type::u32: return {element<std::uint32_t>(e, i), false};
        case gguf_type::u64: return {element<std::uint64_t>(e, i), false};
        case gguf_type::i8: return as_whole(element<std::int8_t>(e, i));
        case gguf_type::i16: return as_whole(element<std::int16_t>(e, i));
        case gguf_type::i32: return as_whole(element<std::int32_t>(e, i));
        default: return as_whole(element<std::int64_t>(e, i));
    }
}

std::string where(const input_file& file, std::string_view key) {
    return escaped(file.path()) + ": key " + qslip::quoted(key);
}

}  // namespace

result<gguf_file> gguf_file::open(const std::string& path, const limits& limits) {
    QSLIP_TRY(input_file file, input_file::open(path));
    gguf_file out(std::move(file));
    QSLIP_CHECK(gguf_parser(out, limits).run());
    return out;
}

std::string_view gguf_file::key_of(const key_entry& k) const noexcept {
    return {reinterpret_cast<const char*>(header_.data()) + k.key_offset, k.key_bytes};
}

const gguf_file::key_entry* gguf_file::find_key(std::string_view key) const noexcept {
    const auto at =
        std::lower_bound(keys_by_name_.begin(), keys_by_name_.end(), key,
                         [this](std::uint32_t i, std::string_view k) { return key_of(keys_[i]) < k; });
    return at != keys_by_name_.end() && key_of(keys_[*at]) == key ? &keys_[*at] : nullptr;
}

const tensor_info* gguf_file::find_tensor(std::string_view name) const noexcept {
    const auto at =
        std::lower_bound(tensors_by_name_.begin(), tensors_by_name_.end(), name,
                         [this](std::uint32_t i, std::string_view n) { return tensors_[i].name < n; });
    return at != tensors_by_name_.end() && tensors_[*at].name == name ? &tensors_[*at] : nullptr;
}

gguf_entry gguf_file::entry(std::size_t i) const noexcept {
    const auto& k = keys_[i];
    return {key_of(k), gguf_type{k.type}, gguf_type{k.element_type}, k.count,
            std::span(header_).subspan(k.payload_offset, k.payload_bytes)};
}

result<gguf_entry> gguf_file::need(std::string_view key) const {
    const auto* found = find_key(key);
    if (found == nullptr) return status(errc::not_found, where(file_, key) + " is missing");
    return entry(static_cast<std::size_t>(found - keys_.data()));
}

result<gguf_entry> gguf_file::need_array(std::string_view key, const char* wanted) const {
    auto found = need(key);
    if (found && found->type != gguf_type::array) return wrong_type(*found, wanted);
    return found;
}

status gguf_file::wrong_type(const gguf_entry& found, const char* wanted) const {
    const bool is_array = found.type == gguf_type::array;
    return {errc::type, where(file_, found.key) + " is " + (is_array ? "an array of " : "") +
                            gguf_type_name(found.element_type) + ", expected " + wanted};
}

result<std::uint64_t> gguf_file::get_uint(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need(key));
    if (!is_integer(e.type)) return wrong_type(e, "an integer");
    const auto n = integer_at(e, 0);
    if (n.negative)
        return status(errc::arg, where(file_, key) + " is " +
                                     std::to_string(static_cast<std::int64_t>(n.bits)) +
                                     ", must not be negative");
    return n.bits;
}

result<double> gguf_file::get_f32(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need(key));
    if (e.type == gguf_type::f32) return double{element<float>(e, 0)};
    if (e.type == gguf_type::f64) return element<double>(e, 0);
    return wrong_type(e, "f32");
}

result<bool> gguf_file::get_bool(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need(key));
    if (e.type != gguf_type::boolean) return wrong_type(e, "boolean");
    return e.payload[0] != std::byte{0};
}

result<std::string_view> gguf_file::get_string(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need(key));
    if (e.type != gguf_type::string) return wrong_type(e, "string");
    return std::string_view(reinterpret_cast<const char*>(e.payload.data()) + 8, e.payload.size() - 8);
}

result<string_list> gguf_file::get_string_array(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need_array(key, "an array of string"));
    if (e.element_type != gguf_type::string) return wrong_type(e, "an array of string");
    std::vector<std::uint64_t> starts(e.count + 1);
    std::uint64_t pos = 0;  // the lengths were checked when the header was read
    for (std::uint64_t i = 0; i < e.count; ++i) {
        starts[i] = pos;
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, e.payload.data() + pos, sizeof bytes);
        pos += 8 + bytes;
    }
    starts[e.count] = pos;
    return string_list(reinterpret_cast<const char*>(e.payload.data()), std::move(starts));
}

result<std::vector<float>> gguf_file::get_f32_array(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need_array(key, "an array of f32"));
    if (e.element_type != gguf_type::f32) return wrong_type(e, "an array of f32");
    std::vector<float> out(e.count);
    if (!out.empty()) std::memcpy(out.data(), e.payload.data(), e.payload.size());
    return out;
}

result<std::vector<std::int32_t>> gguf_file::get_i32_array(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need_array(key, "an array of integers"));
    if (!is_integer(e.element_type)) return wrong_type(e, "an array of integers");
    std::vector<std::int32_t> out(e.count);
    for (std::uint64_t i = 0; i < e.count; ++i) {
        const auto n = integer_at(e, i);
        const auto value = static_cast<std::int64_t>(n.bits);
        if ((value < 0) != n.negative || value < std::numeric_limits<std::int32_t>::min() ||
            value > std::numeric_limits<std::int32_t>::max())
            return status(errc::arg, where(file_, key) + " element " + grouped(i) + " does not fit 32 bits");
        out[i] = static_cast<std::int32_t>(value);
    }
    return out;
}

result<std::string_view> gguf_file::get_bytes(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need_array(key, "an array of bytes"));
    if (gguf_type_bytes(e.element_type) != 1 || e.element_type == gguf_type::boolean)
        return wrong_type(e, "an array of bytes");
    return std::string_view(reinterpret_cast<const char*>(e.payload.data()), e.payload.size());
}

result<std::vector<bool>> gguf_file::get_bool_array(std::string_view key) const {
    QSLIP_TRY(const gguf_entry e, need_array(key, "an array of boolean"));
    if (e.element_type != gguf_type::boolean) return wrong_type(e, "an array of boolean");
    std::vector<bool> out(e.count);
    for (std::uint64_t i = 0; i < e.count; ++i) out[i] = e.payload[i] != std::byte{0};
    return out;
}

status gguf_file::read_tensor(const tensor_info& tensor, std::span<std::byte> out) const {
    if (out.size() != tensor.size_bytes)
        return {errc::arg, "tensor " + qslip::quoted(tensor.name) + " has " + grouped(tensor.size_bytes) +
                               " bytes, the buffer " + grouped(out.size())};
    return file_.read_at(tensor.offset, out);
}

}  // namespace qslip
