#include <qslip/quantize.hpp>

#include "verb_options.hpp"

namespace qslip::tool {
namespace {

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
    for (const auto& target : weight_targets())
        names += (names.empty() ? "" : " ") + std::string(target.name);
    return names;
}

void add_quantize(CLI::App& app, command_line& line) {
    auto& args = line.quantize;
    auto* quantize =
        add_verb(app, line, "quantize", "write a GGUF of another weight type", args, verb_quantize,
                 "  qslip quantize base.gguf int8.gguf --type Q8_0\n"
                 "  qslip quantize base.gguf int4.gguf --type q4_k_m --force");
    quantize->add_option("IN", args.in, "GGUF file to read")->required();
    quantize->add_option("OUT", args.out, "GGUF file to write")->required();
    quantize->add_option("--type", args.type, weight_types())->type_name("TYPE")->required();
    add_threads(quantize, line);
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

}  // namespace

void declare_model_verbs(CLI::App& app, command_line& line) {
    add_doctor(app, line);
    add_quantize(app, line);
    add_generate(app, line);
    add_tokenize(app, line);
    add_logits(app, line);
    add_bench(app, line);
}

}  // namespace qslip::tool
