#include <qslip/baseline.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>

#include <cstdio>

#include "tool/files.hpp"
#include "tool/progress.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

result<baseline_summary> write_capsule(const baseline_args& args, const context& run) {
    if (args.suite.empty() == args.text.empty()) return status(errc::usage, "give either --suite or --text");
    QSLIP_TRY(const auto how, text_options_of(args.window, args.score));
    QSLIP_TRY(const auto base, model::open(args.model, {run.limits, run.isa, args.pre}));
    progress_line line;
    baseline_options options{run.threads, run.limits, args.mode_base, args.keep_logits, {}};
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) { line.show(done, total); };
    if (args.suite.empty()) {
        QSLIP_TRY(const auto text, read_text_file(args.text, run.limits));
        return write_text_baseline(base, text, args.text, how, args.out, options);
    }
    options.rendered = args.rendered;
    QSLIP_TRY(const auto items, suite::load(args.suite, run.limits));
    return write_baseline(base, items, args.out, options);
}

}  // namespace

int verb_baseline(const baseline_args& args, const context& run) {
    const auto made = write_capsule(args, run);
    if (!made) return report_error(made.status());
    if (run.json) {
        std::string out;
        json_writer w(out);
        w.begin_object().member("capsule", args.out).member("items", made->items);
        w.member("resumed_items", made->resumed_items).member("positions", made->positions);
        w.member("size_bytes", made->size_bytes).end_object();
        std::printf("%s\n", out.c_str());
        return exit_done;
    }
    std::printf("wrote %s: %s items (%s from an interrupted run), %s scored positions, %s bytes\n",
                args.out.c_str(), grouped(made->items).c_str(), grouped(made->resumed_items).c_str(),
                grouped(made->positions).c_str(), grouped(made->size_bytes).c_str());
    return exit_done;
}

}  // namespace qslip::tool
