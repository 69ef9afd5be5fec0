#pragma once
#include <qslip/model.hpp>
#include <qslip/tokenizer.hpp>

#include "formats/gguf.hpp"
#include "kernels/kernel_table.hpp"
#include "model/weights.hpp"

namespace qslip {

struct model::impl {
    gguf_file file;
    tokenizer vocab;
    model_config config;
    qslip::limits limits;
    isa tier;
    const kernels::table* ops;  // of `tier`; tests put others in
    weight_sizes sizes;
    model_weights weights;
};

}  // namespace qslip
