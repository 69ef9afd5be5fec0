// What is measured beside the scored positions: a sample of the items in the other modes, for what the
// activations' rounding adds; attention.
#include "eval/bundle_sequence.hpp"
#include "kernels/position_sweep.hpp"

namespace qslip {

/// Positions of the sample through one candidate in F32 and in A8, beside the rows of the mode of the run.
status bundle_runner::sample(std::vector<sequence>& all, std::size_t candidate) {
    if (setup_.sampled_positions.empty()) return {};
    const auto& a = arms_[candidate + 1];
    std::vector<sequence> chosen;
    std::vector<float> rows;
    for (const auto& s : all) {
        const auto n = static_cast<std::size_t>(
            std::min<std::uint64_t>(setup_.sampled_positions[s.item.index], s.base.targets.size()));
        if (n == 0) continue;
        const auto own = hidden_rows(a.hidden, a.d_model, s.first_scored, n);
        rows.insert(rows.end(), own.begin(), own.end());
        auto& copy = chosen.emplace_back();
        copy.item = s.item;
        copy.base = s.base;
        copy.base.targets.resize(n);
        copy.path.assign(s.path.begin(), s.path.begin() + static_cast<std::ptrdiff_t>(s.item.first_row + n));
    }
    if (chosen.empty()) return {};
    const model& m = a.engine.owner();
    arm mode(m), exact(m.with_mode(numerics::f32)), deployed(m.with_mode(numerics::a8));
    mode.hidden = std::move(rows);
    arm* const arms[] = {&mode, m.mode() == numerics::f32 ? &mode : &exact,
                         m.mode() == numerics::a8 ? &mode : &deployed};
    for (arm* other : {arms[1], arms[2]})
        if (other != &mode) QSLIP_CHECK(follow(chosen, *other, 0));
    return take_sample(candidate, rows_of(chosen), arms);
}

/// Over all that the candidate read. Alone, whatever its bundle: both models' rows are made once more.
status bundle_runner::compare_attention_of(const sequence& s, std::size_t candidate) {
    QSLIP_TRY(const auto heads, compare_attention(arms_[0].engine, arms_[candidate + 1].engine, s.path));
    std::vector<metrics::attention_shift::head_sums> sums;
    for (const auto& h : heads)
        sums.push_back(
            {h.kl_nats, h.entropy_base_nats, h.entropy_cand_nats, h.sink_mass_base, h.sink_mass_cand});
    parts_[candidate].attention.add(setup_.base.config().n_heads, sums, s.path.size());
    forward_tokens_ += 2 * s.path.size();
    return {};
}

/// `arms`: in the run's mode, in F32, in A8; the first may be one of the others too.
status bundle_runner::take_sample(std::size_t candidate, std::span<const scored_row> rows,
                                  std::span<arm* const> arms) {
    auto& seen = parts_[candidate].sample;
    for (std::size_t first = 0; first < rows.size(); first += tile_rows_) {
        const auto tile = rows.subspan(first, std::min(tile_rows_, rows.size() - first));
        QSLIP_CHECK(base_tile(tile));
        for (std::size_t a = 0; a < arms.size(); ++a)
            if (a == 0 || arms[a] != arms[0])
                QSLIP_CHECK(
                    logits_of(*arms[a], hidden_rows(arms[a]->hidden, arms[a]->d_model, first, tile.size())));
        for (std::size_t i = 0; i < tile.size(); ++i) {
            const auto& s = *tile[i].of;
            const auto target = s.base.targets[tile[i].index];
            const auto row = [&](const arm& a) { return a.row(i, setup_.n_vocab); };
            const auto add = [&](metrics::position_accumulator& to, const arm& p, const arm& q) {
                to.add(compare_position(tier_, row(p), row(q), target), s.item.cluster);
            };
            add(seen.weights, arms_[0], *arms[1]);
            add(seen.deployed, arms_[0], *arms[2]);
            if (arms[1] != arms[0]) add(seen.floor, *arms[1], *arms[0]);
        }
    }
    return {};
}

}  // namespace qslip
