#include <qslip/eval/compare.hpp>
#include <qslip/io/tokenizer.hpp>
#include <qslip/report/table.hpp>
#include <qslip/report/write.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tool/files.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

bool talks_to_terminal() { return ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

/// One line on the terminal that is written over; nothing anywhere else.
class progress_line {
public:
    void show(std::uint64_t done, std::uint64_t total) {
        if (!shown_ || total == 0) return;
        std::fprintf(stderr, "\r%3.0f %%  %llu of %llu tokens",
                     100.0 * static_cast<double>(done) / static_cast<double>(total),
                     static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
        used_ = true;
    }
    ~progress_line() {
        if (used_) std::fprintf(stderr, "\r\033[K");
    }

private:
    bool shown_ = talks_to_terminal(), used_ = false;
};

status check_usage(const compare_args& args) {
    if (args.suite.empty() == args.text.empty()) return {errc::usage, "give either --suite or --text"};
    if (args.out.empty()) return {errc::usage, "give the folder for the results: -o DIR"};
    if (args.score != "all" && args.score != "second-half")
        return {errc::usage, "--score must be all or second-half, is " + args.score};
    return {};
}

result<std::vector<model>> open_models(const compare_args& args, const context& run) {
    const model_options options{run.lim, run.isa, args.pre};
    std::vector<model> models;
    QSLIP_TRY(auto base, model::open(args.base, options));
    models.push_back(std::move(base));
    for (const auto& path : args.candidates) {
        QSLIP_TRY(auto candidate, model::open(path, options));
        models.push_back(std::move(candidate));
    }
    return models;
}

result<run_result> run_suite(const std::vector<model>& models, const compare_args& args,
                             const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(const auto items, suite::load(args.suite, options.lim));
    QSLIP_TRY(const auto plan, make_plan(items, registry, models.front().vocab()));
    std::fprintf(stderr, "%s: %zu items\n%s", args.suite.c_str(), items.size(), plan_table(plan).c_str());
    return compare(models.front(), std::span(models).subspan(1), items, registry, options);
}

result<run_result> run_text(const std::vector<model>& models, const compare_args& args,
                            const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(const auto text, read_text_file(args.text, options.lim));
    const text_options how{args.window, args.score == "all" ? score_part::all : score_part::second_half};
    return compare_text(models.front(), std::span(models).subspan(1), text, args.text, how, registry,
                        options);
}

result<run_result> run_comparison(const compare_args& args, const context& run) {
    QSLIP_CHECK(check_usage(args));
    auto registry = slice_registry::standard();
    if (!args.registry.empty()) {
        QSLIP_TRY(registry, slice_registry::load(args.registry, run.lim));
    }
    QSLIP_TRY(const auto models, open_models(args, run));
    progress_line line;
    compare_options options{run.threads, run.seed, run.lim, {}};
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) { line.show(done, total); };
    return args.suite.empty() ? run_text(models, args, registry, options)
                              : run_suite(models, args, registry, options);
}

}  // namespace

int verb_compare(const compare_args& args, const context& run) {
    const auto result = run_comparison(args, run);
    if (!result) return report_error(result.status());
    for (const auto& note : result->notes) std::fprintf(stderr, "note: %s\n", note.c_str());
    const auto paths = report::write_all(*result, args.out);
    if (!paths) return report_error(paths.status());
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
