#include <qslip/baseline.hpp>
#include <qslip/compare.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>
#include <qslip/report.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "files.hpp"
#include "long_run.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

status check_usage(const compare_args& args) {
    if (args.suite.empty() == args.text_file.empty())
        return {errc::usage, "give either --suite FILE or --text-file FILE"};
    if (args.settings.rendered && args.suite.empty())
        return {errc::usage, "--rendered is about the prompts of --suite"};
    if (args.out.empty()) return {errc::usage, "give the folder for the results: -o DIR"};
    return {};
}

/// The base as a model file, or the one a capsule was made from; that is opened into `stored`.
result<model> open_base(const compare_args& args, const model_options& options,
                        std::optional<capsule>& stored) {
    if (!capsule::is_one(args.base)) return open_model(args.base, options);
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
        QSLIP_TRY(auto candidate, open_model(path, options));
        models.push_back(std::move(candidate));
    }
    return models;
}

std::string journal_path(const compare_args& args) { return args.out + "/unfinished.qrun"; }

result<run_result> run_suite(const std::vector<model>& models, const compare_args& args,
                             const slice_registry& registry, const compare_options& options,
                             long_run& shown) {
    QSLIP_TRY(const auto items, suite::load(args.suite, options.limits));
    auto told = options;
    told.on_plan = [&](const run_plan& plan) {
        shown.say(escaped(args.suite) + ": " + grouped(items.size()) + " items\n" + plan_table(plan));
        for (const auto& line : plan_warnings(plan, args.suite)) shown.say("warning: " + line + "\n");
    };
    return compare(models.front(), std::span(models).subspan(1), items, registry, told);
}

result<run_result> run_text(const std::vector<model>& models, const compare_args& args,
                            const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(const auto text, read_text_file(args.text_file, options.limits));
    return compare(models.front(), std::span(models).subspan(1), text_source{text, args.text_file}, registry,
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
    long_run shown;
    compare_options options;
    options.threads = run.threads;
    options.limits = run.limits;
    copy_settings(args.settings, options);
    options.baseline = stored ? &*stored : nullptr;
    options.journal = journal_path(args);
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) { shown.update(done, total); };
    options.on_resume = [&](std::uint64_t done, std::uint64_t items) { shown.say_resumed(done, items); };
    return args.suite.empty() ? run_text(models, args, registry, options)
                              : run_suite(models, args, registry, options, shown);
}

}  // namespace

result<int> verb_compare(const compare_args& args, const context& run) {
    QSLIP_TRY(const auto result, run_comparison(args, run));
    for (const auto& note : result.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
    QSLIP_TRY(const auto paths, report::write_all(result, args.out));
    std::error_code ignored;
    std::filesystem::remove(journal_path(args), ignored);
    if (run.json) {
        print_json(report::result_json(result));
        return result.exit_code();
    }
    std::string wrote = "wrote";
    for (const auto& path : paths) wrote += " " + path;
    std::printf("%s%s\n", report::text(result, {args.verbose}).c_str(), wrote.c_str());
    return result.exit_code();
}

}  // namespace qslip::tool
