#pragma once
#include <qslip/model.hpp>
#include <qslip/result.hpp>
#include <qslip/settings.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

class capsule;

/// Beside what a run does not depend on, the fields of run_settings: detail/eval/run_setting.inc.
struct compare_options {
    unsigned threads = 0;  ///< 0: one per core. Results do not depend on it
#define QSLIP_SETTING(type, name, default_value, scope, text) type name = default_value;
#include <qslip/detail/eval/run_setting.inc>
#undef QSLIP_SETTING
    qslip::limits limits = {};
    const qslip::capsule* baseline = nullptr;  ///< a stored run of the base; its rows are not made again
    /// Called with the plan before anything runs. Empty: nobody is told.
    std::function<void(const run_plan&)> on_plan = {};
    /// Tokens done and in all; called by one thread at a time. Empty: no reports.
    std::function<void(std::uint64_t done, std::uint64_t total)> on_progress = {};
    /// Called once, before any work, when the journal has items that an earlier run did: how many, and of how
    /// many.
    std::function<void(std::uint64_t done_items, std::uint64_t items)> on_resume = {};
    /// A file that keeps what is done: after an interruption the same comparison continues from it, another
    /// one is refused. Remove it when the result is safe. Empty: none.
    std::string journal = {};
};

/// What an optional measurement is called and what it tells; `compare_options::measure` takes the names.
struct measurement_info {
    const char* name;
    const char* text;
};
std::span<const measurement_info> all_measurements() noexcept;

/// A plain text, scored by teacher forcing. It is cut into windows of `window` tokens, each a cluster and a
/// sequence of its own, whose first token is BOS iff the model file says so; what does not fill a last window
/// is left out and counted.
struct text_source {
    std::string_view text = {};  ///< UTF-8
    std::string name = {};       ///< stands for it in messages
};

/// Ok when both models read and write the same token ids; else not_comparable, naming the first difference.
status check_same_vocabulary(const model& base, const model& cand);

/// Runs base and candidates in lockstep over the suite: the base's greedy continuations are the scored
/// positions, each model's own continuations are its answers. Logits are kept for one window of rows only.
/// Same bits for every number of threads and every tier. Loads the models if they are not.
/// Errors: not_comparable (vocabularies differ), those of loading and reading, of the registry; empty;
/// conflict and busy (the journal); arg (a measurement of another name).
result<run_result> compare(model base, std::span<const model> candidates, const suite& items,
                           const slice_registry& registry, const compare_options& options = {});
/// The same over a plain text.
result<run_result> compare(model base, std::span<const model> candidates, const text_source& text,
                           const slice_registry& registry, const compare_options& options = {});
inline result<run_result> compare(const model& base, const model& candidate, const suite& items,
                                  const slice_registry& registry, const compare_options& options = {}) {
    return compare(base, std::span(&candidate, 1), items, registry, options);
}

}  // namespace qslip
