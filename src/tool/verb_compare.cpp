#include <qslip/baseline.hpp>
#include <qslip/compare.hpp>
#include <qslip/report.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "eval/prompt_encoder.hpp"
#include "tool/files.hpp"
#include "tool/progress.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

status check_usage(const compare_args& args) {
    if (args.suite.empty() == args.text.empty()) return {errc::usage, "give either --suite or --text"};
    if (args.settings.rendered && args.suite.empty())
        return {errc::usage, "--rendered is about the prompts of --suite"};
    if (args.out.empty()) return {errc::usage, "give the folder for the results: -o DIR"};
    return {};
}

/// The base as a model file, or the one a capsule was made from; that is opened into `stored`.
result<model> open_base(const compare_args& args, const model_options& options,
                        std::optional<capsule>& stored) {
    if (!capsule::is_one(args.base)) return model::open(args.base, options);
    QSLIP_TRY(auto opened, capsule::open(args.base, options.limits));
    QSLIP_TRY(const auto path, opened.find_base());
    stored = std::move(opened);
    return model::open(path, options);
}

result<std::vector<model>> open_models(const compare_args& args, const context& run,
                                       std::optional<capsule>& stored) {
    const model_options options{run.limits, run.isa, args.pre};
    std::vector<model> models;
    QSLIP_TRY(auto base, open_base(args, options, stored));
    models.push_back(std::move(base));
    for (const auto& path : args.candidates) {
        QSLIP_TRY(auto candidate, model::open(path, options));
        models.push_back(std::move(candidate));
    }
    return models;
}

std::string journal_path(const compare_args& args) { return args.out + "/unfinished.qrun"; }

result<run_result> run_suite(const std::vector<model>& models, const compare_args& args,
                             const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(const auto items, suite::load(args.suite, options.limits));
    QSLIP_TRY(const auto prompts,
              prompt_encoder::create(models.front(), items, options.rendered, options.limits));
    QSLIP_TRY(const auto plan, make_plan(items, registry, prompts));
    std::fprintf(stderr, "%s: %zu items\n%s", args.suite.c_str(), items.size(), plan_table(plan).c_str());
    return compare(models.front(), std::span(models).subspan(1), items, registry, options);
}

result<run_result> run_text(const std::vector<model>& models, const compare_args& args,
                            const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(const auto text, read_text_file(args.text, options.limits));
    return compare(models.front(), std::span(models).subspan(1), text_source{text, args.text}, registry,
                   options);
}

result<run_result> run_comparison(const compare_args& args, const context& run) {
    QSLIP_CHECK(check_usage(args));
    auto registry = slice_registry::standard();
    if (!args.registry.empty()) {
        QSLIP_TRY(registry, slice_registry::load(args.registry, run.limits));
    }
    std::optional<capsule> stored;
    QSLIP_TRY(const auto models, open_models(args, run, stored));
    progress_line line;
    compare_options options;
    options.threads = run.threads;
    options.limits = run.limits;
    copy_settings(args.settings, options);
    options.baseline = stored ? &*stored : nullptr;
    options.journal = journal_path(args);
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) { line.show(done, total); };
    return args.suite.empty() ? run_text(models, args, registry, options)
                              : run_suite(models, args, registry, options);
}

}  // namespace

int verb_compare(const compare_args& args, const context& run) {
    const auto result = run_comparison(args, run);
    if (!result) return report_error(result.status());
    if (const auto n = result->facts.resumed_items; n > 0)
        std::fprintf(stderr, "note: %llu items were done by the run this one continues\n",
                     static_cast<unsigned long long>(n));
    for (const auto& note : result->notes) std::fprintf(stderr, "note: %s\n", note.c_str());
    const auto paths = report::write_all(*result, args.out);
    if (!paths) return report_error(paths.status());
    std::error_code ignored;
    std::filesystem::remove(journal_path(args), ignored);
    if (run.json) {
        std::fputs(report::result_json(*result).c_str(), stdout);
        return result->exit_code();
    }
    std::string wrote = "wrote";
    for (const auto& path : *paths) wrote += " " + path;
    std::printf("%s%s\n", report::text(*result).c_str(), wrote.c_str());
    return result->exit_code();
}

}  // namespace qslip::tool
