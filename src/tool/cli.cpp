// The command line: the only file that knows CLI11.
#include "tool/cli.hpp"

#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/version.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "tool/files.hpp"

namespace qslip::tool {
namespace {

/// Everything a command line can say; the verbs see their own part.
struct command_line {
    context common;
    std::string limits_file;
    doctor_args doctor;
    tokenize_args tokenize;
    logits_args logits;
    generate_args generate;
    quantize_args quantize;
    compare_args compare;
    baseline_args baseline;
    inspect_args inspect;
    bench_args bench;
    schema_check_args schema_check;
    schema_complexity_args schema_complexity;
    std::function<int(const context&)> chosen;
};

template <class Args>
CLI::App* add_verb(CLI::App& app, command_line& line, const char* name, const char* help, Args& args,
                   int (*verb)(const Args&, const context&)) {
    auto* sub = app.add_subcommand(name, help);
    sub->callback(
        [&line, &args, verb] { line.chosen = [&args, verb](const context& c) { return verb(args, c); }; });
    sub->add_option("--threads", line.common.threads, "worker threads; 0: one per core");
    sub->add_option("--seed", line.common.seed, "seed of every random choice");
    sub->add_option("--isa", line.common.isa, "instruction set to use (also env QSLIP_FORCE_ISA)");
    sub->add_option("--limits", line.limits_file, "JSON file that lowers or raises limits");
    sub->add_flag("--json", line.common.json, "print JSON on stdout");
    return sub;
}

template <class Mode>  // numerics or an optional one
void add_mode(CLI::App* verb, const std::string& name, Mode& mode, const std::string& what = "") {
    std::string known;
    for (const numerics m : all_numerics) known += std::string(known.empty() ? "" : ", ") + numerics_name(m);
    verb->add_option_function<std::string>(
        name,
        [&mode, name, known](const std::string& text) {
            const auto found = find_numerics(text);
            if (!found) throw CLI::ValidationError(name + " must be one of " + known + ", is " + text);
            mode = *found;
        },
        "numerics mode" + what + ": " + known);
}

void add_pre(CLI::App* verb, std::string& pre) {
    verb->add_option("--pre", pre, "pre-tokenizer to use instead of the file's tokenizer.ggml.pre");
}

void add_model_verbs(CLI::App& app, command_line& line) {
    auto* doctor = add_verb(app, line, "doctor", "say what a model is and whether two fit together",
                            line.doctor, verb_doctor);
    doctor->add_option("MODEL", line.doctor.models, "GGUF files");
    doctor->add_flag("--tiers", line.doctor.tiers,
                     "print the instruction sets this machine can run, nothing else");
    doctor->add_option("--suite", line.doctor.suite,
                       "suite whose n, minimum detectable effect and n needed to print");
    doctor->add_flag("--rendered", line.doctor.rendered, "prompts of the suite are finished ones");
    doctor->add_option("--registry", line.doctor.registry, "registry for the suite");

    auto* tokenize =
        add_verb(app, line, "tokenize", "text to token ids, or back", line.tokenize, verb_tokenize);
    tokenize->add_option("MODEL", line.tokenize.model)->required();
    auto* text =
        tokenize->add_option("--text", line.tokenize.text, "the text (with --decode: a JSON array of ids)");
    tokenize->add_option("--file", line.tokenize.file, "file that holds it")->excludes(text);
    tokenize->add_flag("--decode", line.tokenize.decode, "ids to text");
    tokenize->add_flag("--special", line.tokenize.special, "parse special tokens in the text");
    add_pre(tokenize, line.tokenize.pre);

    auto* logits =
        add_verb(app, line, "logits", "teacher-forced logits at every position", line.logits, verb_logits);
    logits->add_option("MODEL", line.logits.model)->required();
    logits->add_option("--tokens", line.logits.tokens_file, "JSON list of id lists")->required();
    logits->add_option("-o", line.logits.out, "float32 .npy [sum of lengths, vocabulary]")->required();
    add_mode(logits, "--mode", line.logits.mode);

    auto* generate =
        add_verb(app, line, "generate", "greedy continuation of a prompt", line.generate, verb_generate);
    generate->add_option("MODEL", line.generate.model)->required();
    generate->add_option("--prompt", line.generate.prompt);
    generate->add_option("--messages", line.generate.messages_file,
                         "chat turns (JSON), through the chat template");
    generate->add_option("--max-tokens", line.generate.max_tokens, "tokens at most");
    add_mode(generate, "--mode", line.generate.mode);
    add_pre(generate, line.generate.pre);

    auto* quantize =
        add_verb(app, line, "quantize", "write a GGUF of another weight type", line.quantize, verb_quantize);
    quantize->add_option("IN", line.quantize.in)->required();
    quantize->add_option("OUT", line.quantize.out)->required();
    quantize->add_option("--type", line.quantize.type, "F32 F16 BF16 Q8_0 Q5_1 Q5_0 Q4_1 Q4_0")->required();
    quantize->add_option("--method", line.quantize.method, "rtn");
}

void add_bench(CLI::App& app, command_line& line) {
    auto* bench =
        add_verb(app, line, "bench", "speed of the kernels, and of a model", line.bench, verb_bench);
    bench->add_option("MODEL", line.bench.model, "GGUF file; without one only the kernels are measured");
    add_mode(bench, "--mode", line.bench.mode);
    bench->add_option("--tokens", line.bench.n_tokens, "tokens of a sequence");
    bench->add_option("--decode", line.bench.n_decoded, "tokens decoded one by one");
    bench->add_flag("--no-kernels", line.bench.no_kernels, "measure the model only");
}

void add_comparison_verbs(CLI::App& app, command_line& line) {
    auto* compare = add_verb(app, line, "compare", "base against candidates, slice by slice, with a verdict",
                             line.compare, verb_compare);
    compare->add_option("BASE", line.compare.base, "GGUF file of the model in use, or its capsule (.qbase)")
        ->required();
    compare->add_option("CAND", line.compare.candidates, "GGUF files of what shall replace it")->required();
    auto* suite = compare->add_option("--suite", line.compare.suite, "prompts, one JSON object a line");
    compare->add_option("--text", line.compare.text, "plain text to score instead")->excludes(suite);
    compare->add_option("--window", line.compare.window, "tokens of a window of --text");
    compare->add_option("--score", line.compare.score, "all or second-half of a window");
    compare->add_option("--registry", line.compare.registry, "slices and gates (JSON)");
    add_mode(compare, "--mode-base", line.compare.mode_base, " of the base (f32 when not given)");
    add_mode(compare, "--mode", line.compare.mode, " of the candidates (a16 when not given)");
    compare->add_flag("--rendered", line.compare.rendered,
                      "prompts are finished: parse control tokens, add nothing");
    compare->add_flag("--attention", line.compare.attention,
                      "also how far attention moved, head by head; one more pass of both models");
    compare->add_option("-o,--out", line.compare.out, "folder for the results")->required();
    add_pre(compare, line.compare.pre);

    auto* baseline = add_verb(app, line, "baseline",
                              "run the base once; compare F.qbase CAND then pays for the candidates only",
                              line.baseline, verb_baseline);
    baseline->add_option("MODEL", line.baseline.model, "GGUF file of the model in use")->required();
    auto* prompts = baseline->add_option("--suite", line.baseline.suite, "as for compare");
    baseline->add_option("--text", line.baseline.text, "as for compare")->excludes(prompts);
    baseline->add_option("--window", line.baseline.window, "tokens of a window of --text");
    baseline->add_option("--score", line.baseline.score, "all or second-half of a window");
    add_mode(baseline, "--mode-base", line.baseline.mode_base, " (f32 when not given)");
    baseline->add_flag("--rendered", line.baseline.rendered, "as for compare");
    baseline->add_flag("--keep-logits", line.baseline.keep_logits, "also the fp32 logits; a large file");
    baseline->add_option("-o,--out", line.baseline.out, "the capsule to write")->required();
    add_pre(baseline, line.baseline.pre);

    auto* inspect = add_verb(app, line, "inspect", "one item of a finished comparison, side by side",
                             line.inspect, verb_inspect);
    inspect->add_option("DIR", line.inspect.dir, "folder that compare wrote")->required();
    inspect->add_option("--prompt", line.inspect.prompt_id, "id of the item")->required();
}

void add_schema_verbs(CLI::App& app, command_line& line) {
    auto* schema = app.add_subcommand("schema", "JSON Schema: check instances, measure complexity");
    auto* check = add_verb(*schema, line, "check", "are these JSON files valid against a schema",
                           line.schema_check, verb_schema_check);
    check->add_option("SCHEMA", line.schema_check.schema, "JSON file")->required();
    check->add_option("INSTANCE", line.schema_check.instances, "JSON files")->required();
    check->add_flag("--assert-format", line.schema_check.assert_format,
                    "format decides too, it is not only an annotation");
    auto* complexity = add_verb(*schema, line, "complexity", "how complex a schema is, and its tier",
                                line.schema_complexity, verb_schema_complexity);
    complexity->add_option("SCHEMA", line.schema_complexity.schema, "JSON file")->required();
    for (auto* verb : {check, complexity})
        verb->add_option("--ref-base",
                         verb == check ? line.schema_check.ref_bases : line.schema_complexity.ref_bases,
                         "URI=DIR: references below URI are files of DIR; nothing else is read")
            ->allow_extra_args(false);
}

/// The option or verb nearest to a word that was not understood, as a hint; empty when none is close.
std::string did_you_mean(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const auto* verb : app.get_subcommands({})) known.push_back(verb->get_name());
    for (const auto* option : app.get_options())
        if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
    const auto near = nearest_name(word.substr(0, word.find('=')), known);
    return near.empty() ? "" : "; did you mean " + near + "?";
}

/// The first word that no option or verb took, as ux.md words it; empty when every word was taken.
std::string unknown_word(const CLI::App& app) {
    const CLI::App* verb = &app;
    std::string name;
    while (!verb->get_subcommands().empty()) {
        verb = verb->get_subcommands().front();
        name += (name.empty() ? "" : " ") + verb->get_name();
    }
    const auto rest = verb->remaining();
    if (rest.empty()) return "";
    const bool is_option = rest.front().starts_with("-");
    const char* kind = is_option ? "option " : verb->get_subcommands({}).empty() ? "argument " : "verb ";
    return "unknown " + (kind + rest.front()) + (name.empty() ? "" : " for \"" + name + "\"") +
           did_you_mean(*verb, rest.front());
}

int usage_error(const std::string& why) {
    return report_error({errc::usage, why + "\nRun qslip --help or qslip VERB --help."});
}

int parse_and_run(int argc, char** argv) {
    CLI::App app(
        "qslip: catches what a quantized model lost, slice by slice.\n"
        "Exit codes: 0 PASS or done, 1 FAIL, 2 could not run, 3 INCONCLUSIVE, 4 NOT_COMPARABLE.",
        "qslip");
    command_line line;
    app.set_version_flag("--version", version_string());
    app.allow_extras();  // unknown words get a hint of ours
    add_model_verbs(app, line);
    add_comparison_verbs(app, line);
    add_bench(app, line);
    add_schema_verbs(app, line);
    for (auto* verb : app.get_subcommands({})) {
        verb->allow_extras();
        for (auto* below : verb->get_subcommands({})) below->allow_extras();
    }
    std::string parse_failure;
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        parse_failure = error.what();
    }
    if (const auto unknown = unknown_word(app); !unknown.empty()) return usage_error(unknown);
    if (!parse_failure.empty()) return usage_error(parse_failure);
    if (!line.chosen) return usage_error("no verb given");
    if (auto read = read_limits(line.limits_file, line.common.limits); !read.ok()) return report_error(read);
    return line.chosen(line.common);
}

}  // namespace

int run(int argc, char** argv) {
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        return report_error({errc::internal, error.what()});
    }
}

}  // namespace qslip::tool
