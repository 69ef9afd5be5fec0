// What a model is, and whether two fit together, before anything long runs.
#include <qslip/compare.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/model.hpp>
#include <qslip/plan.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdio>
#include <optional>

#include "files.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

std::vector<const char*> native_tiers() {
    std::vector<const char*> names;
    for (const auto tier : all_isas)
        if (isa_supported(tier)) names.push_back(isa_name(tier));
    return names;
}

std::string joined_tiers() {
    std::string text;
    for (const char* name : native_tiers()) text += (text.empty() ? "" : " ") + std::string(name);
    return text;
}

/// What a suite with messages could do with the file.
std::string template_state(const model_description& file) {
    if (!file.has_chat_template) return "none";
    return file.chat_template_fault.empty() ? "present, understood"
                                            : "present, but " + file.chat_template_fault;
}

void print_text(const model& m) {
    const auto& c = m.config();
    const auto file = describe_model(m);
    std::printf("%s\n", escaped(file.path).c_str());
    std::printf("  architecture  %s: %zu layers, d_model %zu, %zu/%zu heads x %zu, d_ff %zu, context %s\n",
                c.architecture.c_str(), c.n_layers, c.d_model, c.n_heads, c.n_kv_heads, c.head_dim, c.d_ff,
                grouped(c.context_length).c_str());
    std::printf("  weights       ");
    for (const auto& [type, count] : file.tensors_by_type) std::printf("%zu %s, ", count, type.c_str());
    std::printf("%.2f bits per weight\n", file.bits_per_weight);
    std::printf("  tokenizer     %s, %s tokens, BOS %s\n", m.vocab().pre().c_str(),
                grouped(m.vocab().n_vocab()).c_str(), m.vocab().adds_bos() ? "added" : "not added");
    std::printf("  chat template %s\n", template_state(file).c_str());
    std::printf("  memory        %.1f MiB for the weights\n",
                static_cast<double>(m.memory_bytes()) / (1 << 20));
    std::printf("  tier          %s, of %s\n", isa_name(m.active_isa()), joined_tiers().c_str());
}

void write_model(json_writer& out, const model& m) {
    const auto& c = m.config();
    const auto file = describe_model(m);
    out.begin_object().member("path", file.path).member("architecture", c.architecture);
    out.member("n_layers", c.n_layers).member("d_model", c.d_model).member("n_heads", c.n_heads);
    out.member("n_kv_heads", c.n_kv_heads).member("context_length", c.context_length);
    out.key("tensors").begin_object();
    for (const auto& [type, count] : file.tensors_by_type) out.member(type, count);
    out.end_object().member("bits_per_weight", file.bits_per_weight);
    out.member("pre", m.vocab().pre()).member("n_vocab", m.vocab().n_vocab());
    out.member("vocab_sha256", m.vocab().digest()).member("chat_template", template_state(file));
    out.member("memory_bytes", m.memory_bytes()).member("isa", isa_name(m.active_isa())).end_object();
}

void write_optional(json_writer& out, const char* name, const std::optional<double>& number) {
    out.key(name);
    number ? out.value(*number) : out.null();
}

void write_cell(json_writer& out, const planned_cell& c) {
    out.begin_object().member("slice", c.cell.slice).member("metric", c.cell.metric);
    out.member("role", cell_role_name(c.cell.role)).member("n", c.n).member("clusters", c.clusters);
    write_optional(out, "budget", decides(c.cell.role) ? std::optional(c.cell.gate.budget) : std::nullopt);
    write_optional(out, "detectable_effect", c.detectable_effect);
    write_optional(out, "n_needed", c.n_needed);
    out.end_object();
}

std::string document_of(const std::vector<model>& models, const std::optional<run_plan>& plan) {
    std::string text;
    json_writer out(text);
    out.begin_object().key("models").begin_array();
    for (const auto& m : models) write_model(out, m);
    out.end_array();
    if (plan) {
        out.key("plan").begin_array();
        for (const auto& cell : plan->cells()) write_cell(out, cell);
        out.end_array();
    }
    out.end_object();
    return text;
}

status check_usage(const doctor_args& args) {
    if (args.models.empty()) return {errc::usage, "give the model: qslip doctor MODEL"};
    if (args.suite.empty() && !args.registry.empty()) return {errc::usage, "--registry needs --suite"};
    return {};
}

result<std::vector<model>> open_models(const doctor_args& args, const context& run) {
    std::vector<model> models;
    for (const auto& path : args.models) {
        QSLIP_TRY(auto m, open_model(path, {run.limits, run.isa, {}}));
        models.push_back(std::move(m));
        if (!run.json) print_text(models.back());
    }
    for (std::size_t i = 1; i < models.size(); ++i)
        QSLIP_CHECK(check_same_vocabulary(models.front(), models[i]));
    if (models.size() > 1) std::fputs("the models fit together: equal vocabularies\n", stderr);
    return models;
}

/// n, least detectable effect and n needed of every cell, before any model runs.
result<run_plan> plan_of(const model& m, const doctor_args& args, const limits& limits) {
    auto registry = slice_registry::standard();
    if (!args.registry.empty()) {
        QSLIP_TRY(registry, slice_registry::load(args.registry, limits));
    }
    QSLIP_TRY(const auto items, suite::load(args.suite, limits));
    return make_plan(items, registry, m, args.rendered, limits);
}

void print_tiers(bool json) {
    if (!json) return void(std::puts(joined_tiers().c_str()));
    std::string text;
    json_writer out(text);
    out.begin_array();
    for (const char* name : native_tiers()) out.value(name);
    out.end_array();
    print_json(text);
}

}  // namespace

result<int> verb_doctor(const doctor_args& args, const context& run) {
    if (args.tiers) {
        print_tiers(run.json);
        return exit_done;
    }
    QSLIP_CHECK(check_usage(args));
    QSLIP_TRY(const auto models, open_models(args, run));
    std::optional<run_plan> plan;
    if (!args.suite.empty()) {
        QSLIP_TRY(plan, plan_of(models.front(), args, run.limits));
    }
    if (run.json)
        print_json(document_of(models, plan));
    else if (plan)
        std::fputs(plan_table(*plan).c_str(), stdout);
    if (plan)
        for (const auto& line : plan_warnings(*plan, args.suite))
            std::fprintf(stderr, "warning: %s\n", line.c_str());
    return exit_done;
}

}  // namespace qslip::tool
