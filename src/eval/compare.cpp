#include <qslip/core/parallel.hpp>
#include <qslip/core/text.hpp>
#include <qslip/eval/compare.hpp>
#include <qslip/io/gguf.hpp>
#include <qslip/io/sha256.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

#include "eval/bundle_runner.hpp"
#include "eval/evidence.hpp"
#include "eval/workload.hpp"

namespace qslip {

status check_same_vocabulary(const model& base, const model& cand) {
    const auto &a = base.vocab(), &b = cand.vocab();
    if (a.digest() == b.digest()) return {};
    if (a.n_vocab() != b.n_vocab())
        return {errc::not_comparable,
                "vocabularies differ (" + grouped(a.n_vocab()) + " and " + grouped(b.n_vocab()) +
                    " tokens): these are not two versions of one model. KL and flips need the "
                    "same vocabulary"};
    return {errc::not_comparable,
            "vocabularies differ: " + a.first_difference(b) +
                ". These are not two versions of one model. KL and flips need the same vocabulary"};
}

namespace {

constexpr std::uint64_t cache_bytes_in_all = std::uint64_t{512} << 20,
                        least_cache_bytes = std::uint64_t{64} << 20;
constexpr std::size_t most_items = 64, most_text_rows = 2048, least_group = 48, long_prompt = 512,
                      most_in_chain = 8;

result<arm_info> describe(const model& m) {
    arm_info info;
    const auto& file = m.gguf();
    info.path = file.file().path();
    const auto name = file.get_string("general.name");
    info.name = name ? std::string(*name) : m.config().architecture;
    info.size_bytes = file.file().size_bytes();
    std::map<std::uint32_t, std::uint64_t> by_type;
    double bits = 0, weights = 0;
    for (const auto& t : file.tensors()) {
        by_type[static_cast<std::uint32_t>(t.type)] += t.n_elements;
        bits += 8 * static_cast<double>(t.size_bytes);
        weights += static_cast<double>(t.n_elements);
    }
    const auto most = std::ranges::max_element(by_type, {}, [](const auto& entry) { return entry.second; });
    if (most != by_type.end()) info.dtype = info_of(static_cast<dtype>(most->first)).name;
    info.bits_per_weight = weights > 0 ? bits / weights : 0;
    QSLIP_TRY(info.sha256, sha256_hex_of_file(file.file()));
    return info;
}

void add_notes(run_result& r, const arm_info& cand) {
    if (cand.sha256 == r.base.sha256)
        r.notes.push_back("both files have sha256 " + cand.sha256.substr(0, 4) +
                          "...: this is a noise-floor run");
    else if (cand.bits_per_weight > r.base.bits_per_weight + 0.05) {
        char text[128];
        std::snprintf(text, sizeof text, "candidate has more bits (%.1f) than base (%.1f): swapped?",
                      cand.bits_per_weight, r.base.bits_per_weight);
        r.notes.emplace_back(text);
    }
}

/// Items grouped so that a bundle shares its prompts' beginning where they have one, and fits the caches.
class bundle_list {
public:
    bundle_list(const workload& work, std::size_t cache_tokens, unsigned threads) : shapes_(work.shapes()) {
        const std::size_t most =
            std::clamp<std::size_t>(shapes_.size() / (2 * std::size_t{threads}), 8, most_items);
        for (const auto i : grouped_order()) add(i, most, cache_tokens);
        std::ranges::stable_sort(bundles_, std::greater<>(), [&](const auto& b) { return cost(b); });
    }
    const std::vector<std::vector<std::size_t>>& bundles() const { return bundles_; }
    std::uint64_t cost(std::span<const std::size_t> bundle) const {
        std::uint64_t tokens = 0;
        for (const auto i : bundle) tokens += std::uint64_t{shapes_[i].n_tokens} + shapes_[i].max_tokens;
        return tokens;
    }

private:
    std::vector<std::size_t> grouped_order() const {
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
    bool fits_last(const item_shape& s, std::size_t most, std::size_t cache_tokens) const {
        if (bundles_.empty()) return false;
        const auto& last = bundles_.back();
        const auto& first = shapes_[last.front()];
        const bool alike = first.prefix_key == s.prefix_key;
        const bool is_long = std::max(first.n_tokens, s.n_tokens) >= long_prompt && !s.is_text;
        if (first.is_text != s.is_text || last.size() >= most) return false;
        if (!alike && (is_long || last.size() >= least_group)) return false;
        if (cost(last) + s.n_tokens + s.max_tokens <= (s.is_text ? most_text_rows : cache_tokens))
            return true;
        return alike && !s.is_text && std::min(first.n_tokens, s.n_tokens) >= long_prompt &&
               last.size() < most_in_chain;
    }
    void add(std::size_t i, std::size_t most, std::size_t cache_tokens) {
        if (!fits_last(shapes_[i], most, cache_tokens)) bundles_.emplace_back();
        bundles_.back().push_back(i);
    }

    const std::vector<item_shape>& shapes_;
    std::vector<std::vector<std::size_t>> bundles_;
};

std::size_t cache_tokens(const run_setup& setup, unsigned threads) {
    constexpr std::size_t many = 1024;  // a cache grows in tiles: one token's share of many
    std::uint64_t per_many = kv_cache::bytes_for(setup.base.config(), many);
    for (const auto& c : setup.candidates) per_many += kv_cache::bytes_for(c.config(), many);
    const auto bytes = std::max(least_cache_bytes, cache_bytes_in_all / threads);
    return static_cast<std::size_t>(bytes / std::max<std::uint64_t>(1, per_many / many));
}

class run_driver {
public:
    run_driver(run_setup& setup, const compare_options& options)
        : setup_(setup),
          options_(options),
          threads_(options.threads == 0 ? default_threads() : options.threads),
          bundles_(*setup.work, setup.cache_tokens = cache_tokens(setup, threads_), threads_) {
        for (const auto& b : bundles_.bundles()) total_ += bundles_.cost(b);
    }

