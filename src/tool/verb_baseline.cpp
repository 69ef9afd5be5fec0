#include <qslip/baseline.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>
#include <qslip/detail/json/json_writer.hpp>

#include <cstdio>

#include "files.hpp"
#include "long_run.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

result<baseline_summary> write_capsule(const baseline_args& args, const context& run) {
    if (args.suite.empty() == args.text_file.empty())
        return status(errc::usage, "give either --suite FILE or --text-file FILE");
    QSLIP_CHECK(refuse_overwriting_input(args.out, {&args.model, 1}));
    QSLIP_TRY(const auto base, open_model(args.model, {run.limits, run.isa, args.pre}));
    long_run shown;
    baseline_options options;
    options.threads = run.threads;
    options.limits = run.limits;
    copy_settings(args.settings, options);
    options.keep_logits = args.keep_logits;
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) { shown.update(done, total); };
    options.on_resume = [&](std::uint64_t done, std::uint64_t items) { shown.say_resumed(done, items); };
    if (args.suite.empty()) {
        QSLIP_TRY(const auto text, read_text_file(args.text_file, run.limits));
        return write_baseline(base, text_source{text, args.text_file}, args.out, options);
    }
    QSLIP_TRY(const auto items, suite::load(args.suite, run.limits));
    return write_baseline(base, items, args.out, options);
}

std::string document_of(const baseline_summary& made, const std::string& path) {
    std::string text;
    json_writer out(text);
    out.begin_object().member("capsule", path).member("items", made.items);
    out.member("resumed_items", made.resumed_items).member("positions", made.positions);
    out.member("size_bytes", made.size_bytes).end_object();
    return text;
}

}  // namespace

result<int> verb_baseline(const baseline_args& args, const context& run) {
    QSLIP_TRY(const auto made, write_capsule(args, run));
    if (run.json)
        print_json(document_of(made, args.out));
    else
        std::printf("wrote %s: %s items (%s from an interrupted run), %s scored positions, %s bytes\n",
                    escaped(args.out).c_str(), grouped(made.items).c_str(),
                    grouped(made.resumed_items).c_str(), grouped(made.positions).c_str(),
                    grouped(made.size_bytes).c_str());
    return exit_done;
}

}  // namespace qslip::tool
