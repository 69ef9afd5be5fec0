#include "model/check_finite.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>

#include "kernels/block_codec.hpp"

namespace qslip {

status check_finite(const gguf_file& file, const tensor_info& tensor, std::span<const std::byte> bytes,
                    std::uint64_t first_element) {
    const auto kind = info_of(tensor.type);
    const auto n_weights = bytes.size() / kind.block_bytes * kind.block_weights;
    const auto bad = first_nonfinite_block(tensor.type, bytes.data(), n_weights);
    if (!bad) return {};
    const auto element = first_element + *bad * kind.block_weights;
    const auto where = kind.block_weights == 1
                           ? "element " + grouped(element)
                           : "the scale of block " + grouped(element / kind.block_weights);
    return {errc::nonfinite, escaped(file.file().path()) + ": tensor " + qslip::quoted(tensor.name) + ": " +
                                 where + " is NaN or infinite; the file is damaged or was exported wrongly"};
}

}  // namespace qslip
