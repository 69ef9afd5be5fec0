#pragma once
#include <qslip/baseline.hpp>

#include "eval/workload.hpp"

namespace qslip {

/// What a model's file is, its SHA-256 among it.
result<model_identity> describe(const model& m);
/// The base and what of the manifest follows from it.
status describe_base(const model& base, numerics mode, run_result& out);
void describe_suite(const suite& items, const prompt_encoder& prompts, const workload& work,
                    run_manifest& out);
void describe_text(std::string_view text, const text_options& how, run_manifest& out);

/// What a capsule's rows depend on, by name, from a described run.
std::vector<std::pair<std::string, std::string>> base_fields(const run_result& run, const model& base,
                                                             std::size_t n_items);
/// What all numbers of a described run depend on: what its journal must agree with.
std::vector<std::pair<std::string, std::string>> run_fields(const run_result& run, const model& base,
                                                            std::size_t n_items);
/// Ok when the capsule was made with all of that. Errors: not_comparable, naming the field; format (damaged).
status check_capsule(const capsule& stored, const model& base, std::size_t n_items, const run_result& run);

}  // namespace qslip
