#include "kernels/weight_format.hpp"

namespace qslip::kernels {

#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes, fallback) \
    extern const weight_format name##_format;
#include <qslip/detail/core/dtype.inc>
#undef QSLIP_DTYPE

const weight_format& format_of(dtype type) noexcept {
    switch (type) {
#define QSLIP_DTYPE(name, text, id, file_type, weights, bytes, fallback) \
    case dtype::name:                                                    \
        return name##_format;
#include <qslip/detail/core/dtype.inc>
#undef QSLIP_DTYPE
    }
    return f32_format;
}

}  // namespace qslip::kernels
