#pragma once
// What the declarations of verbs share.
#include <string>

#include "command_line.hpp"

namespace qslip::tool {

/// A verb with the options that all have. `examples`: lines as they are typed, each indented by two spaces.
template <class Args>
CLI::App* add_verb(CLI::App& app, command_line& line, const char* name, const char* help, Args& args,
                   result<int> (*verb)(const Args&, const context&), const char* examples) {
    auto* added = app.add_subcommand(name, help);
    added->group("Verbs");
    added->footer(std::string("Examples:\n") + examples);
    added->callback(
        [&line, &args, verb] { line.chosen = [&args, verb](const context& c) { return verb(args, c); }; });
    added->add_option("--limits", line.limits_file, "JSON file that lowers or raises limits")
        ->type_name("FILE");
    added->add_flag("--json", line.common.json, "one JSON document on stdout, errors too");
    return added;
}

inline void add_threads(CLI::App* verb, command_line& line) {
    verb->add_option("--threads", line.common.threads, "worker threads")
        ->type_name("N")
        ->default_str("one per core");
}

inline void add_isa(CLI::App* verb, command_line& line) {
    verb->add_option("--isa", line.common.isa, "instruction set to use; also env QSLIP_FORCE_ISA")
        ->type_name("NAME")
        ->default_str("the best here");
}

template <class Mode>  // numerics or an optional one
void add_mode(CLI::App* verb, const std::string& name, Mode& mode, const std::string& usual,
              const std::string& whose = "") {
    std::string known;
    for (const numerics m : all_numerics) known += std::string(known.empty() ? "" : ", ") + numerics_name(m);
    verb->add_option_function<std::string>(
            name,
            [&mode, name, known](const std::string& text) {
                const auto found = find_numerics(text);
                if (!found) throw CLI::ValidationError(name + " must be one of " + known + ", is " + text);
                mode = *found;
            },
            "numerics mode" + whose + ": " + known)
        ->type_name("MODE")
        ->default_str(usual);
}

inline void add_pre(CLI::App* verb, std::string& pre) {
    verb->add_option("--pre", pre, "pre-tokenizer to use instead of the one the file names")
        ->type_name("NAME");
}

}  // namespace qslip::tool