    status run(run_result& out) {
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

private:
    void report(std::uint64_t tokens) {
        const std::lock_guard hold(progress_);
        done_ += tokens;
        if (options_.on_progress) options_.on_progress(done_, total_);
    }
    void collect(std::size_t c, candidate_result& out) {
        out.slices.resize(setup_.work->plan().slices().size());
        for (const auto& runner : runners_) {
            if (!runner) continue;
            const auto& part = runner->parts()[c];
            for (std::size_t s = 0; s < out.slices.size(); ++s) out.slices[s].merge(part.slices[s]);
            out.exclusions.items_without_positions += part.exclusions.items_without_positions;
            out.exclusions.regex_budget += part.exclusions.regex_budget;
        }
    }

    const run_setup& setup_;
    const compare_options& options_;
    unsigned threads_;
    bundle_list bundles_;
    std::vector<std::unique_ptr<bundle_runner>> runners_;
    std::mutex progress_;
    std::uint64_t done_ = 0, total_ = 0;
};

/// Opens the arms' books: what they are, whether they fit together.
result<run_result> describe_run(const model& base, std::span<const model> candidates,
                                const slice_registry& registry, const compare_options& options) {
    if (candidates.empty()) return status(errc::arg, "no candidate to compare");
    QSLIP_CHECK(registry.check());
    run_result out;
    QSLIP_TRY(out.base, describe(base));
    for (const auto& c : candidates) {
        QSLIP_CHECK(check_same_vocabulary(base, c));
        if (std::min(base.config().n_vocab, c.config().n_vocab) < base.vocab().n_vocab())
            return status(errc::shape, "the embedding has fewer rows than the vocabulary has tokens");
        QSLIP_TRY(auto arm, describe(c));
        add_notes(out, arm);
        out.candidates.emplace_back().arm = std::move(arm);
    }
    out.manifest.tokenizer_digest = base.vocab().digest();
    out.manifest.registry_digest = registry.digest();
    out.manifest.adds_bos = base.vocab().adds_bos();
    out.manifest.n_vocab = base.vocab().n_vocab();
    out.manifest.seed = options.seed;
    out.manifest.lim = options.lim;
    return out;
}

std::size_t least_context(const model& base, std::span<const model> candidates) {
    std::size_t least = base.config().context_length;
    for (const auto& c : candidates) least = std::min(least, c.config().context_length);
    return least;
}

status run_and_decide(model base, std::span<const model> candidates, const workload& work,
                      const compare_options& options, bool missing_fails, run_result& out) {
    const auto start = std::chrono::steady_clock::now();
    run_setup setup{base, {candidates.begin(), candidates.end()}, &work, base.vocab().n_vocab(), options.lim,
                    0};
    QSLIP_CHECK(setup.base.load());
    for (auto& c : setup.candidates) QSLIP_CHECK(c.load());
    out.slice_names = work.plan().slices();
    QSLIP_CHECK(run_driver(setup, options).run(out));
    QSLIP_CHECK(setup.base.gguf().file().unchanged());
    for (auto& c : setup.candidates) QSLIP_CHECK(c.gguf().file().unchanged());
    for (auto& c : out.candidates) {
        QSLIP_TRY(c.release, decide(work.plan(), c, out.candidates.size(), missing_fails));
        out.facts.scored_positions += c.slices.front().positions.n_positions();
    }
    out.facts.isa = isa_name(setup.base.active_isa());
    out.facts.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {};
}

}  // namespace

result<run_result> compare(model base, std::span<const model> candidates, const suite& items,
                           const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    QSLIP_TRY(const auto work,
              suite_workload(items, registry, base.vocab(), least_context(base, candidates)));
    out.manifest.mode = "suite";
    out.manifest.suite_digest = items.digest();
    out.items = items;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, registry.missing_fails(), out));
    QSLIP_CHECK(items.unchanged());
    return out;
}

result<run_result> compare_text(model base, std::span<const model> candidates, std::string_view text,
                                const std::string& name, const text_options& how,
                                const slice_registry& registry, const compare_options& options) {
    QSLIP_TRY(auto out, describe_run(base, candidates, registry, options));
    std::uint64_t tail_tokens = 0;
    QSLIP_TRY(const auto work, text_workload(text, name, how, registry, base.vocab(),
                                             least_context(base, candidates), tail_tokens));
    out.manifest.mode = "text";
    out.manifest.window = how.window;
    out.manifest.score = how.score == score_part::all ? "all" : "second-half";
    sha256 hash;
    hash.update(text);
    out.manifest.suite_digest = hash.hex();
    for (auto& c : out.candidates) c.exclusions.tail_tokens = tail_tokens;
    QSLIP_CHECK(run_and_decide(base, candidates, *work, options, registry.missing_fails(), out));
    return out;
}

}  // namespace qslip
