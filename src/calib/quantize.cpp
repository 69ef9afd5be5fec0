#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/quantize.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "formats/gguf.hpp"
#include "formats/gguf_writer.hpp"
#include "kernels/block_codec.hpp"
#include "model/check_finite.hpp"

namespace qslip {
namespace {

constexpr std::uint64_t slab_weights = std::uint64_t{1} << 20;
constexpr std::uint32_t quantization_version = 2;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

class file_quantizer {
public:
    file_quantizer(const gguf_file& in, gguf_writer& out, dtype asked) : in_(in), out_(out), asked_(asked) {}

    result<quantize_summary> run() {
        declare();
        for (const auto& tensor : in_.tensors()) QSLIP_CHECK(convert(tensor));
        QSLIP_CHECK(in_.file().unchanged());
        QSLIP_CHECK(out_.commit());
        return summary_;
    }

private:
    void declare() {
        constexpr std::string_view file_type = "general.file_type", version = "general.quantization_version";
        for (std::size_t i = 0; i < in_.n_keys(); ++i)
            if (const auto e = in_.entry(i); e.key != file_type && e.key != version) out_.add_entry(e);
        out_.add_uint(file_type, info_of(asked_).file_type);
        out_.add_uint(version, quantization_version);
        for (const auto& t : in_.tensors()) out_.add_tensor(t.name, quantized_type(t, asked_), t.dims);
    }

    /// In slabs of whole blocks.
    status convert(const tensor_info& t) {
        const auto from = info_of(t.type), to = info_of(quantized_type(t, asked_));
        count(t, from, to);
        for (std::uint64_t done = 0; done < t.n_elements; done += slab_weights) {
            const auto n = std::min(slab_weights, t.n_elements - done);
            stored_.resize(n / from.block_weights * from.block_bytes);
            QSLIP_CHECK(in_.file().read_at(t.offset + done / from.block_weights * from.block_bytes, stored_));
            QSLIP_CHECK(check_finite(in_, t, stored_, done));
            if (from.type == to.type) {
                QSLIP_CHECK(out_.append(stored_));
                continue;
            }
            weights_.resize(n);
            dequantize(from.type, stored_.data(), n, weights_.data());
            coded_.resize(n / to.block_weights * to.block_bytes);
            if (const auto bad = quantize_rtn(to.type, weights_.data(), n, coded_.data()))
                return {errc::nonfinite, escaped(in_.file().path()) + ": tensor " + qslip::quoted(t.name) +
                                             ": from element " + grouped(done + *bad * to.block_weights) +
                                             " on a number is beyond the range of " + std::string(to.name)};
            QSLIP_CHECK(out_.append(coded_));
        }
        return {};
    }

    void count(const tensor_info& t, const dtype_info& from, const dtype_info& to) {
        const bool changes = from.type != to.type;
        ++(changes ? summary_.n_converted : summary_.n_kept);
        if (changes && from.block_weights > 1) ++summary_.n_requantized;
        summary_.in_bytes += t.size_bytes;
        summary_.out_bytes += t.n_elements / to.block_weights * to.block_bytes;
    }

    const gguf_file& in_;
    gguf_writer& out_;
    dtype asked_;
    quantize_summary summary_;
    std::vector<std::byte> stored_, coded_;
    std::vector<float> weights_;
};

}  // namespace

dtype quantized_type(const tensor_info& tensor, dtype asked) noexcept {
    const std::string_view name = tensor.name;
    const bool excluded = name.ends_with("_norm.weight") || contains(name, "ffn_gate_inp.weight") ||
                          contains(name, "position_embd") || name == "token_types.weight";
    const bool vector = tensor.n_elements == tensor.row_length();
    if (vector || !name.ends_with(".weight") || excluded || tensor.type == asked) return tensor.type;
    return tensor.row_length() % info_of(asked).block_weights == 0 ? asked : dtype::f16;
}

result<quantize_summary> quantize_file(const std::string& in_path, const std::string& out_path,
                                       const quantize_options& options) {
    QSLIP_TRY(const gguf_file in, gguf_file::open(in_path, options.limits));
    QSLIP_TRY(gguf_writer out, gguf_writer::create(out_path));
    return file_quantizer(in, out, options.type).run();
}

}  // namespace qslip
