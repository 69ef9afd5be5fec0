#include "command_line.hpp"

#include <qslip/detail/core/version.hpp>

#include "verb_options.hpp"

namespace qslip::tool {
namespace {

/// Of an option: "  -o,--out DIR  folder for the results (required)".
class help_formatter : public CLI::Formatter {
    std::string make_option_opts(const CLI::Option* option) const override {
        return option->get_type_size() == 0 || option->get_positional() ? "" : " " + option->get_type_name();
    }
    std::string make_option_desc(const CLI::Option* option) const override {
        const auto usual = option->get_default_str();
        return option->get_description() + (usual.empty() ? "" : " (default " + usual + ")") +
               (option->get_required() && !option->get_positional() ? " (required)" : "");
    }
};

void add_ref_base(CLI::App* verb, std::vector<std::string>& ref_bases) {
    verb->add_option("--ref-base", ref_bases, "references below URI are files of DIR; nothing else is read")
        ->type_name("URI=DIR")
        ->allow_extra_args(false);
}

void add_schema(CLI::App& app, command_line& line) {
    auto* schema = app.add_subcommand("schema", "JSON Schema: check instances, measure complexity");
    schema->require_subcommand(0, 1);
    schema->group("Verbs");
    auto* check =
        add_verb(*schema, line, "check", "are these JSON files valid against a schema", line.schema_check,
                 verb_schema_check,
                 "  qslip schema check schema.json answer1.json answer2.json\n"
                 "  qslip schema check schema.json a.json --ref-base https://example.org/s=schemas");
    check->add_option("SCHEMA", line.schema_check.schema, "JSON file")->required();
    check->add_option("INSTANCE", line.schema_check.instances, "JSON files")->required();
    check->add_flag("--assert-format", line.schema_check.assert_format,
                    "format decides too, it is not only an annotation");
    add_ref_base(check, line.schema_check.ref_bases);
    auto* complexity = add_verb(*schema, line, "complexity", "how complex a schema is, and its tier",
                                line.schema_complexity, verb_schema_complexity,
                                "  qslip schema complexity schema.json\n"
                                "  qslip schema complexity schema.json --json");
    complexity->add_option("SCHEMA", line.schema_complexity.schema, "JSON file")->required();
    add_ref_base(complexity, line.schema_complexity.ref_bases);
}

/// Its work is done by the parser's side (cli.cpp): it needs the other verbs.
void add_help(CLI::App& app, command_line& line) {
    auto* help = app.add_subcommand("help", "how a verb is used; the manual page; completion for a shell");
    help->group("Verbs");
    help->footer("Examples:\n  qslip help compare\n  qslip help --man | man -l -");
    help->add_option("VERB", line.help.verb, "one of the verbs, e.g. compare or schema check");
    help->add_flag("--man", line.help.man, "print the manual page");
    help->add_option("--completion", line.help.completion, "print completions for a shell: bash")
        ->type_name("SHELL");
}

}  // namespace

void declare_verbs(CLI::App& app, command_line& line) {
    app.name("qslip");
    app.description(
        "qslip says what a quantized model lost, slice by slice.\n"
        "Exit codes: 0 PASS or done, 1 FAIL, 2 could not run, 3 INCONCLUSIVE, 4 NOT_COMPARABLE.");
    const auto formatter = std::make_shared<help_formatter>();
    formatter->label("SUBCOMMAND", "VERB");
    app.formatter(formatter);
    app.set_help_flag("-h,--help", "print this help");
    app.require_subcommand(0, 1);  // a file named like a verb is a file
    app.set_version_flag("--version", version_string(), "print the version");
    declare_run_verbs(app, line);
    declare_model_verbs(app, line);
    add_schema(app, line);
    add_help(app, line);
}

}  // namespace qslip::tool
