#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/quantize.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "calib/type_choice.hpp"
#include "formats/gguf.hpp"
#include "formats/gguf_writer.hpp"
#include "kernels/block_codec.hpp"
#include "model/check_finite.hpp"

namespace qslip {
namespace {

constexpr std::uint64_t slab_weights = std::uint64_t{1} << 20;
constexpr std::size_t piece_weights = std::size_t{1} << 14;  // of whole blocks of any type
constexpr std::uint32_t quantization_version = 2;

status unknown_target(const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& target : weight_targets()) names.push_back(target.name);
    const std::string near = nearest_name(name, names);
    return {errc::usage,
            "there is no weight type " + quoted(name) + (near.empty() ? "" : "; did you mean " + near + "?")};
}

class file_quantizer {
public:
    file_quantizer(const gguf_file& in, gguf_writer& out, const weight_target& target, unsigned n_threads)
        : in_(in), out_(out), target_(target), choice_(in, target), n_threads_(n_threads) {}

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
        out_.add_uint(file_type, target_.file_type);
        out_.add_uint(version, quantization_version);
        for (const auto& t : in_.tensors()) out_.add_tensor(t.name, choice_.of(t), t.dims);
    }

    /// In slabs of whole blocks.
    status convert(const tensor_info& t) {
        const auto from = info_of(t.type), to = info_of(choice_.of(t));
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
            coded_.resize(n / to.block_weights * to.block_bytes);
            QSLIP_CHECK(requantize(t, from, to, done));
            QSLIP_CHECK(out_.append(coded_));
        }
        return {};
    }

    /// The slab in stored_, which begins with weight `first` of the tensor, into coded_.
    status requantize(const tensor_info& t, const dtype_info& from, const dtype_info& to,
                      std::uint64_t first) {
        const std::size_t n = stored_.size() / from.block_bytes * from.block_weights;
        return parallel_for(
            n_threads_, (n + piece_weights - 1) / piece_weights, [&](unsigned, std::size_t piece) {
                const std::size_t at = piece * piece_weights, n_here = std::min(piece_weights, n - at);
                std::vector<float> weights(n_here);
                dequantize(from.type, &stored_[at / from.block_weights * from.block_bytes], n_here,
                           weights.data());
                std::byte* blocks = &coded_[at / to.block_weights * to.block_bytes];
                if (const auto bad = quantize_rtn(to.type, weights.data(), n_here, blocks))
                    return beyond_range(t, to, first + at + *bad * to.block_weights);
                return status{};
            });
    }

    status beyond_range(const tensor_info& t, const dtype_info& to, std::uint64_t element) const {
        return {errc::nonfinite, escaped(in_.file().path()) + ": tensor " + quoted(t.name) +
                                     ": from element " + grouped(element) +
                                     " on a number is beyond the range of " + std::string(to.name)};
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
    const weight_target& target_;
    type_choice choice_;
    unsigned n_threads_;
    quantize_summary summary_;
    std::vector<std::byte> stored_, coded_;
};

}  // namespace

result<quantize_summary> quantize_file(const std::string& in_path, const std::string& out_path,
                                       const quantize_options& options) {
    const weight_target* target = find_weight_target(options.type);
    if (target == nullptr) return unknown_target(options.type);
    QSLIP_TRY(const gguf_file in, gguf_file::open(in_path, options.limits));
    QSLIP_TRY(gguf_writer out, gguf_writer::create(out_path));
    return file_quantizer(in, out, *target, options.n_threads).run();
}

}  // namespace qslip
