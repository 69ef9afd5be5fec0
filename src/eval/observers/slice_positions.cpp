#include "eval/observers/observer.hpp"

namespace qslip {
namespace {

class slice_positions final : public observer {
public:
    explicit slice_positions(const run_plan& plan) : plan_(plan), slices_(plan.slices().size()) {}

    status row(const scored_row& row) override {
        const auto& item = row.of.item;
        const auto position = item.first_row + row.index;
        for (const auto s : item.slices) slices_[s].positions.add(row.values, item.cluster);
        for (const auto s : item.position_slices)
            if (plan_.slices()[s].selector.takes_position(position, row.target_is_digit))
                slices_[s].positions.add(row.values, item.cluster);
        return {};
    }
    status answer(const answered_item& seen) override {
        for (const auto s : seen.of.item.slices) ++slices_[s].prompts;
        if (seen.of.targets.empty()) ++items_without_positions_;
        return {};
    }
    void merge(const observer& other) override {
        const auto& o = static_cast<const slice_positions&>(other);
        for (std::size_t s = 0; s < slices_.size(); ++s) {
            slices_[s].prompts += o.slices_[s].prompts;
            slices_[s].positions.merge(o.slices_[s].positions);
        }
        items_without_positions_ += o.items_without_positions_;
    }
    void save(byte_writer& out) const override {
        for (const auto& s : slices_) {
            out.u64(s.prompts);
            s.positions.save(out);
        }
        out.u64(items_without_positions_);
    }
    void load(byte_reader& in) override {
        for (auto& s : slices_) {
            s.prompts = in.u64();
            s.positions.load(in);
        }
        items_without_positions_ = in.u64();
    }
    void describe(candidate_result& out) const override {
        for (std::size_t s = 0; s < slices_.size(); ++s) {
            out.slices[s].prompts = slices_[s].prompts;
            out.slices[s].positions = slices_[s].positions;
        }
        out.exclusions[metrics::exclusion::items_without_positions] += items_without_positions_;
    }

private:
    struct slice {
        std::uint64_t prompts = 0;
        metrics::position_accumulator positions;
    };
    const run_plan& plan_;
    std::vector<slice> slices_;
    std::uint64_t items_without_positions_ = 0;
};

}  // namespace

std::unique_ptr<observer> make_slice_positions(const run_setup& setup, std::size_t) {
    return std::make_unique<slice_positions>(setup.work->plan());
}

}  // namespace qslip
