#include <qslip/baseline.hpp>
#include <qslip/detail/core/version.hpp>
#include <qslip/tokenizer.hpp>

#include <filesystem>

#include "eval/arms/engine_arm.hpp"
#include "eval/capsule_writer.hpp"
#include "eval/run/run_identity.hpp"
#include "eval/run/schedule.hpp"
#include "eval/workload.hpp"
#include "formats/gguf.hpp"

namespace qslip {
namespace {

/// What the capsule says of itself: what its rows depend on, and what is good to know.
capsule_format::fields all_fields(const run_result& described, const model& base, std::size_t n_items,
                                  bool keep_logits) {
    auto all = base_fields(described, base, n_items);
    std::error_code ignored;
    const auto place = std::filesystem::absolute(described.base.path, ignored);
    all.emplace_back("logits", keep_logits ? "1" : "0");
    all.emplace_back("base_path", place.string());
    all.emplace_back("qslip", QSLIP_VERSION_STRING);
    return all;
}

result<baseline_summary> run_base(model base, const workload& work, const run_result& described,
                                  const std::string& path, const baseline_options& options) {
    const auto n_items = work.shapes().size();
    QSLIP_TRY(auto writer,
              capsule_writer::open(path, all_fields(described, base, n_items, options.keep_logits),
                                   options.limits));
    baseline_summary made;
    made.items = n_items;
    std::vector<bool> missing(n_items);
    for (std::size_t i = 0; i < n_items; ++i) {
        missing[i] = !writer.has(i);
        made.resumed_items += missing[i] ? 0u : 1u;
    }
    if (made.resumed_items > 0 && options.on_resume) options.on_resume(made.resumed_items, n_items);
    if (made.resumed_items < n_items) {
        base = base.with_mode(*described.manifest.settings.mode_base);
        QSLIP_CHECK(base.load(model_part::all, options.threads));
        const engine_arm arm(base);
        run_setup setup{&arm, {}, &work, base.vocab(), base.active_isa(), options.limits};
        setup.keep_logits = options.keep_logits;
        setup.sink = [&](const work_item& item, const base_rows& rows) {
            return writer.add(item.index, rows);
        };
        run_result nothing;
        QSLIP_CHECK(schedule(setup, options.threads, options.on_progress).run(nothing, missing));
        QSLIP_CHECK(base.gguf().file().unchanged());
    }
    QSLIP_TRY(made.size_bytes, writer.finish());
    made.positions = writer.n_positions();
    return made;
}

}  // namespace

result<baseline_summary> write_baseline(model base, const suite& items, const std::string& path,
                                        const baseline_options& options) {
    run_result described;
    run_settings settings;
    copy_settings(options, settings);
    QSLIP_CHECK(describe_base(base, settings, options.limits, described));
    QSLIP_TRY(const auto prompts, prompt_encoder::create(base, items, options.rendered, options.limits));
    QSLIP_TRY(const auto work,
              suite_workload(items, slice_registry::standard(), prompts, base.config().context_length));
    describe_suite(items, prompts, *work, described.manifest);
    QSLIP_TRY(const auto made, run_base(base, *work, described, path, options));
    QSLIP_CHECK(items.unchanged());
    return made;
}

result<baseline_summary> write_baseline(model base, const text_source& text, const std::string& path,
                                        const baseline_options& options) {
    run_result described;
    run_settings settings;
    copy_settings(options, settings);
    QSLIP_CHECK(describe_base(base, settings, options.limits, described));
    describe_text(text.text, described.manifest);
    std::uint64_t tail_tokens = 0;
    QSLIP_TRY(const auto work, text_workload(text, described.manifest.settings, slice_registry::standard(),
                                             base.vocab(), base.config().context_length, tail_tokens));
    return run_base(base, *work, described, path, options);
}

}  // namespace qslip
