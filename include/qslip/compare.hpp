#pragma once
#include <qslip/model.hpp>
#include <qslip/result.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>

namespace qslip {

class capsule;

struct compare_options {
    unsigned threads = 0;     ///< 0: one per core. Results do not depend on it
    std::uint64_t seed = 42;  ///< recorded; nothing drawn from it enters a verdict
    qslip::limits limits = {};
    /// The modes the models are run in, whatever their own; a candidate that is the base's file is run in the
    /// base's mode unless `mode` is given.
    numerics mode_base = numerics::f32;
    std::optional<numerics> mode = {};         ///< of the candidates; none: A16
    const qslip::capsule* baseline = nullptr;  ///< a stored run of the base; its rows are not made again
    /// Tokens done and in all; called by one thread at a time. Empty: no reports.
    std::function<void(std::uint64_t done, std::uint64_t total)> on_progress = {};
    bool rendered = false;  ///< prompts are finished: control tokens in them are parsed, nothing is added
    /// A file that keeps what is done: after an interruption the same comparison continues from it, another
    /// one is refused. Remove it when the result is safe. Empty: none.
    std::string journal = {};
    /// Also candidate_result::attention, over every token the candidates read: one more pass of both models.
    bool attention = false;
};

enum class score_part { all, second_half };

/// A text cut into windows of `window` tokens, each a cluster and a sequence of its own; its first token is
/// replaced by BOS iff the model file says so. second_half scores the predictions of tokens window/2+1 ...
/// window-1. Tokens that do not fill a last window are left out and counted.
struct text_options {
    std::uint64_t window = 512;  ///< 4 to the context length
    score_part score = score_part::all;
};

/// Ok when both models read and write the same token ids; else not_comparable, naming the first difference.
status check_same_vocabulary(const model& base, const model& cand);

/// Runs base and candidates in lockstep over the suite: the base's greedy continuations are the scored
/// positions, each model's own continuations are its answers. Logits are kept for one tile of rows only.
/// Same bits for every number of threads and every tier. Loads the models if they are not.
/// Errors: not_comparable (vocabularies differ), those of loading and reading, of the registry; empty;
/// conflict and busy (the journal).
result<run_result> compare(model base, std::span<const model> candidates, const suite& items,
                           const slice_registry& registry, const compare_options& options = {});
inline result<run_result> compare(const model& base, const model& candidate, const suite& items,
                                  const slice_registry& registry, const compare_options& options = {}) {
    return compare(base, std::span(&candidate, 1), items, registry, options);
}

/// The same over a plain text, by teacher forcing. `text` is UTF-8; `name` stands for it in messages.
result<run_result> compare_text(model base, std::span<const model> candidates, std::string_view text,
                                const std::string& name, const text_options& how,
                                const slice_registry& registry, const compare_options& options = {});

}  // namespace qslip
