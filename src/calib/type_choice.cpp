#include "calib/type_choice.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <vector>

#include "kernels/block_codec.hpp"

namespace qslip {
namespace {

/// Layers that a rule is about, i of n.
enum class layer_set { all, first_four, first_eighth, ends_and_thirds };

bool contains(layer_set set, std::uint64_t i, std::uint64_t n) {
    switch (set) {
        case layer_set::all: return true;
        case layer_set::first_four: return i < 4;
        case layer_set::first_eighth: return i < n / 8;
        case layer_set::ends_and_thirds: return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
    }
    return false;
}

struct mixture_rule {
    std::string_view mixture, tensor;
    layer_set layers;
    dtype type;
};
constexpr mixture_rule rules[] = {
#define QSLIP_MIXTURE_RULE(name, tensor, layers, type) {#name, tensor, layer_set::layers, dtype::type},
#include "calib/mixture.inc"
};

constexpr weight_target mixtures[] = {
#define QSLIP_MIXTURE(name, file_type, type) {#name, file_type, dtype::type, true},
#include "calib/mixture.inc"
};

std::vector<weight_target> list_targets() {
    std::vector<weight_target> targets;
    for (const auto& d : all_dtypes)
        if (can_quantize(d.type)) targets.push_back({d.name, d.file_type, d.type, false});
    targets.insert(targets.end(), std::begin(mixtures), std::end(mixtures));
    return targets;
}

/// Of "blk.12.attn_v.weight": 12; 0 where the name says none.
std::uint64_t layer_of(std::string_view name) {
    std::uint64_t layer = 0;
    if (name.starts_with("blk.")) std::from_chars(name.data() + 4, name.data() + name.size(), layer);
    return layer;
}

/// llama.cpp's own list (src/llama-quant.cpp, tensor_allows_quantization), as far as text models have them.
bool stays(const tensor_info& t) {
    const std::string_view name = t.name;
    const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
    return t.n_elements == t.row_length() || !name.ends_with(".weight") || name.ends_with("_norm.weight") ||
           has("ffn_gate_inp.weight") || has("position_embd") || name == "token_types.weight";
}

}  // namespace

std::span<const weight_target> weight_targets() {
    static const std::vector<weight_target> targets = list_targets();
    return targets;
}

const weight_target* find_weight_target(std::string_view name) {
    for (const weight_target& target : weight_targets())
        if (same_name(target.name, name)) return &target;
    return nullptr;
}

bool type_choice::is_head(const tensor_info& tensor) const {
    return tensor.name == (file_.find_tensor("output.weight") ? "output.weight" : "token_embd.weight");
}

dtype type_choice::asked_for(const tensor_info& tensor) const {
    if (!target_.is_mixture) return target_.type;
    if (is_head(tensor)) return dtype::q6_k;
    for (const mixture_rule& rule : rules) {
        const auto is_like = [&](const tensor_info& t) {
            return std::string_view(t.name).ends_with(rule.tensor);
        };
        if (rule.mixture != target_.name || !is_like(tensor)) continue;
        const auto n_layers = static_cast<std::uint64_t>(std::ranges::count_if(file_.tensors(), is_like));
        if (contains(rule.layers, layer_of(tensor.name), n_layers)) return rule.type;
    }
    return target_.type;
}

dtype type_choice::of(const tensor_info& tensor) const {
    if (stays(tensor)) return tensor.type;
    dtype type = asked_for(tensor);
    while (type != tensor.type && tensor.row_length() % info_of(type).block_weights != 0)
        type = info_of(type).fallback;
    return type;
}

}  // namespace qslip
