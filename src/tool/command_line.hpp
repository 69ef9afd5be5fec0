#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "verbs.hpp"

namespace qslip::tool {

struct help_args {
    std::vector<std::string> verb;  ///< "schema", "check"
    bool man = false;
    std::string completion;  ///< a shell
};

/// Everything a command line can say; the verbs see their own part.
struct command_line {
    context common;
    std::string limits_file;
    help_args help;
    doctor_args doctor;
    tokenize_args tokenize;
    logits_args logits;
    generate_args generate;
    quantize_args quantize;
    compare_args compare;
    baseline_args baseline;
    report_args report;
    inspect_args inspect;
    bench_args bench;
    schema_check_args schema_check;
    schema_complexity_args schema_complexity;
    std::function<result<int>(const context&)> chosen;
};

/// Declares every verb with its options, defaults and examples: what is parsed is what help, manual page and
/// completion show. `line` must outlive `app`.
void declare_verbs(CLI::App& app, command_line& line);
/// Its parts: compare and what belongs to it; what is done with one model.
void declare_run_verbs(CLI::App& app, command_line& line);
void declare_model_verbs(CLI::App& app, command_line& line);

}  // namespace qslip::tool
