#include "model/weights.hpp"

#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "core/checked.hpp"
#include "kernels/block_codec.hpp"
#include "kernels/pack.hpp"

namespace qslip {
namespace {

using kernels::packed_matrix;

/// One tensor's place in the model.
struct slot {
    std::string name;
    std::size_t n_in, n_out;          // n_out == 1: a vector of floats
    packed_matrix* matrix = nullptr;  // one of the two
    const float** vector = nullptr;
    std::size_t rotated_head_dim = 0;     // rows of each head are put from pairs (2i, 2i+1) into halves
    const tensor_info* tensor = nullptr;  // found by match()
};

std::vector<slot> layer_slots(const model_config& c, std::size_t index, layer_weights& w) {
    const std::string block = "blk." + std::to_string(index) + ".";
    const std::size_t q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
    return {{block + "attn_norm.weight", c.d_model, 1, nullptr, &w.attn_norm},
            {block + "attn_q.weight", c.d_model, q, &w.wq, nullptr, c.head_dim},
            {block + "attn_k.weight", c.d_model, kv, &w.wk, nullptr, c.head_dim},
            {block + "attn_v.weight", c.d_model, kv, &w.wv},
            {block + "attn_output.weight", q, c.d_model, &w.wo},
            {block + "ffn_norm.weight", c.d_model, 1, nullptr, &w.ffn_norm},
            {block + "ffn_gate.weight", c.d_model, c.d_ff, &w.gate},
            {block + "ffn_up.weight", c.d_model, c.d_ff, &w.up},
            {block + "ffn_down.weight", c.d_ff, c.d_model, &w.down}};
}

/// Where every tensor goes: outside the layers, and in them.
struct model_slots {
    std::vector<slot> ends, layers;

