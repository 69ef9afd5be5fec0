// Over all that a candidate read, item by item: both models' rows are made once more, so no number depends on
// what is read together.
#include "eval/observers/observer.hpp"

namespace qslip {
namespace {

class attention final : public observer {
public:
    attention(const model& base, const model& candidate) : base_(base), candidate_(candidate) {}

    status answer(const answered_item& seen) override {
        if (!engines_) engines_.emplace(base_, candidate_);
        const auto& path = seen.of.path;
        QSLIP_TRY(const auto heads, compare_attention(engines_->base, engines_->candidate, path));
        std::vector<metrics::attention_shift::head_sums> sums;
        sums.reserve(heads.size());
        for (const auto& h : heads)
            sums.push_back(
                {h.kl_nats, h.entropy_base_nats, h.entropy_cand_nats, h.sink_mass_base, h.sink_mass_cand});
        seen_.add(base_.config().n_heads, sums, path.size());
        forward_tokens_ += 2 * path.size();
        return {};
    }
    void merge(const observer& other) override { seen_.merge(static_cast<const attention&>(other).seen_); }
    void save(byte_writer& out) const override { seen_.save(out); }
    void load(byte_reader& in) override { seen_.load(in); }
    void describe(candidate_result& out) const override { out.attention = seen_; }
    std::uint64_t forward_tokens() const override { return forward_tokens_; }

private:
    struct pair {
        pair(const model& b, const model& c) : base(b), candidate(c) {}
        scorer base, candidate;
    };
    model base_, candidate_;
    std::optional<pair> engines_;
    metrics::attention_shift seen_;
    std::uint64_t forward_tokens_ = 0;
};

}  // namespace

std::unique_ptr<observer> make_attention(const run_setup& setup, std::size_t candidate) {
    return std::make_unique<attention>(*setup.base->engine(), *setup.candidates[candidate]->engine());
}

}  // namespace qslip
