#pragma once
// Which type quantize_file gives each tensor: docs/quantize.md.
#include <qslip/quantize.hpp>

#include "formats/gguf.hpp"

namespace qslip {

class type_choice {
public:
    type_choice(const gguf_file& file, const weight_target& target) : file_(file), target_(target) {}
    dtype of(const tensor_info& tensor) const;

private:
    dtype asked_for(const tensor_info& tensor) const;
    bool is_head(const tensor_info& tensor) const;

    const gguf_file& file_;
    weight_target target_;
};

}  // namespace qslip
