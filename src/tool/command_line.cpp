#include "command_line.hpp"

#include <qslip/detail/core/dtype.hpp>
#include <qslip/detail/core/version.hpp>

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

void add_threads(CLI::App* verb, command_line& line) {
    verb->add_option("--threads", line.common.threads, "worker threads")
        ->type_name("N")
        ->default_str("one per core");
}

void add_isa(CLI::App* verb, command_line& line) {
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

void add_pre(CLI::App* verb, std::string& pre) {
    verb->add_option("--pre", pre, "pre-tokenizer to use instead of the one the file names")
        ->type_name("NAME");
}

void add_model(CLI::App* verb, std::string& model) {
    verb->add_option("MODEL", model, "GGUF file")->required();
}

void add_doctor(CLI::App& app, command_line& line) {
    auto& args = line.doctor;
    auto* doctor =
        add_verb(app, line, "doctor", "say what a model is and whether two fit together", args, verb_doctor,
                 "  qslip doctor base.gguf int4.gguf\n"
                 "  qslip doctor base.gguf --suite prompts.jsonl --registry gates.json");
    add_isa(doctor, line);
    doctor->add_option("MODEL", args.models, "GGUF files");
    doctor->add_flag("--tiers", args.tiers, "print the instruction sets this machine can run, nothing else");
    doctor
        ->add_option("--suite", args.suite, "suite whose n, minimum detectable effect and n needed to print")
        ->type_name("FILE");
    doctor->add_flag("--rendered", args.rendered, "prompts of the suite are finished ones");
    doctor->add_option("--registry", args.registry, "slices and gates for the suite (JSON)")
        ->type_name("FILE");
}

void add_tokenize(CLI::App& app, command_line& line) {
    auto& args = line.tokenize;
    auto* tokenize = add_verb(app, line, "tokenize", "text to token ids, or back", args, verb_tokenize,
                              "  qslip tokenize base.gguf --text 'The sky is blue'\n"
                              "  qslip tokenize base.gguf --decode --text '[504, 6376]'");
    add_model(tokenize, args.model);
    auto* text = tokenize->add_option("--text", args.text, "the text; with --decode a JSON list of ids");
    text->type_name("TEXT");
    tokenize->add_option("--file", args.file, "file that holds it")->type_name("FILE")->excludes(text);
    tokenize->add_flag("--decode", args.decode, "ids to text");
    tokenize->add_flag("--special", args.special, "parse special tokens in the text");
    add_pre(tokenize, args.pre);
}

void add_logits(CLI::App& app, command_line& line) {
    auto& args = line.logits;
    auto* logits = add_verb(app, line, "logits", "teacher-forced logits at every position", args, verb_logits,
                            "  qslip logits base.gguf --tokens ids.json -o logits.npy\n"
                            "  qslip logits base.gguf --tokens ids.json -o logits.npy --mode a8 --threads 8");
    add_threads(logits, line);
    add_isa(logits, line);
    add_model(logits, args.model);
    logits->add_option("--tokens", args.tokens_file, "JSON list of lists of token ids")
        ->type_name("FILE")
        ->required();
    logits->add_option("-o,--out", args.out, "float32 .npy [sum of lengths, vocabulary]")
        ->type_name("FILE")
        ->required();
    add_mode(logits, "--mode", args.mode, "f32");
    add_pre(logits, args.pre);
}

void add_generate(CLI::App& app, command_line& line) {
    auto& args = line.generate;
    auto* generate = add_verb(app, line, "generate", "greedy continuation of a prompt", args, verb_generate,
                              "  qslip generate base.gguf --prompt 'The sky is' --max-tokens 16\n"
                              "  qslip generate base.gguf --messages chat.json --mode a16");
    add_threads(generate, line);
    add_isa(generate, line);
    add_model(generate, args.model);
    auto* prompt = generate->add_option("--prompt", args.prompt, "text to continue, control tokens parsed");
    prompt->type_name("TEXT");
    generate
        ->add_option("--messages", args.messages_file,
                     R"(chat turns, [{"role":"user","content":"Hi"}], through the chat template)")
        ->type_name("FILE")
        ->excludes(prompt);
    generate->add_option("--max-tokens", args.max_tokens, "tokens at most")
        ->type_name("N")
        ->capture_default_str();
    add_mode(generate, "--mode", args.mode, "f32");
    add_pre(generate, args.pre);
}

std::string weight_types() {
    std::string names;
    for (const auto& type : all_dtypes) names += (names.empty() ? "" : " ") + std::string(type.name);
    return names;
}

void add_quantize(CLI::App& app, command_line& line) {
    auto& args = line.quantize;
    auto* quantize =
        add_verb(app, line, "quantize", "write a GGUF of another weight type", args, verb_quantize,
                 "  qslip quantize base.gguf int8.gguf --type Q8_0\n"
                 "  qslip quantize base.gguf int4.gguf --type Q4_0 --force");
    quantize->add_option("IN", args.in, "GGUF file to read")->required();
    quantize->add_option("OUT", args.out, "GGUF file to write")->required();
    quantize->add_option("--type", args.type, weight_types())->type_name("TYPE")->required();
    quantize->add_option("--method", args.method, "how codes are chosen: rtn, to the nearest")
        ->type_name("NAME")
        ->capture_default_str();
    quantize->add_flag("--force", args.force, "replace OUT when it exists");
}

void add_bench(CLI::App& app, command_line& line) {
    auto& args = line.bench;
    auto* bench = add_verb(app, line, "bench", "speed of the kernels, and of a model", args, verb_bench,
                           "  qslip bench\n"
                           "  qslip bench base.gguf --mode a8 --threads 8");
    add_threads(bench, line);
    add_isa(bench, line);
    bench->add_option("MODEL", args.model, "GGUF file; without one only the kernels are measured");
    add_mode(bench, "--mode", args.mode, "all of them");
    bench->add_option("--tokens", args.n_tokens, "tokens of a sequence")
        ->type_name("N")
        ->capture_default_str();
    bench->add_option("--decode", args.n_decoded, "tokens decoded one by one")
        ->type_name("N")
        ->capture_default_str();
    bench->add_flag("--no-kernels", args.no_kernels, "measure the model only");
}

/// What compare and baseline read.
template <class Args>
void add_workload(CLI::App* verb, Args& args) {
    auto* suite =
        verb->add_option("--suite", args.suite, "prompts, one JSON object a line")->type_name("FILE");
    verb->add_option("--text-file,--text", args.text_file, "plain text to score instead, in windows")
        ->type_name("FILE")
        ->excludes(suite);
    verb->add_option("--window", args.window, "tokens of a window of the text")
        ->type_name("N")
        ->capture_default_str();
    verb->add_option("--score", args.score, "what of a window is scored: all or second-half")
        ->type_name("PART")
        ->capture_default_str();
    verb->add_flag("--rendered", args.rendered, "prompts are finished: parse control tokens, add nothing");
    add_mode(verb, "--mode-base", args.mode_base, "f32", " of the base");
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
    add_mode(compare, "--mode", args.mode, "a16", " of the candidates");
    compare->add_flag("--attention", args.attention,
                      "also how far attention moved, head by head; one more pass of both models");
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
    baseline->add_flag("--keep-logits", args.keep_logits, "also the fp32 logits; a large file");
    baseline->add_option("-o,--out", args.out, "the capsule to write")->type_name("FILE")->required();
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
    add_compare(app, line);
    add_baseline(app, line);
    add_inspect(app, line);
    add_doctor(app, line);
    add_quantize(app, line);
    add_generate(app, line);
    add_tokenize(app, line);
    add_logits(app, line);
    add_schema(app, line);
    add_bench(app, line);
    add_help(app, line);
}

}  // namespace qslip::tool
