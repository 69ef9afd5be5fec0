// What the answers to prompts come to: judged, and where a structured one broke.
#include <algorithm>
#include <cmath>

#include "eval/observers/observer.hpp"

namespace qslip {
namespace {

/// The token whose bytes hold byte `byte` of the text; the number of tokens when all lie before it.
std::size_t token_at(std::span<const std::int32_t> tokens, std::size_t byte, const tokenizer& vocab) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!vocab.is_special(tokens[i])) end += vocab.token_bytes(tokens[i]).size();
        if (byte < end) return i;
    }
    return tokens.size();
}

/// What the base's row says about the token at a break.
void add_base_opinion(std::span<const float> row, std::span<const std::int32_t> tokens,
                      const tokenizer& vocab, located_break& at) {
    const auto best = static_cast<std::size_t>(argmax(row));
    float second = -INFINITY;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (i != best) second = std::max(second, row[i]);
    at.base_token = vocab.token_bytes(static_cast<std::int32_t>(best));
    at.base_margin_nats = static_cast<double>(row[best]) - static_cast<double>(second);
    if (at.token_index < tokens.size())
        at.base_behind_nats = static_cast<double>(row[best]) -
                              static_cast<double>(row[static_cast<std::size_t>(tokens[at.token_index])]);
}

class answers final : public observer {
public:
    explicit answers(const run_setup& setup) : setup_(setup), slices_(setup.work->plan().slices().size()) {}

    status answer(const answered_item& seen) override {
        if (!seen.of.base_judgement) return {};
        judge_both(seen);
        return locate_break(seen);
    }
    void merge(const observer& other) override {
        const auto& o = static_cast<const answers&>(other);
        for (std::size_t s = 0; s < slices_.size(); ++s) {
            slices_[s].outcomes.merge(o.slices_[s].outcomes);
            slices_[s].formats.merge(o.slices_[s].formats);
        }
        regex_budget_ += o.regex_budget_;
    }
    void save(byte_writer& out) const override {
        for (const auto& s : slices_) {
            s.outcomes.save(out);
            s.formats.save(out);
        }
        out.u64(regex_budget_);
    }
    void load(byte_reader& in) override {
        for (auto& s : slices_) {
            s.outcomes.load(in);
            s.formats.load(in);
        }
        regex_budget_ = in.u64();
    }
    void describe(candidate_result& out) const override {
        for (std::size_t s = 0; s < slices_.size(); ++s) {
            out.slices[s].outcomes = slices_[s].outcomes;
            out.slices[s].formats = slices_[s].formats;
        }
        out.exclusions[metrics::exclusion::regex_budget] += regex_budget_;
    }

private:
    struct slice {
        metrics::outcome_table outcomes;
        metrics::format_counts formats;
    };

    void judge_both(const answered_item& seen) {
        const auto& item = seen.of.item;
        const auto& base = *seen.of.base_judgement;
        if (seen.branch.nonfinite)
            record(seen, base, item.judge->no_answer());
        else
            record(seen, base, seen.branch.left_at ? seen.branch.own.judged(item) : base);
    }

    /// What two answers come to, in the item's result and its slices.
    void record(const answered_item& seen, const judgement& base, const judgement& cand) {
        const auto& item = seen.of.item;
        auto& r = seen.result;
        r.has_task = true;
        r.base_right = base.right();
        r.cand_right = cand.right();
        r.base_structure = base.structure;
        r.cand_structure = cand.structure;
        regex_budget_ += (base.budget_hit ? 1u : 0u) + (cand.budget_hit ? 1u : 0u);
        for (const auto s : item.slices) add_outcomes(slices_[s], item.cluster, base, cand);
    }

    /// Two answers are paired in the metrics that both have.
    static void add_outcomes(slice& to, std::uint64_t cluster, const judgement& base, const judgement& cand) {
        for (const auto& [which, yes] : base.outcomes)
            if (const auto other = cand.outcome(which)) to.outcomes.add(which, cluster, yes, *other);
        if (base.structure) to.formats.add(*base.structure, *cand.structure);
    }

    /// Of an answer that satisfied its schema and does not any more: where, and how sure the base was there.
    status locate_break(const answered_item& seen) {
        const auto& branch = seen.branch;
        auto& r = seen.result;
        const bool broke = branch.left_at && !branch.nonfinite && r.base_structure &&
                           r.base_structure->demanded && r.base_structure->valid() &&
                           !r.cand_structure->valid();
        if (!broke) return {};
        const auto at = seen.of.item.judge->locate_fault(r.cand_text);
        if (!at || !*at) return {};  // a budget ran out: counted as a fault of the answer
        const auto& tokens = branch.own.tokens;
        const auto token = token_at(tokens, (*at)->byte, setup_.vocab);
        if (token < *branch.left_at) return {};  // what both said: the base's own answer only got further
        located_break found{(*at)->byte, (*at)->keyword, (*at)->instance_location, token, "", "", 0, 0};
        if (token < tokens.size()) found.token = setup_.vocab.token_bytes(tokens[token]);
        QSLIP_CHECK(ask_base(seen, found));
        r.broken_at = std::move(found);
        return {};
    }

    /// The base reads the prompt and the candidate's words up to the break.
    status ask_base(const answered_item& seen, located_break& at) {
        const auto prompt = seen.of.item.tokens;
        std::vector<std::int32_t> path(prompt.begin(), prompt.end());
        const auto& words = seen.branch.own.tokens;
        path.insert(path.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at.token_index));
        const reading once{reading::unnamed, path, path.size() - 1};
        QSLIP_CHECK(seen.base.read(std::span(&once, 1)));
        std::vector<float> row(seen.base.n_vocab());
        QSLIP_CHECK(seen.base.logits(0, 1, row));
        add_base_opinion(std::span(row).first(setup_.vocab.n_vocab()), words, setup_.vocab, at);
        return {};
    }

    const run_setup& setup_;
    std::vector<slice> slices_;
    std::uint64_t regex_budget_ = 0;
};

}  // namespace

std::unique_ptr<observer> make_answers(const run_setup& setup, std::size_t) {
    return std::make_unique<answers>(setup);
}

}  // namespace qslip
