#include "text/tokenizer_split.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <limits>

namespace qslip {

static result<split_step> compile(std::string_view pattern, split_step::behaviour keep,
                                  const limits& limits) {
    QSLIP_TRY(auto compiled,
              regex::program::compile(pattern, limits, regex::program::engine::jit_if_available));
    return split_step{std::move(compiled), keep};
}

result<split_step> split_step::ours(std::string_view pattern, behaviour keep) {
    qslip::limits limits;
    limits.regex_match_steps = limits.regex_heap_kib = std::numeric_limits<std::uint64_t>::max();
    return compile(pattern, keep, limits);
}

result<split_step> split_step::of_file(std::string_view pattern, behaviour keep, const limits& limits) {
    QSLIP_TRY(auto step, compile(pattern, keep, limits));
    if (step.pattern->may_match_nothing())
        return status(errc::unsupported,
                      "the splitting pattern " + quoted(pattern) + " can match nothing at all");
    return step;
}

result<split_steps> compile_split(const pre_rule& rule) {
    split_steps steps;
    for (const auto pattern : rule.patterns) {
        const bool groups = pattern == digits_in_threes;
        QSLIP_TRY(auto step, split_step::ours(groups ? R"(\p{N}+)" : pattern,
                                              groups ? split_step::behaviour::groups_of_three
                                                     : split_step::behaviour::isolated));
        steps.push_back(std::move(step));
    }
    return steps;
}

result<word_splitter> word_splitter::create(const split_steps& steps) {
    std::vector<stage> stages;
    stages.reserve(steps.size());
    for (const auto& step : steps) {
        QSLIP_TRY(auto scan, regex_scan::create(*step.pattern));
        stages.push_back({std::move(scan), step.keep});
    }
    return word_splitter(std::move(stages));
}

void word_splitter::start(std::string_view text) {
    open_.clear();
    open_.push_back({text});
}

static bool starts_character(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }

static std::size_t bytes_of_characters(std::string_view text, std::size_t n_characters) {
    std::size_t size = 0;
    while (size < text.size() && (n_characters > 0 || !starts_character(text[size])))
        if (starts_character(text[size++])) --n_characters;
    return size;
}

/// The next match at or after `from.at`; where matches are cut into threes, such a three.
result<std::optional<regex_match>> word_splitter::find(piece& from, stage& by) {
    if (from.run_end > from.at) {
        const auto rest = from.text.substr(from.at, from.run_end - from.at);
        return std::optional(regex_match{from.at, from.at + bytes_of_characters(rest, 3)});
    }
    QSLIP_TRY(auto match, by.scan.find(from.text, from.at, true));
    if (match && by.keep == split_step::behaviour::groups_of_three) {
        const auto run = from.text.substr(match->begin, match->end - match->begin);
        const auto n = static_cast<std::size_t>(std::count_if(run.begin(), run.end(), starts_character));
        from.run_end = match->end;
        match->end = match->begin + bytes_of_characters(run, n % 3 == 0 ? 3 : n % 3);
    }
    return match;
}

/// The next part of `from`: the text up to the next match, then the match itself. Empty when it is dropped.
result<std::string_view> word_splitter::cut(piece& from, stage& by) {
    using behaviour = split_step::behaviour;
    const std::size_t begin = from.at;
    bool is_match = from.match_end > begin;
    if (is_match) {
        from.at = from.match_end;
    } else {
        QSLIP_TRY(const auto match, find(from, by));
        if (match && match->end <= match->begin)
            return status(errc::internal, "a splitting pattern matched nothing");
        is_match = match && (match->begin == begin || by.keep == behaviour::merged_with_previous);
        from.match_end = match ? match->end : 0;
        from.at = is_match ? match->end : match ? match->begin : from.text.size();
    }
    if (by.keep == (is_match ? behaviour::removed : behaviour::only_matches)) return std::string_view();
    return from.text.substr(begin, from.at - begin);
}

result<std::string_view> word_splitter::next() {
    while (!open_.empty()) {
        piece& top = open_.back();
        const std::size_t depth = open_.size() - 1;
        if (top.at == top.text.size()) {
            open_.pop_back();
            continue;
        }
        if (stages_.empty()) {
            top.at = top.text.size();
            return top.text;
        }
        QSLIP_TRY(const auto part, cut(top, stages_[depth]));
        if (part.empty()) continue;
        if (depth + 1 == stages_.size()) return part;
        open_.push_back({part});
    }
    return std::string_view();
}

}  // namespace qslip
