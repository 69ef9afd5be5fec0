#include "text/tokenizer_plan.hpp"

#include <qslip/detail/core/quote.hpp>

namespace qslip {
namespace {

using edit = text_edit::kind;

result<tokenizer_plan> plan_by_rule(const tokenizer_parts& parts) {
    constexpr const char* hint = ": splitting would be a guess. Pass --pre gpt2 if you know it";
    if (parts.pre.empty())
        return status(errc::unsupported, std::string("tokenizer.ggml.pre is missing") + hint);
    const pre_rule* rule = find_pre_rule(parts.pre);
    if (!rule) return status(errc::unsupported, "tokenizer.ggml.pre = " + quoted(parts.pre) + hint);
    tokenizer_plan plan;
    plan.name = parts.pre;
    plan.family = rule->family;
    plan.byte_letters = !rule->marked_spaces;
    plan.ignore_merges = rule->ignore_merges;
    plan.adds_bos = rule->add_bos;
    if (rule->marked_spaces)
        plan.normalizer.add({.what = edit::replace, .from = " ", .to = std::string(space_mark)});
    QSLIP_TRY(plan.splits, compile_split(*rule));
    return plan;
}

tokenizer_plan spm_plan(const tokenizer_parts& parts) {
    const bool prefix = parts.add_space_prefix.value_or(true);
    tokenizer_plan plan;
    plan.name = "spm";
    plan.family = prefix ? "spm" : "spm, no space in front";
    plan.byte_letters = false;
    plan.words_by = tokenizer_plan::algorithm::scores;
    plan.adds_bos = true;
    if (prefix) plan.normalizer.add({.what = edit::prepend, .to = " "});
    plan.normalizer.add({.what = edit::replace, .from = " ", .to = std::string(space_mark)});
    return plan;
}

result<tokenizer_plan> unigram_plan(const tokenizer_parts& parts) {
    const bool prefix = parts.add_space_prefix.value_or(false);
    tokenizer_plan plan;
    plan.name = "unigram";
    plan.family = std::string("unigram") + (prefix ? "" : ", no space in front") +
                  (parts.remove_extra_whitespaces ? ", spaces squeezed" : "");
    plan.byte_letters = false;
    plan.words_by = tokenizer_plan::algorithm::unigram;
    plan.fuse_unknown = true;
    if (!parts.char_map.empty()) {
        QSLIP_TRY(auto map, char_map::create(parts.char_map));
        plan.family += ", character map of " + std::to_string(parts.char_map.size()) + " bytes";
        plan.normalizer.add({.what = edit::charsmap, .map = std::move(map)});
    }
    plan.normalizer.add({.what = parts.remove_extra_whitespaces ? edit::squeeze_spaces : edit::mark_spaces,
                         .to = std::string(prefix ? space_mark : "")});
    return plan;
}

/// Two tokens with one space between them.
status add_merge(std::string_view text, std::size_t rank, tokenizer_plan& plan) {
    const std::size_t space = text.find(' ');
    if (space == 0 || space == text.npos || space + 1 == text.size() ||
        text.find(' ', space + 1) != text.npos)
        return {errc::format, "merge " + std::to_string(rank) + " (" + quoted(text) +
                                  ") is not two tokens with one space between them"};
    plan.merges.emplace_back(text.substr(0, space), text.substr(space + 1));
    return {};
}

result<tokenizer_plan> plan_of_family(const tokenizer_parts& parts) {
    switch (parts.family) {
        case tokenizer_family::bpe: return plan_by_rule(parts);
        case tokenizer_family::spm: return spm_plan(parts);
        case tokenizer_family::unigram: return unigram_plan(parts);
    }
    return status(errc::arg, "a tokenizer family of unknown number");
}

}  // namespace

result<tokenizer_plan> plan_of(const tokenizer_parts& parts) {
    QSLIP_TRY(auto plan, plan_of_family(parts));
    plan.merges.reserve(parts.merges.size());
    for (std::size_t rank = 0; rank < parts.merges.size(); ++rank)
        QSLIP_CHECK(add_merge(parts.merges[rank], rank, plan));
    return plan;
}

}  // namespace qslip
