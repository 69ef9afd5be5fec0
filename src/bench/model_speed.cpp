#include "model_speed.hpp"

#include <qslip/detail/core/parallel.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace qslip {
namespace {

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A model at work on made-up tokens.
class model_bench {
public:
    model_bench(const model& m, const model_work& work)
        : model_(m), n_tokens_(work.n_tokens), n_decoded_(work.n_decoded), n_threads_(work.n_threads) {
        for (std::size_t i = 0; i < std::max(n_tokens_, n_decoded_); ++i)
            ids_.push_back(static_cast<std::int32_t>((i * 7919 + 11) % m.config().n_vocab));
    }

    result<model_speed> run() {
        model_speed out{model_.mode()};
        std::vector<double> times;
        for (int i = 0; i < n_samples; ++i) QSLIP_CHECK(timed(times, [&] { return run_sequences(); }));
        out.sequences_tok_s = static_cast<double>(n_threads_ * n_tokens_) / median(times);
        times.clear();
        scorer shared(model_, nullptr, n_threads_);
        for (int i = 0; i < n_samples; ++i)
            QSLIP_CHECK(timed(times, [&] { return run_all_logits(shared, ids_, nullptr); }));
        out.shared_tok_s = static_cast<double>(n_tokens_) / median(times);
        times.clear();
        QSLIP_CHECK(decode(shared, times));
        out.decode_tok_s = 1 / median(times);
        out.decode_gb_s = static_cast<double>(model_.memory_bytes()) * out.decode_tok_s / 1e9;
        return out;
    }

private:
    static constexpr int n_samples = 5;

    static double median(std::vector<double> times) {
        std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
        return times[times.size() / 2];
    }
    template <class Work>
    static status timed(std::vector<double>& times, const Work& work) {
        const double start = now_s();
        QSLIP_CHECK(work());
        times.push_back(now_s() - start);
        return {};
    }
    status run_all_logits(scorer& engine, std::span<const std::int32_t> ids, kv_cache* cache) const {
        constexpr std::size_t rows = 64;  // logits are kept for a tile only, as in a comparison
        const std::size_t d = model_.config().d_model, v = model_.config().n_vocab;
        if (cache == nullptr) ids = ids.first(n_tokens_);
        std::vector<float> hidden(ids.size() * d), logits(std::min(rows, ids.size()) * v);
        const batch_item item{ids, cache};
        QSLIP_CHECK(engine.hidden({&item, 1}, hidden));
        for (std::size_t row = 0; row < ids.size(); row += rows) {
            const std::size_t n = std::min(rows, ids.size() - row);
            QSLIP_CHECK(
                engine.logits(std::span(hidden).subspan(row * d, n * d), std::span(logits).first(n * v)));
        }
        return {};
    }
    status run_sequences() {
        while (engines_.size() < n_threads_) engines_.emplace_back(model_);
        return parallel_for(n_threads_, n_threads_, [&](unsigned worker, std::size_t) {
            return run_all_logits(engines_[worker], ids_, nullptr);
        });
    }
    status decode(scorer& engine, std::vector<double>& times) const {
        QSLIP_TRY(kv_cache cache, kv_cache::create(model_, n_decoded_));
        for (std::size_t i = 0; i < n_decoded_; ++i)
            QSLIP_CHECK(
                timed(times, [&] { return run_all_logits(engine, std::span(ids_).subspan(i, 1), &cache); }));
        return {};
    }

    const model& model_;
    std::size_t n_tokens_, n_decoded_;
    unsigned n_threads_;
    std::vector<std::int32_t> ids_;
    std::vector<scorer> engines_;
};

}  // namespace

result<model_speed> measure_model(const model& m, const model_work& work) {
    return model_bench(m, work).run();
}

}  // namespace qslip
