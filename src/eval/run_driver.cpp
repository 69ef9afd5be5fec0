#include "eval/run_driver.hpp"

#include <qslip/detail/core/parallel.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace qslip {

namespace {

constexpr std::uint64_t cache_bytes_in_all = std::uint64_t{512} << 20,
                        min_cache_bytes = std::uint64_t{64} << 20;
constexpr std::size_t max_items = 64, min_text_rows = 512, max_text_rows = 2048, min_group = 48,
                      long_prompt = 512, max_in_chain = 8;

std::size_t cache_tokens(const run_setup& setup, unsigned threads) {
    constexpr std::size_t many = 1024;  // a cache grows in tiles: one token's share of many
    std::uint64_t per_many = kv_cache::bytes_for(setup.base.config(), many);
    for (const auto& c : setup.candidates) per_many += kv_cache::bytes_for(c.config(), many);
    const auto bytes = std::max(min_cache_bytes, cache_bytes_in_all / threads);
    return static_cast<std::size_t>(bytes / std::max<std::uint64_t>(1, per_many / many));
}

}  // namespace

bundle_list::bundle_list(const run_setup& setup, const std::vector<bool>& chosen, unsigned threads)
    : shapes_(setup.work->shapes()),
      cache_tokens_(setup.cache_tokens),
      max_items_(std::clamp<std::size_t>(shapes_.size() / (2 * std::size_t{threads}), 8, max_items)),
      max_text_rows_(text_rows(threads)) {
    for (const auto i : grouped_order())
        if (chosen.empty() || chosen[i]) add(i);
    std::ranges::stable_sort(bundles_, std::greater<>(), [&](const auto& b) { return length(b, setup); });
}

/// The modes of the sample take a few times the run's own.
std::uint64_t bundle_list::length(std::span<const std::size_t> bundle, const run_setup& setup) const {
    std::uint64_t tokens = cost(bundle);
    if (setup.sampled_positions.empty()) return tokens;
    for (const auto i : bundle) tokens += 4 * setup.sampled_positions[i];
    return tokens;
}

/// Few enough that no thread waits long for the last bundle of text.
std::size_t bundle_list::text_rows(unsigned threads) const {
    std::size_t n = 0;
    for (const auto& s : shapes_) n += s.is_text ? s.n_tokens : 0;
    return std::clamp<std::size_t>(n / (8 * std::size_t{threads}), min_text_rows, max_text_rows);
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
    if (first.is_text != s.is_text || last.size() >= max_items_) return false;
    if (!alike && (is_long || last.size() >= min_group)) return false;
    if (cost(last) + s.n_tokens + s.max_tokens <= (s.is_text ? max_text_rows_ : cache_tokens_)) return true;
    return alike && !s.is_text && std::min(first.n_tokens, s.n_tokens) >= long_prompt &&
           last.size() < max_in_chain;
}

void bundle_list::add(std::size_t i) {
    if (!fits_last(shapes_[i])) bundles_.emplace_back();
    bundles_.back().push_back(i);
}

run_driver::run_driver(run_setup& setup, unsigned threads, const progress& on_progress)
    : setup_(setup),
      on_progress_(on_progress),
      threads_(threads == 0 ? default_threads() : threads),
      totals_(empty_parts(setup)),
      items_(setup.candidates.size(), std::vector<item_result>(setup.work->shapes().size())) {
    setup.cache_tokens = cache_tokens(setup, threads_);
}

status run_driver::run(run_result& out, std::vector<bool> chosen, run_journal* journal,
                       const progress& on_resume) {
    if (journal != nullptr) QSLIP_CHECK(resume(*journal, chosen));
    if (on_resume && resumed_items_ > 0) on_resume(resumed_items_, chosen.size());
    const bundle_list bundles(setup_, chosen, threads_);
    const auto& list = bundles.bundles();
    for (const auto& b : list) total_ += bundles.cost(b);
    report(0);
    const auto n_workers = static_cast<unsigned>(std::clamp<std::size_t>(list.size(), 1, threads_));
    std::vector<std::unique_ptr<bundle_runner>> runners(n_workers);
    const auto work = [&](unsigned worker, std::size_t i) -> status {
        auto& runner = runners[worker];
        if (!runner) runner = std::make_unique<bundle_runner>(setup_);
        QSLIP_CHECK(run_bundle(*runner, list[i], journal));
        report(bundles.cost(list[i]));
        return {};
    };
    QSLIP_CHECK(parallel_for(n_workers, list.size(), work));
    out.facts.threads = n_workers;
    out.facts.resumed_items += resumed_items_;
    for (std::size_t c = 0; c < totals_.size(); ++c) {
        auto& candidate = out.candidates[c];
        candidate.items = std::move(items_[c]);
        candidate.slices = std::move(totals_[c].slices);
        candidate.sample = std::move(totals_[c].sample);
        candidate.attention = std::move(totals_[c].attention);
        candidate.exclusions.merge(totals_[c].exclusions);
    }
    for (const auto& runner : runners) out.facts.forward_tokens += runner ? runner->forward_tokens() : 0;
    return {};
}

/// Takes in what an earlier run had done; `chosen` keeps what is left.
status run_driver::resume(run_journal& journal, std::vector<bool>& chosen) {
    const outcome_shape shape{setup_.work->shapes().size(), totals_.size(),
                              setup_.work->plan().slices().size()};
    if (chosen.empty()) chosen.assign(shape.n_items, true);
    return journal.replay([&](std::span<const std::byte> record) {
        byte_reader in(record);
        auto done = load_outcome(in, shape);
        if (!in.ok() || !std::ranges::all_of(done.items, [&](auto i) { return chosen[i]; })) return false;
        for (std::size_t n = 0; n < done.items.size(); ++n) {
            chosen[done.items[n]] = false;
            for (std::size_t c = 0; c < totals_.size(); ++c)
                items_[c][done.items[n]] = std::move(done.results[c][n]);
        }
        resumed_items_ += done.items.size();
        merge(done.parts);
        return true;
    });
}

void run_driver::merge(std::span<const candidate_part> parts) {
    for (std::size_t c = 0; c < totals_.size(); ++c) totals_[c].merge(parts[c]);
}

status run_driver::run_bundle(bundle_runner& runner, std::span<const std::size_t> items,
                              run_journal* journal) {
    QSLIP_CHECK(runner.run(items, items_));
    bundle_outcome done{{items.begin(), items.end()}, runner.take_parts(), {}};
    if (journal != nullptr) {
        for (const auto& of_candidate : items_)
            for (auto& kept = done.results.emplace_back(); const auto i : items)
                kept.push_back(of_candidate[i]);
        byte_writer record;
        save(done, record);
        QSLIP_CHECK(journal->add(record.bytes()));
    }
    const std::lock_guard hold(one_at_a_time_);
    merge(done.parts);
    return {};
}

void run_driver::report(std::uint64_t tokens) {
    const std::lock_guard hold(one_at_a_time_);
    done_ += tokens;
    if (on_progress_) on_progress_(done_, total_);
}

}  // namespace qslip
