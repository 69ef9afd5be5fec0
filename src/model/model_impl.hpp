#pragma once
#include <qslip/io/gguf.hpp>
#include <qslip/io/tokenizer.hpp>
#include <qslip/model/model.hpp>

#include "kernels/table.hpp"
#include "model/weights.hpp"

namespace qslip {

struct model::impl {
    gguf_file file;
    tokenizer vocab;
    model_config config;
    limits lim;
    isa tier;
    const kernels::table* ops;  // of `tier`; tests put others in
    weight_sizes sizes;
    model_weights weights;
};

}  // namespace qslip
