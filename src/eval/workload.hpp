#pragma once
#include <qslip/compare.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <memory>
#include <span>

#include "eval/prompt_encoder.hpp"
#include "eval/tasks/judge.hpp"

namespace qslip {

/// One item, ready to run: a view into its workload.
struct work_item {
    std::size_t index = 0;
    std::string id;
    std::span<const std::int32_t> tokens;  ///< prompt or whole text
    bool is_text = false;
    std::size_t first_row =
        0;  ///< the first row whose prediction is scored; of a text the last is tokens - 2
    std::uint32_t max_tokens = 0;
    const qslip::judge* judge = nullptr;  ///< of the answers; nullptr: they are not judged
    std::uint64_t cluster = 0;
    std::span<const std::uint32_t> slices, position_slices;
};

/// What is known of an item before it runs.
struct item_shape {
    std::uint32_t n_tokens = 0, max_tokens = 0;
    bool is_text = false;
    std::uint64_t prefix_key = 0;  ///< equal for items that start with the same tokens
    std::uint32_t first_row = 0;   ///< of a text: the first row that is scored

    /// Scored positions; of a prompt at most so many.
    std::uint64_t positions() const {
        return is_text ? n_tokens - std::min(n_tokens, first_row + 1) : max_tokens;
    }
};

/// The items of a run: a suite's, or the windows of a text.
class workload {
public:
    virtual ~workload() = default;
    virtual work_item get(std::size_t i) const = 0;
    const run_plan& plan() const { return plan_; }
    const std::vector<item_shape>& shapes() const { return shapes_; }
    /// SHA-256 (hex) over ids and finished prompts, in order; empty for the windows of a text.
    const std::string& prompts_digest() const { return prompts_digest_; }

protected:
    explicit workload(run_plan plan) : plan_(std::move(plan)) {}
    run_plan plan_;
    std::vector<item_shape> shapes_;
    std::string prompts_digest_;
};

/// Tokenizes every prompt, once. Errors: those of rendering and tokenizing, arg (a prompt that does not fit
/// into the context), naming the item; of the registry.
result<std::unique_ptr<workload>> suite_workload(const suite& items, const slice_registry& registry,
                                                 const prompt_encoder& prompts, std::size_t context_length);
/// `tail_tokens` receives what does not fill a last window.
result<std::unique_ptr<workload>> text_workload(const text_source& text, const run_settings& settings,
                                                const slice_registry& registry, const tokenizer& vocab,
                                                std::size_t context_length, std::uint64_t& tail_tokens);

}  // namespace qslip
