#pragma once
#include <qslip/result.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "eval/run/batch_outcome.hpp"
#include "eval/run/batch_runner.hpp"
#include "eval/run/run_journal.hpp"

namespace qslip {

/// Items in batches: what a thread takes at a time and a journal keeps as one. Prompts that begin alike are
/// neighbours.
class batch_list {
public:
    /// Of the items for which `chosen` says so; of all when it is empty.
    batch_list(const run_setup& setup, const std::vector<bool>& chosen, unsigned threads);
    /// Longest first, so that no thread works long after the others.
    const std::vector<std::vector<std::size_t>>& batches() const { return batches_; }
    std::uint64_t cost(std::span<const std::size_t> batch) const {
        std::uint64_t tokens = 0;
        for (const auto i : batch) tokens += std::uint64_t{shapes_[i].n_tokens} + shapes_[i].max_tokens;
        return tokens;
    }

private:
    std::uint64_t length(std::span<const std::size_t> batch, const run_setup& setup) const;
    std::vector<std::size_t> grouped_order() const;
    std::size_t text_rows(unsigned threads) const;
    bool fits_last(const item_shape& s) const;
    void add(std::size_t i);

    const std::vector<item_shape>& shapes_;
    const std::size_t max_items_, max_text_rows_;
    std::vector<std::vector<std::size_t>> batches_;
};

/// Runs all batches on all threads.
class schedule {
public:
    using progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

    /// `threads` 0: one per core. All arguments are borrowed; setup.cache_tokens is set.
    schedule(run_setup& setup, unsigned threads, const progress& on_progress);

    /// Fills candidates (as many as the setup has) and facts. Runs the items for which `chosen` says so, all
    /// when it is empty, but those the journal, if any, has already; it takes in what is done. `on_resume` is
    /// told how many items those are, of how many.
    status run(run_result& out, std::vector<bool> chosen = {}, run_journal* journal = nullptr,
               const progress& on_resume = {});

private:
    status resume(run_journal& journal, std::vector<bool>& chosen);
    void merge(std::span<const observer_set> parts);
    status run_batch(batch_runner& runner, std::span<const std::size_t> items, run_journal* journal);
    void report(std::uint64_t tokens);

    const run_setup& setup_;
    const progress& on_progress_;
    unsigned threads_;
    std::vector<observer_set> totals_;
    std::vector<std::vector<item_result>> items_;  ///< [candidate][item]
    std::uint64_t resumed_items_ = 0, measured_tokens_ = 0;
    std::mutex one_at_a_time_;
    std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace qslip
