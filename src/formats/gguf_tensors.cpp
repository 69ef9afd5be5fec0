// The tensor table of a GGUF header: shapes, sizes, places.
#include <algorithm>

#include "formats/gguf_parser.hpp"

namespace qslip {
namespace {

constexpr std::uint64_t min_tensor_bytes = 8 + 1 + 4 + 0 + 4 + 8;  // length, name, n_dims, dims, type, offset

std::string foreign_name(std::uint32_t type) {
    switch (type) {
#define QSLIP_FOREIGN_TYPE(text, id) \
    case id:                         \
        return #text;
#include <qslip/detail/core/foreign_types.inc>
#undef QSLIP_FOREIGN_TYPE
    }
    return "an unknown type";
}

status unsupported_type(const std::string& path, const std::string& tensor, std::uint32_t type) {
    std::string supported;
    for (const auto& d : all_dtypes) (supported += ' ') += d.name;
    return {errc::unsupported, escaped(path) + ": " + qslip::quoted(tensor) + " has type " +
                                   foreign_name(type) + " (" + std::to_string(type) + "); supported:" +
                                   supported + ". Re-export as Q8_0 or Q4_0, or feed logits instead"};
}

}  // namespace

status gguf_parser::parse_tensors(std::uint64_t n_tensors) {
    if (n_tensors > remaining() / min_tensor_bytes)
        return fail(errc::truncated, grouped(n_tensors) + " tensors announced, file has " +
                                         grouped(file_bytes()) + " bytes: cut or damaged, download again");
    if (n_tensors > limits_.gguf_tensors)
        return fail(errc::limit,
                    grouped(n_tensors) + " tensors, limit gguf_tensors is " + grouped(limits_.gguf_tensors));
    out_.tensors_.reserve(n_tensors);
    for (std::uint64_t i = 0; i < n_tensors; ++i) {
        tensor_info tensor{};
        QSLIP_CHECK(parse_tensor(tensor));
        out_.tensors_.push_back(std::move(tensor));
    }
    return {};
}

status gguf_parser::parse_tensor(tensor_info& tensor) {
    std::uint64_t start = 0, bytes = 0;
    QSLIP_CHECK(skip_string(limits_.key_bytes, "a tensor name", start, bytes));
    if (bytes == 0) return fail(errc::format, "tensor " + grouped(out_.tensors_.size()) + " has no name");
    tensor.name = text(start, bytes);
    QSLIP_CHECK(parse_shape(tensor));
    std::uint32_t type = 0;
    QSLIP_CHECK(read(type, "a tensor type"));
    const auto known = find_dtype(type);
    if (!known) return unsupported_type(out_.file_.path(), tensor.name, type);
    tensor.type = known->type;
    QSLIP_CHECK(read(tensor.offset, "a tensor offset"));
    return size_tensor(tensor);
}

status gguf_parser::parse_shape(tensor_info& tensor) {
    std::uint32_t n_dims = 0;
    QSLIP_CHECK(read(n_dims, "a dimension count"));
    if (n_dims > 4)
        return fail(errc::format, "tensor " + qslip::quoted(tensor.name) + " has " + grouped(n_dims) +
                                      " dimensions, at most 4");
    tensor.dims.assign(std::max(n_dims, 1u), 1);
    for (std::uint32_t i = 0; i < n_dims; ++i) {
        QSLIP_CHECK(read(tensor.dims[i], "a dimension"));
        if (tensor.dims[i] == 0)
            return fail(errc::format,
                        "tensor " + qslip::quoted(tensor.name) + " has dimension " + grouped(i) + " = 0");
    }
    return {};
}

status gguf_parser::size_tensor(tensor_info& tensor) {
    const auto kind = info_of(tensor.type);
    checked_size n = 1;
    for (const auto d : tensor.dims) n = n * d;
    if (!n.at_most(static_cast<std::uint64_t>(INT64_MAX)))
        return fail(errc::format, "tensor " + qslip::quoted(tensor.name) + " has more elements than 2^63");
    if (tensor.dims[0] % kind.block_weights != 0)
        return fail(errc::format, "tensor " + qslip::quoted(tensor.name) + " has rows of " +
                                      grouped(tensor.dims[0]) + ", not a multiple of the " +
                                      std::string(kind.name) + " block of " + grouped(kind.block_weights));
    tensor.n_elements = *n.get();
    const auto size = checked_size(tensor.n_elements / kind.block_weights) * kind.block_bytes;
    if (!size.get())
        return fail(errc::format, "tensor " + qslip::quoted(tensor.name) + " has more bytes than 2^64");
    tensor.size_bytes = *size.get();
    return {};
}

status gguf_parser::index_tensors() {
    auto& order = out_.tensors_by_name_;
    const auto& tensors = out_.tensors_;
    order.resize(tensors.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return tensors[a].name < tensors[b].name; });
    const auto twin = std::adjacent_find(order.begin(), order.end(),
                                         [&](auto a, auto b) { return tensors[a].name == tensors[b].name; });
    return twin == order.end()
               ? status{}
               : fail(errc::format, "tensor " + qslip::quoted(tensors[*twin].name) + " occurs twice");
}

/// Offsets become absolute; every tensor ends inside the file.
status gguf_parser::place_tensors() {
    const auto start = align_up(pos_, out_.alignment_).get();
    if (!start)
        return fail(errc::format, "general.alignment " + grouped(out_.alignment_) + " is beyond any file");
    out_.data_offset_ = *start;
    for (auto& tensor : out_.tensors_) {
        if (tensor.offset % out_.alignment_ != 0)
            return fail(errc::format, "tensor " + qslip::quoted(tensor.name) + " has offset " +
                                          grouped(tensor.offset) + ", not a multiple of the alignment " +
                                          grouped(out_.alignment_));
        const auto begin = checked_size(*start) + tensor.offset;
        const auto end = (begin + tensor.size_bytes).get();
        if (!end || *end > file_bytes())
            return {errc::truncated, escaped(out_.file_.path()) + ": tensor " + qslip::quoted(tensor.name) +
                                         " ends at " + (end ? grouped(*end) : "a byte above 2^64") +
                                         ", file has " + grouped(file_bytes()) + ": download again"};
        tensor.offset = *begin.get();
    }
    return {};
}

status gguf_parser::check_disjoint() {
    const auto& tensors = out_.tensors_;
    auto order = out_.tensors_by_name_;
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return tensors[a].offset < tensors[b].offset; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const auto& before = tensors[order[i - 1]];
        const auto& after = tensors[order[i]];
        if (before.offset + before.size_bytes > after.offset)  // both ends lie inside the file
            return {errc::format, escaped(out_.file_.path()) + ": tensors " + qslip::quoted(before.name) +
                                      " and " + qslip::quoted(after.name) + " overlap at byte " +
                                      grouped(after.offset)};
    }
    return {};
}

}  // namespace qslip
