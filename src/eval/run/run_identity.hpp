#pragma once
#include <qslip/baseline.hpp>

#include "eval/run/run_header.hpp"
#include "eval/workload.hpp"

namespace qslip {

/// What a model's file is, its SHA-256 among it.
result<model_identity> describe(const model& m);
/// The numerics a base runs in when none is asked for: A16 where its weights are block-quantized.
numerics default_base_mode(const model& base);
/// The base and what of the manifest follows from it. `settings.mode_base` is resolved.
status describe_base(const model& base, const run_settings& settings, const limits& limits, run_result& out);
void describe_suite(const suite& items, const prompt_encoder& prompts, const workload& work,
                    run_manifest& out);
void describe_text(std::string_view text, run_manifest& out);

/// What a capsule's rows depend on, by name, from a described run.
run_header::fields base_fields(const run_result& run, const model& base, std::size_t n_items);
/// What all numbers of a described run depend on: what its journal must agree with.
run_header::fields run_fields(const run_result& run, const model& base, std::size_t n_items);
/// Ok when the capsule was made with all of that. Errors: not_comparable, naming the field; format (damaged).
status check_capsule(const capsule& stored, const model& base, std::size_t n_items, const run_result& run);

}  // namespace qslip
