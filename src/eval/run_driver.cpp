#include "eval/run_driver.hpp"

#include <qslip/core/parallel.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace qslip {

namespace {

constexpr std::uint64_t cache_bytes_in_all = std::uint64_t{512} << 20,
                        least_cache_bytes = std::uint64_t{64} << 20;
constexpr std::size_t most_items = 64, least_text_rows = 512, most_text_rows = 2048, least_group = 48,
                      long_prompt = 512, most_in_chain = 8;

std::size_t cache_tokens(const run_setup& setup, unsigned threads) {
    constexpr std::size_t many = 1024;  // a cache grows in tiles: one token's share of many
    std::uint64_t per_many = kv_cache::bytes_for(setup.base.config(), many);
    for (const auto& c : setup.candidates) per_many += kv_cache::bytes_for(c.config(), many);
    const auto bytes = std::max(least_cache_bytes, cache_bytes_in_all / threads);
    return static_cast<std::size_t>(bytes / std::max<std::uint64_t>(1, per_many / many));
}

}  // namespace

bundle_list::bundle_list(const workload& work, const std::vector<bool>& chosen, std::size_t cache_tokens,
                         unsigned threads)
    : shapes_(work.shapes()),
      cache_tokens_(cache_tokens),
      most_items_(std::clamp<std::size_t>(shapes_.size() / (2 * std::size_t{threads}), 8, most_items)),
      most_text_rows_(text_rows(threads)) {
    for (const auto i : grouped_order())
        if (chosen.empty() || chosen[i]) add(i);
    std::ranges::stable_sort(bundles_, std::greater<>(), [&](const auto& b) { return cost(b); });
}

/// Few enough that every thread gets several bundles of text.
std::size_t bundle_list::text_rows(unsigned threads) const {
    std::size_t n = 0;
    for (const auto& s : shapes_) n += s.is_text ? s.n_tokens : 0;
    return std::clamp<std::size_t>(n / (4 * std::size_t{threads}), least_text_rows, most_text_rows);
}

std::vector<std::size_t> bundle_list::grouped_order() const {
    std::map<std::uint64_t, std::size_t> first;
    std::vector<std::size_t> order(shapes_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        first.try_emplace(shapes_[i].prefix_key, i);
    }
    std::ranges::sort(order, {}, [&](std::size_t i) {
        return std::tuple(shapes_[i].is_text, first.at(shapes_[i].prefix_key), i);
    });
    return order;
}

/// Into the last bundle: small items while the caches hold them all; long ones that begin alike.
bool bundle_list::fits_last(const item_shape& s) const {
    if (bundles_.empty()) return false;
    const auto& last = bundles_.back();
    const auto& first = shapes_[last.front()];
    const bool alike = first.prefix_key == s.prefix_key;
    const bool is_long = std::max(first.n_tokens, s.n_tokens) >= long_prompt && !s.is_text;
    if (first.is_text != s.is_text || last.size() >= most_items_) return false;
    if (!alike && (is_long || last.size() >= least_group)) return false;
    if (cost(last) + s.n_tokens + s.max_tokens <= (s.is_text ? most_text_rows_ : cache_tokens_)) return true;
    return alike && !s.is_text && std::min(first.n_tokens, s.n_tokens) >= long_prompt &&
           last.size() < most_in_chain;
}

void bundle_list::add(std::size_t i) {
    if (!fits_last(shapes_[i])) bundles_.emplace_back();
    bundles_.back().push_back(i);
}

run_driver::run_driver(run_setup& setup, unsigned threads, const progress& on_progress,
                       const std::vector<bool>& chosen)
    : setup_(setup),
      on_progress_(on_progress),
      threads_(threads == 0 ? default_threads() : threads),
      bundles_(*setup.work, chosen, setup.cache_tokens = cache_tokens(setup, threads_), threads_) {
    for (const auto& b : bundles_.bundles()) total_ += bundles_.cost(b);
}

status run_driver::run(run_result& out) {
    const auto& list = bundles_.bundles();
    threads_ = static_cast<unsigned>(std::clamp<std::size_t>(list.size(), 1, threads_));
    runners_.resize(threads_);
    std::vector<std::vector<item_result>> items(setup_.candidates.size());
    for (auto& of_candidate : items) of_candidate.resize(setup_.work->shapes().size());
    const auto done = parallel_for(threads_, list.size(), [&](unsigned worker, std::size_t i) -> status {
        auto& runner = runners_[worker];
        if (!runner) runner = std::make_unique<bundle_runner>(setup_);
        QSLIP_CHECK(runner->run(list[i], items));
        report(bundles_.cost(list[i]));
        return {};
    });
    QSLIP_CHECK(done);
    out.facts.threads = threads_;
    for (std::size_t c = 0; c < items.size(); ++c) {
        out.candidates[c].items = std::move(items[c]);
        collect(c, out.candidates[c]);
    }
    for (const auto& runner : runners_) out.facts.forward_tokens += runner ? runner->forward_tokens() : 0;
    return {};
}

void run_driver::report(std::uint64_t tokens) {
    const std::lock_guard hold(progress_);
    done_ += tokens;
    if (on_progress_) on_progress_(done_, total_);
}

void run_driver::collect(std::size_t c, candidate_result& out) {
    out.slices.resize(setup_.work->plan().slices().size());
    for (const auto& runner : runners_) {
        if (!runner) continue;
        const auto& part = runner->parts()[c];
        for (std::size_t s = 0; s < out.slices.size(); ++s) out.slices[s].merge(part.slices[s]);
        out.sample.merge(part.sample);
        out.exclusions.items_without_positions += part.exclusions.items_without_positions;
        out.exclusions.regex_budget += part.exclusions.regex_budget;
    }
}

}  // namespace qslip
