// What the answers to prompts come to: judged, and where a structured one broke.
#include <algorithm>
#include <cmath>

#include "eval/bundle_sequence.hpp"

namespace qslip {

namespace {

constexpr std::size_t breaks_at_once = 8;

}  // namespace

void bundle_runner::judge_answers(sequence& s, std::size_t candidate) {
    auto& b = s.branches[candidate];
    auto& r = b.result;
    const auto cut = [&](const std::vector<std::int32_t>& tokens, const std::string& text) {
        return tokens.size() >= s.item.max_tokens &&
               answer_length(s.item.how, text) == std::string_view::npos;
    };
    auto base = judge(s.item.how, r.base_text, setup_.limits, cut(s.tokens, s.text));
    auto cand =
        judge(s.item.how, r.cand_text, setup_.limits, cut(b.left_at ? b.tokens : s.tokens, r.cand_text));
    if (b.nonfinite) {
        const auto asked = cand.structure;
        cand = {};
        cand.structure.demanded = asked.demanded;
        cand.structure.may_call = asked.may_call;
    }
    r.has_task = true;
    r.base_right = base.right;
    r.cand_right = cand.right;
    auto& part = parts_[candidate];
    part.exclusions.regex_budget += (base.budget_hit ? 1u : 0u) + (cand.budget_hit ? 1u : 0u);
    for (const auto i : s.item.slices) part.slices[i].answers.add(s.item.cluster, r.base_right, r.cand_right);
    if (!s.item.how.is_structured()) return;
    r.base_structure = base.structure;
    r.cand_structure = cand.structure;
    for (const auto i : s.item.slices)
        part.slices[i].structure.add(s.item.cluster, base.structure, cand.structure);
}

/// The token whose bytes hold byte `byte` of the text; the number of tokens when all lie before it.
static std::size_t token_at(std::span<const std::int32_t> tokens, std::size_t byte, const tokenizer& vocab) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!vocab.is_special(tokens[i])) end += vocab.token_bytes(tokens[i]).size();
        if (byte < end) return i;
    }
    return tokens.size();
}

/// What the base's row says about the token at a break.
static void note_base(std::span<const float> row, std::span<const std::int32_t> tokens,
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

/// Of answers that satisfied their schema and do not any more: where, and how sure the base was there.
status bundle_runner::locate_breaks(std::vector<sequence>& all, std::size_t candidate) {
    const auto& vocab = setup_.base.vocab();
    std::vector<std::size_t> broken;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto& b = all[i].branches[candidate];
        auto& r = b.result;
        if (!b.left_at || b.nonfinite || !r.base_structure || !r.base_structure->demanded) continue;
        if (!r.base_structure->valid() || r.cand_structure->valid()) continue;
        const auto at = locate_fault(all[i].item.how, r.cand_text, setup_.limits);
        if (!at || !*at) continue;  // a budget ran out: counted as a fault of the answer
        const auto token = token_at(b.tokens, (*at)->byte, vocab);
        if (token < *b.left_at) continue;  // what both said: the base's own answer only got further
        r.broken_at =
            located_break{(*at)->byte, (*at)->keyword, (*at)->instance_location, token, "", "", 0, 0};
        if (token < b.tokens.size()) r.broken_at->token = vocab.token_bytes(b.tokens[token]);
        broken.push_back(i);
    }
    for (std::size_t first = 0; first < broken.size(); first += breaks_at_once)
        QSLIP_CHECK(base_rows_at_breaks(
            all, std::span(broken).subspan(first, std::min(breaks_at_once, broken.size() - first)),
            candidate));
    return {};
}

/// The base reads the prompt and the candidate's words up to the break.
status bundle_runner::base_rows_at_breaks(std::vector<sequence>& all, std::span<const std::size_t> broken,
                                          std::size_t candidate) {
    auto& a = arms_[0];
    std::vector<std::vector<std::int32_t>> tokens;
    std::vector<batch_item> batch;
    tokens.reserve(broken.size());
    for (const auto i : broken) {
        const auto& b = all[i].branches[candidate];
        auto& path = tokens.emplace_back(all[i].item.tokens);
        path.insert(path.end(), b.tokens.begin(),
                    b.tokens.begin() + static_cast<std::ptrdiff_t>(b.result.broken_at->token_index));
        batch.push_back({path, nullptr});
    }
    QSLIP_CHECK(forward(a, batch));
    std::size_t row = 0;
    for (std::size_t k = 0; k < broken.size(); ++k) {
        row += tokens[k].size();
        QSLIP_CHECK(logits_of(a, hidden_rows(a.hidden, a.d_model, row - 1, 1)));
        auto& b = all[broken[k]].branches[candidate];
        note_base(a.row(0, setup_.n_vocab), b.tokens, setup_.base.vocab(), *b.result.broken_at);
    }
    return {};
}

status bundle_runner::finish(std::vector<sequence>& all, std::span<std::vector<item_result>> results) {
    for (std::size_t c = 0; c < parts_.size(); ++c) {
        for (auto& s : all) {
            auto& b = s.branches[c];
            b.result.id = s.item.id;
            b.result.base_text = s.text;
            b.result.cand_text = b.left_at ? b.text : s.text;
            if (s.item.how.type != task_type::none) judge_answers(s, c);
        }
        QSLIP_CHECK(locate_breaks(all, c));
        for (auto& s : all) results[c][s.item.index] = std::move(s.branches[c].result);
    }
    return {};
}

}  // namespace qslip
