#include "text/tokenizer_split.hpp"

#include <limits>

namespace qslip {

/// Our own patterns never backtrack further than they matched, so that no text makes them slow.
static limits no_regex_limits() {
    qslip::limits limits;
    limits.regex_match_steps = limits.regex_heap_kib = std::numeric_limits<std::uint64_t>::max();
    return limits;
}

result<split_programs> compile_split(const pre_rule& rule) {
    split_programs programs;
    for (const auto pattern : rule.patterns) {
        QSLIP_TRY(auto compiled, regex::program::compile(pattern, no_regex_limits(),
                                                         regex::program::engine::jit_if_available));
        programs.push_back(std::move(compiled));
    }
    return programs;
}

result<word_splitter> word_splitter::create(const split_programs& programs) {
    std::vector<regex_scan> scans;
    scans.reserve(programs.size());
    for (const auto& program : programs) {
        QSLIP_TRY(auto scan, regex_scan::create(*program));
        scans.push_back(std::move(scan));
    }
    return word_splitter(std::move(scans));
}

void word_splitter::start(std::string_view text) {
    open_.clear();
    open_.push_back({text});
}

/// The next part of `from`: the text up to the next match, then the match itself.
result<std::string_view> word_splitter::cut(piece& from, regex_scan& scan) {
    const std::size_t begin = from.at;
    if (from.match_end > begin) {
        from.at = from.match_end;
    } else {
        QSLIP_TRY(const auto match, scan.find(from.text, begin, true));
        if (match && match->end <= match->begin)
            return status(errc::internal, "a splitting pattern matched nothing");
        from.at = !match ? from.text.size() : match->begin > begin ? match->begin : match->end;
        from.match_end = match ? match->end : 0;
    }
    return from.text.substr(begin, from.at - begin);
}

result<std::string_view> word_splitter::next() {
    while (!open_.empty()) {
        piece& top = open_.back();
        if (top.at == top.text.size()) {
            open_.pop_back();
            continue;
        }
        const std::size_t stage = open_.size() - 1;
        QSLIP_TRY(const auto part, cut(top, scans_[stage]));
        if (stage + 1 == scans_.size()) return part;
        open_.push_back({part});
    }
    return std::string_view();
}

}  // namespace qslip
