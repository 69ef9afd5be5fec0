#include <qslip/report.hpp>

#include <algorithm>

#include "verb_options.hpp"

namespace qslip::tool {
namespace {

/// An option for each setting of those scopes: --mode-base for mode_base.
void add_settings(CLI::App* verb, run_settings& settings, std::initializer_list<setting_scope> scopes) {
    for_each_setting(settings, [&](const setting_info& info, auto& member) {
        if (std::ranges::find(scopes, info.scope) == scopes.end()) return;
        std::string name = std::string("--") + info.name;
        std::ranges::replace(name, '_', '-');
        if constexpr (std::is_same_v<decltype(member), bool&>) {
            verb->add_flag(name, member, info.text);
        } else {
            const auto read = [name, &member](const std::string& text) {
                if (!read_setting(text, member))
                    throw CLI::ValidationError(name + " cannot be \"" + text + "\"");
            };
            verb->add_option_function<std::string>(name, read, info.text)
                ->type_name("VALUE")
                ->default_str(setting_text(member));
        }
    });
}

/// What compare and baseline read.
template <class Args>
void add_workload(CLI::App* verb, Args& args) {
    auto* suite =
        verb->add_option("--suite", args.suite, "prompts, one JSON object a line")->type_name("FILE");
    verb->add_option("--text-file,--text", args.text_file, "plain text to score instead, in windows")
        ->type_name("FILE")
        ->excludes(suite);
    add_pre(verb, args.pre);
}

void add_compare(CLI::App& app, command_line& line) {
    auto& args = line.compare;
    auto* compare = add_verb(
        app, line, "compare", "base against candidates, slice by slice, with a verdict", args, verb_compare,
        "  qslip compare base.gguf int4.gguf --suite prompts.jsonl -o out\n"
        "  qslip compare base.qbase int4.gguf int8.gguf --text-file wiki.txt --window 1024 -o out");
    add_threads(compare, line);
    add_isa(compare, line);
    compare->add_option("BASE", args.base, "GGUF file of the model in use, or its capsule (.qbase)")
        ->required();
    compare->add_option("CAND", args.candidates, "GGUF files of what shall replace it")->required();
    add_workload(compare, args);
    compare->add_option("--registry", args.registry, "slices and gates (JSON)")->type_name("FILE");
    add_settings(compare, args.settings,
                 {setting_scope::base, setting_scope::text, setting_scope::run, setting_scope::candidate});
    compare->add_flag("--verbose", args.verbose, "print also what decides nothing, and every section");
    compare->add_option("-o,--out", args.out, "folder for the results")->type_name("DIR")->required();
}

void add_baseline(CLI::App& app, command_line& line) {
    auto& args = line.baseline;
    auto* baseline = add_verb(app, line, "baseline",
                              "run the base once; compare F.qbase CAND then pays for the candidates only",
                              args, verb_baseline,
                              "  qslip baseline base.gguf --suite prompts.jsonl -o base.qbase\n"
                              "  qslip baseline base.gguf --text-file wiki.txt --window 1024 -o wiki.qbase");
    add_threads(baseline, line);
    add_isa(baseline, line);
    baseline->add_option("MODEL", args.model, "GGUF file of the model in use")->required();
    add_workload(baseline, args);
    add_settings(baseline, args.settings, {setting_scope::base, setting_scope::text});
    baseline->add_flag("--rendered", args.settings.rendered, "as for compare");
    baseline->add_flag("--keep-logits", args.keep_logits, "also the fp32 logits; a large file");
    baseline->add_option("-o,--out", args.out, "the capsule to write")->type_name("FILE")->required();
}

void add_report(CLI::App& app, command_line& line) {
    auto& args = line.report;
    auto* report =
        add_verb(app, line, "report", "a finished comparison in another format, from its result.json", args,
                 verb_report,
                 "  qslip report out/result.json --verbose\n"
                 "  qslip report out/result.json --md");
    report->add_option("FILE", args.file, "result.json")->required();
    for (const auto& format : report::all_formats())
        report->add_flag_callback(
            "--" + std::string(format.flag), [&args, &format] { args.formats.emplace_back(format.flag); },
            std::string(format.text));
    report->add_flag("--verbose", args.verbose, "with --text: also what decides nothing, and every section");
}

void add_inspect(CLI::App& app, command_line& line) {
    auto& args = line.inspect;
    auto* inspect =
        add_verb(app, line, "inspect", "one item of a finished comparison, side by side", args, verb_inspect,
                 "  qslip inspect out --prompt math/0007\n"
                 "  qslip inspect out --prompt math/0007 --json");
    inspect->add_option("DIR", args.dir, "folder that compare wrote")->required();
    inspect->add_option("--prompt", args.prompt_id, "id of the item")->type_name("ID")->required();
}

}  // namespace

void declare_run_verbs(CLI::App& app, command_line& line) {
    add_compare(app, line);
    add_baseline(app, line);
    add_report(app, line);
    add_inspect(app, line);
}

}  // namespace qslip::tool
