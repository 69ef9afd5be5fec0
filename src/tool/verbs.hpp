#pragma once
// The verbs of the program. Each reads its arguments from a plain struct, puts data on stdout (with --json:
// one JSON document) and talk on stderr, and returns the exit code: 0 PASS or done, 1 FAIL, 2 could not run,
// 3 INCONCLUSIVE, 4 NOT_COMPARABLE. What kept it from its work is a status, which the caller reports. Parsing
// is command_line.cpp's alone.
#include <qslip/detail/core/numerics.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>
#include <qslip/settings.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qslip::tool {

inline constexpr int exit_done = 0, exit_fail = 1, exit_could_not_run = 2, exit_not_comparable = 4;

/// Options every verb shares.
struct context {
    unsigned threads = 0;  ///< 0: one per core
    std::string isa;       ///< "": the best this machine has
    qslip::limits limits;
    bool json = false;
};

struct doctor_args {
    std::vector<std::string> models;
    std::string suite, registry;
    bool rendered = false;
    bool tiers = false;  ///< only the names of the tiers this machine can run
};
struct tokenize_args {
    std::string model, file, pre;
    std::optional<std::string> text;
    bool decode = false, special = false;
};
struct logits_args {
    std::string model, tokens_file, out, pre;
    numerics mode = numerics::f32;
};
struct generate_args {
    std::string model, prompt, messages_file, pre;
    numerics mode = numerics::f32;
    std::uint64_t max_tokens = 128;
};
struct quantize_args {
    std::string in, out, type, method = "rtn";
    bool force = false;  ///< an existing `out` is replaced
};
struct compare_args {
    std::string base;
    std::vector<std::string> candidates;
    std::string suite, text_file, registry, out, pre;
    run_settings settings;
    bool verbose = false;
};
struct baseline_args {
    std::string model, suite, text_file, out, pre;
    run_settings settings;
    bool keep_logits = false;
};
struct report_args {
    std::string file;
    std::vector<std::string> formats;  ///< flags of report::all_formats(); none: text
    bool verbose = false;
};
struct inspect_args {
    std::string dir, prompt_id;
};
struct schema_check_args {
    std::string schema;
    std::vector<std::string> instances, ref_bases;  ///< ref_bases: "URI=DIR"
    bool assert_format = false;
};
struct schema_complexity_args {
    std::string schema;
    std::vector<std::string> ref_bases;
};

struct bench_args {
    std::string model;
    std::optional<numerics> mode;  ///< all of them if not given
    std::uint64_t n_tokens = 512, n_decoded = 128;
    bool no_kernels = false;
};

result<int> verb_doctor(const doctor_args&, const context&);
result<int> verb_tokenize(const tokenize_args&, const context&);
result<int> verb_logits(const logits_args&, const context&);
result<int> verb_generate(const generate_args&, const context&);
result<int> verb_quantize(const quantize_args&, const context&);
result<int> verb_compare(const compare_args&, const context&);
result<int> verb_baseline(const baseline_args&, const context&);
result<int> verb_report(const report_args&, const context&);
result<int> verb_inspect(const inspect_args&, const context&);
result<int> verb_bench(const bench_args&, const context&);
/// 0: all instances valid; 1: some are not; 2: at least one question has no answer.
result<int> verb_schema_check(const schema_check_args&, const context&);
result<int> verb_schema_complexity(const schema_complexity_args&, const context&);

}  // namespace qslip::tool
