// A sample of the positions in the other modes, for what the weights cost and what the activations' rounding
// adds.
#include "kernels/position_sweep.hpp"

#include <algorithm>

#include "eval/observers/observer.hpp"

namespace qslip {
namespace {

constexpr std::size_t buffer_floats = std::size_t{2} << 20;

/// Reads on along the base's path in one mode.
struct companion {
    const arm* of;
    numerics mode;
    std::unique_ptr<sequence_reader> reader = {};
    std::vector<float> logits = {};  ///< of the rows in the buffer
};

class sampler final : public observer {
public:
    sampler(const run_setup& setup, std::size_t candidate)
        : setup_(setup),
          n_vocab_(setup.vocab.n_vocab()),
          max_rows_(std::max<std::size_t>(8, buffer_floats / n_vocab_)),
          base_mode_(setup.base->mode()),
          mode_(setup.candidates[candidate]->mode()) {
        const arm *base = setup.base, *cand = setup.candidates[candidate];
        if (base_mode_ != numerics::f32) base_exact_ = add(base, numerics::f32);
        if (mode_ != numerics::f32) exact_ = add(cand, numerics::f32);
        if (mode_ != numerics::a8) deployed_ = add(cand, numerics::a8);
    }

    status row(const scored_row& row) override {
        if (row.index >= sampled(row.of)) return {};
        if (rows_.size() == max_rows_) QSLIP_CHECK(flush());
        rows_.push_back({&row.of, row.index, row.target});
        base_.insert(base_.end(), row.base.begin(), row.base.end());
        candidate_.insert(candidate_.end(), row.candidate.begin(), row.candidate.end());
        return {};
    }
    status answer(const answered_item& seen) override {
        if (sampled(seen.of) == 0) return {};
        QSLIP_CHECK(flush());
        for (auto& c : companions_)
            if (c.reader) c.reader->end(seen.of.item.index);
        return {};
    }
    void merge(const observer& other) override { seen_.merge(static_cast<const sampler&>(other).seen_); }
    void save(byte_writer& out) const override {
        for (const auto* a : {&seen_.weights, &seen_.deployed, &seen_.floor, &seen_.base_floor}) a->save(out);
    }
    void load(byte_reader& in) override {
        for (auto* a : {&seen_.weights, &seen_.deployed, &seen_.floor, &seen_.base_floor}) a->load(in);
    }
    void describe(candidate_result& out) const override { out.sample = seen_; }
    std::uint64_t forward_tokens() const override {
        std::uint64_t n = 0;
        for (const auto& c : companions_) n += c.reader ? c.reader->forward_tokens() : 0;
        return n;
    }

private:
    struct kept_row {
        const item_run* of;
        std::size_t index;
        std::int32_t target;
    };
    static constexpr std::size_t own = ~std::size_t{0};  ///< the mode of the run: its rows are in the buffer

    std::size_t add(const arm* of, numerics mode) {
        companions_.push_back({of, mode});
        return companions_.size() - 1;
    }
    std::size_t sampled(const item_run& item) const {
        return setup_.sampled_positions.empty()
                   ? 0
                   : static_cast<std::size_t>(setup_.sampled_positions[item.item.index]);
    }

    /// All rows kept, item by item, through every companion.
    status flush() {
        if (rows_.empty()) return {};
        std::vector<std::size_t> order(rows_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows_[i].of->item.index; });
        for (auto& c : companions_) QSLIP_CHECK(read(c, order));
        for (std::size_t i = 0; i < order.size(); ++i) compare(order[i], i);
        rows_.clear();
        base_.clear();
        candidate_.clear();
        return {};
    }

    status read(companion& c, std::span<const std::size_t> order) {
        if (!c.reader) {
            QSLIP_TRY(c.reader, c.of->open_reader(setup_.cache_tokens, c.mode));
        }
        std::vector<reading> batch;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto& row = rows_[order[i]];
            const auto& item = row.of->item;
            const auto at = item.first_row + row.index;
            if (i > 0 && rows_[order[i - 1]].of == row.of) {
                batch.back().path = std::span(row.of->path).first(at + 1);
                continue;
            }
            if (row.index == 0) QSLIP_CHECK(c.reader->begin(item.index, item.tokens, row.of->room()));
            batch.push_back({item.index, std::span(row.of->path).first(at + 1), at});
        }
        QSLIP_CHECK(c.reader->read(batch));
        c.logits.resize(order.size() * c.reader->n_vocab());
        return c.reader->logits(0, order.size(), c.logits);
    }

    /// Row `kept` of the buffer, row `place` of what the companions read.
    void compare(std::size_t kept, std::size_t place) {
        const auto row_of = [&](std::size_t which, const std::vector<float>& buffer) {
            if (which == own) return std::span(buffer).subspan(kept * n_vocab_, n_vocab_);
            const auto& c = companions_[which];
            return std::span(c.logits).subspan(place * c.reader->n_vocab(), n_vocab_);
        };
        const auto base = row_of(own, base_), cand = row_of(own, candidate_);
        const auto base_exact = row_of(base_exact_, base_), exact = row_of(exact_, candidate_),
                   deployed = row_of(deployed_, candidate_);
        const auto target = rows_[kept].target;
        const auto cluster = rows_[kept].of->item.cluster;
        const auto add = [&](metrics::position_accumulator& to, auto p, auto q) {
            to.add(compare_position(setup_.tier, p, q, target), cluster);
        };
        add(seen_.weights, base_exact, exact);
        add(seen_.deployed, base_exact, deployed);
        if (mode_ != numerics::f32) add(seen_.floor, exact, cand);
        if (base_mode_ != numerics::f32) add(seen_.base_floor, base_exact, base);
    }

    const run_setup& setup_;
    const std::size_t n_vocab_, max_rows_;
    const numerics base_mode_, mode_;
    std::vector<companion> companions_;
    std::size_t base_exact_ = own, exact_ = own, deployed_ = own;
    std::vector<kept_row> rows_;
    std::vector<float> base_, candidate_;
    mode_sample seen_;
};

}  // namespace

std::unique_ptr<observer> make_mode_sample(const run_setup& setup, std::size_t candidate) {
    return std::make_unique<sampler>(setup, candidate);
}

}  // namespace qslip
