#include "eval/run/schedule.hpp"

#include <qslip/detail/core/parallel.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace qslip {

namespace {

constexpr std::uint64_t cache_bytes_in_all = std::uint64_t{512} << 20,
                        min_cache_bytes = std::uint64_t{64} << 20;
constexpr std::size_t max_items = 256, min_text_rows = 512, max_text_rows = 2048, long_prompt = 512,
                      max_long_items = 8;

std::size_t cache_tokens(const run_setup& setup, unsigned threads) {
    std::uint64_t per_token = setup.base->bytes_per_token();
    for (const auto* c : setup.candidates) per_token += c->bytes_per_token();
    return static_cast<std::size_t>(std::max(min_cache_bytes, cache_bytes_in_all / threads) / per_token);
}

}  // namespace

batch_list::batch_list(const run_setup& setup, const std::vector<bool>& chosen, unsigned threads)
    : shapes_(setup.work->shapes()),
      max_items_(std::clamp<std::size_t>(shapes_.size() / (4 * std::size_t{threads}), 8, max_items)),
      max_text_rows_(text_rows(threads)) {
    for (const auto i : grouped_order())
        if (chosen.empty() || chosen[i]) add(i);
    std::ranges::stable_sort(batches_, std::greater<>(), [&](const auto& b) { return length(b, setup); });
}

/// The modes of the sample take a few times the run's own.
std::uint64_t batch_list::length(std::span<const std::size_t> batch, const run_setup& setup) const {
    std::uint64_t tokens = cost(batch);
    if (setup.sampled_positions.empty()) return tokens;
    for (const auto i : batch) tokens += 4 * setup.sampled_positions[i];
    return tokens;
}

/// Few enough that no thread waits long for the last batch of text.
std::size_t batch_list::text_rows(unsigned threads) const {
    std::size_t n = 0;
    for (const auto& s : shapes_) n += s.is_text ? s.n_tokens : 0;
    return std::clamp<std::size_t>(n / (8 * std::size_t{threads}), min_text_rows, max_text_rows);
}

std::vector<std::size_t> batch_list::grouped_order() const {
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

/// Into the last batch: texts while they make one pass, long prompts that begin alike, short ones in any
/// number.
bool batch_list::fits_last(const item_shape& s) const {
    if (batches_.empty()) return false;
    const auto& last = batches_.back();
    const auto& first = shapes_[last.front()];
    if (first.is_text != s.is_text || last.size() >= max_items_) return false;
    if (s.is_text) return cost(last) + s.n_tokens <= max_text_rows_;
    if (std::max(first.n_tokens, s.n_tokens) < long_prompt) return true;
    return first.prefix_key == s.prefix_key && last.size() < max_long_items;
}

void batch_list::add(std::size_t i) {
    if (!fits_last(shapes_[i])) batches_.emplace_back();
    batches_.back().push_back(i);
}

schedule::schedule(run_setup& setup, unsigned threads, const progress& on_progress)
    : setup_(setup),
      on_progress_(on_progress),
      threads_(threads == 0 ? default_threads() : threads),
      totals_(empty_observers(setup)),
      items_(setup.candidates.size(), std::vector<item_result>(setup.work->shapes().size())) {
    setup.cache_tokens = cache_tokens(setup, threads_);
}

status schedule::run(run_result& out, std::vector<bool> chosen, run_journal* journal,
                     const progress& on_resume) {
    if (journal != nullptr) QSLIP_CHECK(resume(*journal, chosen));
    const batch_list batches(setup_, chosen, threads_);
    const auto& list = batches.batches();
    for (const auto& b : list) total_ += batches.cost(b);
    const auto n_workers = static_cast<unsigned>(std::clamp<std::size_t>(list.size(), 1, threads_));
    std::vector<std::unique_ptr<batch_runner>> runners(n_workers);
    const auto work = [&](unsigned worker, std::size_t i) -> status {
        auto& runner = runners[worker];
        if (!runner) {
            QSLIP_TRY(runner, batch_runner::create(setup_));
        }
        QSLIP_CHECK(run_batch(*runner, list[i], journal));
        report(batches.cost(list[i]));
        return {};
    };
    if (on_resume && resumed_items_ > 0) on_resume(resumed_items_, chosen.size());
    report(0);
    QSLIP_CHECK(parallel_for(n_workers, list.size(), work));
    out.facts.threads = n_workers;
    out.facts.resumed_items += resumed_items_;
    for (std::size_t c = 0; c < totals_.size(); ++c) {
        auto& candidate = out.candidates[c];
        candidate.items = std::move(items_[c]);
        candidate.slices.resize(setup_.work->plan().slices().size());
        totals_[c].describe(candidate);
    }
    for (const auto& runner : runners) out.facts.forward_tokens += runner ? runner->forward_tokens() : 0;
    out.facts.forward_tokens += measured_tokens_;
    return {};
}

/// Takes in what an earlier run had done; `chosen` keeps what is left.
status schedule::resume(run_journal& journal, std::vector<bool>& chosen) {
    if (chosen.empty()) chosen.assign(setup_.work->shapes().size(), true);
    return journal.replay([&](std::span<const std::byte> record) {
        byte_reader in(record);
        auto done = load_outcome(in, setup_);
        if (!in.ok() || !std::ranges::all_of(done.items, [&](auto i) { return chosen[i]; })) return false;
        for (std::size_t n = 0; n < done.items.size(); ++n) {
            chosen[done.items[n]] = false;
            for (std::size_t c = 0; c < totals_.size(); ++c)
                items_[c][done.items[n]] = std::move(done.results[c][n]);
        }
        resumed_items_ += done.items.size();
        merge(done.observers);
        return true;
    });
}

void schedule::merge(std::span<const observer_set> parts) {
    for (std::size_t c = 0; c < totals_.size(); ++c) {
        totals_[c].merge(parts[c]);
        measured_tokens_ += parts[c].forward_tokens();
    }
}

status schedule::run_batch(batch_runner& runner, std::span<const std::size_t> items, run_journal* journal) {
    QSLIP_CHECK(runner.run(items, items_));
    batch_outcome done{{items.begin(), items.end()}, runner.take_observers(), {}};
    if (journal != nullptr) {
        for (const auto& of_candidate : items_)
            for (auto& kept = done.results.emplace_back(); const auto i : items)
                kept.push_back(of_candidate[i]);
        byte_writer record;
        save(done, record);
        QSLIP_CHECK(journal->add(record.bytes()));
    }
    const std::lock_guard hold(one_at_a_time_);
    merge(done.observers);
    return {};
}

void schedule::report(std::uint64_t tokens) {
    const std::lock_guard hold(one_at_a_time_);
    done_ += tokens;
    if (on_progress_) on_progress_(done_, total_);
}

}  // namespace qslip
