#pragma once
#include <qslip/eval/run_result.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "eval/bundle_runner.hpp"

namespace qslip {

/// Items grouped so that a bundle shares its prompts' beginning where they have one, and fits the caches.
class bundle_list {
public:
    /// Of the items for which `chosen` says so; of all when it is empty.
    bundle_list(const workload& work, const std::vector<bool>& chosen, std::size_t cache_tokens,
                unsigned threads);
    const std::vector<std::vector<std::size_t>>& bundles() const { return bundles_; }
    std::uint64_t cost(std::span<const std::size_t> bundle) const {
        std::uint64_t tokens = 0;
        for (const auto i : bundle) tokens += std::uint64_t{shapes_[i].n_tokens} + shapes_[i].max_tokens;
        return tokens;
    }

private:
    std::vector<std::size_t> grouped_order() const;
    std::size_t text_rows(unsigned threads) const;
    bool fits_last(const item_shape& s) const;
    void add(std::size_t i);

    const std::vector<item_shape>& shapes_;
    const std::size_t cache_tokens_, most_items_, most_text_rows_;
    std::vector<std::vector<std::size_t>> bundles_;
};

/// Runs all bundles on all threads.
class run_driver {
public:
    using progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

    /// Runs the items for which `chosen` says so; all when it is empty. `threads` 0: one per core. All
    /// arguments are borrowed; setup.cache_tokens is set.
    run_driver(run_setup& setup, unsigned threads, const progress& on_progress,
               const std::vector<bool>& chosen = {});

    /// Fills candidates (as many as the setup has) and facts.
    status run(run_result& out);

private:
    void report(std::uint64_t tokens);
    void collect(std::size_t c, candidate_result& out);

    const run_setup& setup_;
    const progress& on_progress_;
    unsigned threads_;
    bundle_list bundles_;
    std::vector<std::unique_ptr<bundle_runner>> runners_;
    std::mutex progress_;
    std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace qslip
