// What a model is, and whether two fit together, before anything long runs.
#include <qslip/compare.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/model.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdio>
#include <map>

#include "eval/prompt_encoder.hpp"
#include "formats/gguf.hpp"
#include "text/chat_template.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

std::string native_tiers() {
    std::string names;
    for (const auto tier : all_isas)
        if (isa_supported(tier)) names += (names.empty() ? "" : " ") + std::string(isa_name(tier));
    return names;
}

/// What a suite with messages could do with the file.
std::string template_state(const gguf_file& file) {
    if (!file.has("tokenizer.chat_template")) return "none";
    const auto found = chat_template::from_gguf(file);
    return found ? "present, understood" : std::string("present, but ") + found.status().message();
}

struct weight_summary {
    std::map<std::string, std::size_t> tensors_by_type;
    double bits_per_weight = 0;
};

weight_summary summarize_weights(const gguf_file& file) {
    weight_summary sum;
    double bytes = 0, weights = 0;
    for (const auto& tensor : file.tensors()) {
        ++sum.tensors_by_type[std::string(info_of(tensor.type).name)];
        bytes += static_cast<double>(tensor.size_bytes);
        weights += static_cast<double>(tensor.n_elements);
    }
    if (weights > 0) sum.bits_per_weight = 8 * bytes / weights;
    return sum;
}

void print_text(const model& m) {
    const auto& c = m.config();
    const auto weights = summarize_weights(m.gguf());
    std::printf("%s\n", m.gguf().file().path().c_str());
    std::printf("  architecture  %s: %zu layers, d_model %zu, %zu/%zu heads x %zu, d_ff %zu, context %s\n",
                c.architecture.c_str(), c.n_layers, c.d_model, c.n_heads, c.n_kv_heads, c.head_dim, c.d_ff,
                grouped(c.context_length).c_str());
    std::printf("  weights       ");
    for (const auto& [type, count] : weights.tensors_by_type) std::printf("%zu %s, ", count, type.c_str());
    std::printf("%.2f bits per weight\n", weights.bits_per_weight);
    std::printf("  tokenizer     %s, %s tokens, BOS %s\n", m.vocab().pre().c_str(),
                grouped(m.vocab().n_vocab()).c_str(), m.vocab().adds_bos() ? "added" : "not added");
    std::printf("  chat template %s\n", template_state(m.gguf()).c_str());
    std::printf("  memory        %.1f MiB for the weights\n",
                static_cast<double>(m.memory_bytes()) / (1 << 20));
    std::printf("  tier          %s, of %s\n", isa_name(m.active_isa()), native_tiers().c_str());
}

void write_json(json_writer& out, const model& m) {
    const auto& c = m.config();
    const auto weights = summarize_weights(m.gguf());
    out.begin_object();
    out.member("path", m.gguf().file().path());
    out.member("architecture", c.architecture);
    out.member("n_layers", c.n_layers);
    out.member("d_model", c.d_model);
    out.member("n_heads", c.n_heads);
    out.member("n_kv_heads", c.n_kv_heads);
    out.member("context_length", c.context_length);
    out.key("tensors").begin_object();
    for (const auto& [type, count] : weights.tensors_by_type) out.member(type, count);
    out.end_object();
    out.member("bits_per_weight", weights.bits_per_weight);
    out.member("pre", m.vocab().pre());
    out.member("n_vocab", m.vocab().n_vocab());
    out.member("vocab_sha256", m.vocab().digest());
    out.member("memory_bytes", m.memory_bytes());
    out.member("isa", isa_name(m.active_isa()));
    out.end_object();
}

void print_models(const std::vector<model>& models, bool json) {
    if (!json) {
        for (const auto& m : models) print_text(m);
        return;
    }
    std::string text;
    json_writer out(text);
    out.begin_array();
    for (const auto& m : models) write_json(out, m);
    out.end_array();
    std::puts(text.c_str());
}

result<slice_registry> registry_of(const doctor_args& args, const limits& limits) {
    if (args.registry.empty()) return slice_registry::standard();
    return slice_registry::load(args.registry, limits);
}

/// n, least detectable effect and n needed of every cell, before any model runs.
status print_plan(const model& m, const doctor_args& args, const limits& limits) {
    QSLIP_TRY(const auto registry, registry_of(args, limits));
    QSLIP_TRY(const auto items, suite::load(args.suite, limits));
    QSLIP_TRY(const auto prompts, prompt_encoder::create(m, items, args.rendered, limits));
    QSLIP_TRY(const auto plan, make_plan(items, registry, prompts));
    std::fputs(plan_table(plan).c_str(), stdout);
    return {};
}

status doctor(const doctor_args& args, const context& c) {
    if (args.models.empty()) return {errc::usage, "doctor needs a model"};
    if (args.suite.empty() && !args.registry.empty()) return {errc::usage, "--registry needs --suite"};
    std::vector<model> models;
    for (const auto& path : args.models) {
        QSLIP_TRY(auto m, model::open(path, {c.limits, c.isa, {}}));
        models.push_back(std::move(m));
    }
    print_models(models, c.json);
    for (std::size_t i = 1; i < models.size(); ++i)
        QSLIP_CHECK(check_same_vocabulary(models.front(), models[i]));
    if (models.size() > 1) std::fputs("the models fit together: equal vocabularies\n", stderr);
    return args.suite.empty() ? status{} : print_plan(models.front(), args, c.limits);
}

}  // namespace

int verb_doctor(const doctor_args& args, const context& c) {
    if (args.tiers) {
        std::puts(native_tiers().c_str());
        return exit_done;
    }
    const auto done = doctor(args, c);
    return done.ok() ? exit_done : report_error(done);
}

}  // namespace qslip::tool
