#include <qslip/decoder.hpp>
#include <qslip/detail/core/parallel.hpp>

#include <algorithm>

namespace qslip {
namespace {

class teacher_forcing {
public:
    teacher_forcing(const model& m, unsigned n_threads)
        : d_model_(m.config().d_model), n_vocab_(m.config().n_vocab), n_threads_(n_threads) {
        for (unsigned i = 0; i < n_threads_; ++i) engines_.emplace_back(m);
    }

    status find_hidden(std::span<const std::vector<std::int32_t>> lists) {
        std::vector<std::size_t> start{0};
        for (const auto& ids : lists) start.push_back(start.back() + ids.size());
        hidden_.resize(start.back() * d_model_);
        return parallel_for(n_threads_, lists.size(), [&](unsigned worker, std::size_t i) {
            if (lists[i].empty()) return status();
            const batch_item item{lists[i], nullptr};
            return engines_[worker].hidden(
                {&item, 1}, std::span(hidden_).subspan(start[i] * d_model_, lists[i].size() * d_model_));
        });
    }

    status hand_over_logits(const logit_rows_observer& observer) {
        const std::size_t n_rows = hidden_.size() / d_model_, step = block_rows * n_threads_;
        std::vector<float> logits(std::min(step, n_rows) * n_vocab_);
        for (std::size_t row = 0; row < n_rows; row += step) {
            const std::size_t n = std::min(step, n_rows - row);
            const auto out = std::span(logits).first(n * n_vocab_);
            QSLIP_CHECK(find_logits(std::span(hidden_).subspan(row * d_model_, n * d_model_), out));
            QSLIP_CHECK(observer(out));
        }
        return {};
    }

private:
    static constexpr std::size_t block_rows = 48;  // per thread at a time

    status find_logits(std::span<const float> hidden, std::span<float> out) {
        const std::size_t n = hidden.size() / d_model_;
        const auto work = [&](unsigned worker, std::size_t i) {
            const std::size_t first = i * block_rows, count = std::min(block_rows, n - first);
            return engines_[worker].logits(hidden.subspan(first * d_model_, count * d_model_),
                                           out.subspan(first * n_vocab_, count * n_vocab_));
        };
        return parallel_for(n_threads_, (n + block_rows - 1) / block_rows, work);
    }

    std::size_t d_model_, n_vocab_;
    unsigned n_threads_;
    std::vector<scorer> engines_;
    std::vector<float> hidden_;
};

}  // namespace

status teacher_forced_logits(const model& m, std::span<const std::vector<std::int32_t>> lists,
                             unsigned n_threads, const logit_rows_observer& observer) {
    teacher_forcing job(m, n_threads != 0 ? n_threads : default_threads());
    QSLIP_CHECK(job.find_hidden(lists));
    return job.hand_over_logits(observer);
}

}  // namespace qslip