    model_slots(const model_config& c, model_weights& w)
        : ends{{"token_embd.weight", c.d_model, c.n_vocab, &w.embedding},
               {"output_norm.weight", c.d_model, 1, nullptr, &w.output_norm}} {
        if (!c.tied_head) ends.push_back({"output.weight", c.d_model, c.n_vocab, &w.head});
        w.layers.resize(c.n_layers);
        for (std::size_t i = 0; i < c.n_layers; ++i)
            for (slot& s : layer_slots(c, i, w.layers[i])) layers.push_back(std::move(s));
    }
};

std::string shape_text(std::uint64_t n_in, std::uint64_t n_out) {
    return std::to_string(n_in) + " x " + std::to_string(n_out);
}

status match(const gguf_file& file, slot& s) {
    s.tensor = file.find_tensor(s.name);
    if (s.tensor == nullptr) return status(errc::not_found, file.file().path() + ": no tensor " + s.name);
    const tensor_info& t = *s.tensor;
    if (t.dims.size() > 2 || t.row_length() != s.n_in || t.n_rows() != s.n_out)
        return status(errc::shape, "tensor " + s.name + " is " + shape_text(t.row_length(), t.n_rows()) +
                                       ", the hyperparameters say " + shape_text(s.n_in, s.n_out));
    return {};
}

/// Bytes of the arena a slot takes, a multiple of 64.
checked_size slot_bytes(const slot& s) {
    if (s.vector != nullptr) return align_up(checked_size(s.n_in) * sizeof(float), 64);
    return align_up(kernels::packed_bytes(kernels::packing_of(s.tensor->type, s.n_out, s.n_in)), 64);
}

/// Every tensor must have a use: ignoring one would compute another function.
status name_unused(const gguf_file& file, const model_slots& slots) {
    std::set<const tensor_info*> used;
    for (const auto* some : {&slots.ends, &slots.layers})
        for (const slot& s : *some) used.insert(s.tensor);
    for (const tensor_info& t : file.tensors())
        if (!used.contains(&t))
            return status(errc::unsupported, "tensor " + quoted(t.name) +
                                                 ": architecture llama as supported here has no use for it");
    return {};
}

result<checked_size> match_some(const gguf_file& file, std::vector<slot>& slots) {
    checked_size sum = 0;
    for (slot& s : slots) {
        QSLIP_CHECK(match(file, s));
        sum = sum + slot_bytes(s);
    }
    return sum;
}

result<weight_sizes> match_all(const gguf_file& file, model_slots& slots) {
    QSLIP_TRY(const checked_size ends, match_some(file, slots.ends));
    QSLIP_TRY(const checked_size layers, match_some(file, slots.layers));
    if (!(ends + layers).get())
        return status(errc::limit, file.file().path() + ": the size of the weights overflows");
    if (file.tensors().size() != slots.ends.size() + slots.layers.size())
        QSLIP_CHECK(name_unused(file, slots));
    return weight_sizes{*ends.get(), *layers.get()};
}

/// Calls use(first row, bytes of whole rows) for the tensor in pieces of about 4 MiB, each checked finite.
using row_sink = std::function<void(std::size_t row, const std::byte* bytes, std::size_t n_rows)>;
status read_rows(const gguf_file& file, const tensor_info& t, const row_sink& use) {
    const dtype_info type = info_of(t.type);
    const std::uint64_t row_bytes = t.size_bytes / t.n_rows();
    const std::uint64_t step = std::max<std::uint64_t>(1, (4u << 20) / row_bytes);
    std::vector<std::byte> bytes;
    for (std::uint64_t row = 0; row < t.n_rows(); row += step) {
        const std::uint64_t n = std::min(step, t.n_rows() - row);
        bytes.resize(static_cast<std::size_t>(n * row_bytes));
        QSLIP_CHECK(file.file().read_at(t.offset + row * row_bytes, bytes));
        const auto n_weights = static_cast<std::size_t>(n * t.row_length());
        if (const auto bad = first_nonfinite_block(t.type, bytes.data(), n_weights))
            return status(errc::nonfinite,
                          file.file().path() + ": tensor " + quoted(t.name) +
                              " has NaN or infinity near weight " +
                              std::to_string(row * t.row_length() + *bad * type.block_weights));
        use(static_cast<std::size_t>(row), bytes.data(), static_cast<std::size_t>(n));
    }
    return {};
}

/// Where a stored row goes: rotated heads are put from pairs (2i, 2i + 1) into halves (i, i + dim / 2).
std::size_t column_of(const slot& s, std::size_t row) {
    const std::size_t dim = s.rotated_head_dim;
    if (dim == 0) return row;
    const std::size_t i = row % dim;
    return row - i + i / 2 + (i % 2) * (dim / 2);
}

status load_slot(const gguf_file& file, const slot& s, std::byte* at) {
    const tensor_info& t = *s.tensor;
    if (s.vector != nullptr) {
        auto* out = reinterpret_cast<float*>(at);
        *s.vector = out;
        return read_rows(file, t, [&](std::size_t, const std::byte* bytes, std::size_t) {
            dequantize(t.type, bytes, s.n_in, out);
        });
    }
    auto* panels = reinterpret_cast<std::uint8_t*>(at);
    *s.matrix = kernels::packing_of(t.type, s.n_out, s.n_in);
    s.matrix->panels = panels;
    const std::size_t row_bytes = static_cast<std::size_t>(t.size_bytes) / s.n_out;
    return read_rows(file, t, [&](std::size_t first, const std::byte* bytes, std::size_t n_rows) {
        for (std::size_t r = 0; r < n_rows; ++r)
            kernels::pack_row(*s.matrix, t.type, bytes + r * row_bytes, column_of(s, first + r), panels);
    });
}

/// Into fresh memory, which `memory` gets when all went well.
status load_slots(const gguf_file& file, const std::vector<slot>& slots, std::uint64_t size_bytes,
                  unsigned n_threads, buffer& memory) {
    buffer fresh;
    if (!fresh.allocate(static_cast<std::size_t>(size_bytes)))
        return status(errc::no_memory, file.file().path() + ": no memory for " + std::to_string(size_bytes) +
                                           " bytes of weights");
    std::vector<std::byte*> places;
    std::byte* at = fresh.data();
    for (const slot& s : slots) {
        places.push_back(at);
        at += *slot_bytes(s).get();
    }
    QSLIP_CHECK(parallel_for(n_threads, slots.size(),
                             [&](unsigned, std::size_t i) { return load_slot(file, slots[i], places[i]); }));
    QSLIP_CHECK(file.file().unchanged());
    memory = std::move(fresh);
    return {};
}

}  // namespace

result<weight_sizes> plan_weights(const gguf_file& file, const model_config& config) {
    model_weights w;
    model_slots slots(config, w);
    return match_all(file, slots);
}

status load_weights(const gguf_file& file, const model_config& config, model_part part, unsigned n_threads,
                    model_weights& w) {
    model_slots slots(config, w);
    QSLIP_TRY(const weight_sizes sizes, match_all(file, slots));
    if (w.ends_memory.size_bytes() == 0) {
        QSLIP_CHECK(load_slots(file, slots.ends, sizes.ends_bytes, n_threads, w.ends_memory));
        if (config.tied_head) w.head = w.embedding;
    }
    if (part == model_part::head || w.layers_memory.size_bytes() != 0) return {};
    return load_slots(file, slots.layers, sizes.layers_bytes, n_threads, w.layers_memory);
}

}  // namespace qslip
