#include "schema/pattern.hpp"

#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/utf8.hpp>

#include <algorithm>
#include <utility>

#include "schema/ecma_pattern.hpp"

namespace qslip::schema {

/// Bytes a match may begin with; all of them when PCRE2 knows nothing.
static std::bitset<256> first_bytes_of(const pcre2_code* code) {
    std::bitset<256> out;
    std::uint32_t known = 0, first = 0;
    const std::uint8_t* bitmap = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &known);
    pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &first);
    pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &bitmap);
    if (known == 1) return out.set(first & 0xff);
    if (!bitmap) return out.set();
    for (std::size_t byte = 0; byte < 256; ++byte) out[byte] = bitmap[byte / 8] >> (byte % 8) & 1;
    return out;
}

result<text_pattern> text_pattern::compile(std::string_view pattern, const limits& limits) {
    text_pattern out;
    QSLIP_TRY(const auto translated, ecma_to_pcre2(pattern));
    auto compiled = regex::program::compile(translated, limits, regex::program::engine::interpreter);
    if (!compiled) {
        const auto code = compiled.status().code() == errc::format ? errc::schema : compiled.status().code();
        return status(code, "pattern " + quoted(pattern) + ": " + compiled.status().message());
    }
    out.program_ = *compiled;
    std::uint32_t options = 0;
    pcre2_pattern_info(out.program_->code.get(), PCRE2_INFO_ALLOPTIONS, &options);
    out.anchored_ = (options & PCRE2_ANCHORED) != 0;
    out.first_bytes_ = first_bytes_of(out.program_->code.get());
    out.unbounded_ =
        translated.find_first_of("*+") != translated.npos || translated.find(",}") != translated.npos;
    const bool start = pattern.starts_with('^'),
               end = pattern.ends_with('$') && pattern.size() > (start ? 1u : 0u);
    auto plain = pattern.substr(start ? 1 : 0);
    if (end) plain.remove_suffix(1);
    if (plain == ".*" && !end) {
        out.shape_ = shape::anything;
    } else if (plain.find_first_of("\\^$.*+?()[]{}|") == plain.npos && (start || !end)) {
        out.literal_ = plain;
        out.shape_ = start ? (end ? shape::exact : shape::prefix) : shape::contains;
    }
    return out;
}

std::uint64_t text_pattern::n_starts(std::string_view text) const {
    constexpr std::size_t short_text = 64;
    if (anchored_) return 1;
    if (text.size() <= short_text) return text.size() + 1;
    std::uint64_t n = 1;
    for (const char c : text) n += first_bytes_[static_cast<unsigned char>(c)];
    return n;
}

/// PCRE2 counts backtracks from each place a match may begin, and not the bytes that a repeat reads at once.
/// So the most that a limit on them can cost is charged before the match; the limit starts low and grows
/// while it does not suffice. What is charged is about 1/40 of a backtrack or of 64 bytes read.
result<int> text_pattern::run(std::string_view text, std::uint32_t options, match_memory& memory) const {
    constexpr std::uint64_t first_limit = 32, growth = 8, bytes_per_backtrack = 64, backtracks_per_step = 40;
    if (!memory.data) {
        memory.data.reset(pcre2_match_data_create(1, nullptr));
        memory.context.reset(pcre2_match_context_copy(program_->context.get()));
        if (!memory.data || !memory.context) return status(errc::no_memory, "no memory for a regex match");
    }
    const auto each = unbounded_ ? 1 + text.size() / bytes_per_backtrack : 1;
    const auto starts = (options & PCRE2_ANCHORED) != 0 ? 1 : n_starts(text);
    memory.steps += 1 + text.size() / 64;
    for (auto limit = first_limit; limit < growth * program_->steps; limit *= growth) {
        const auto allowed = std::min(limit, program_->steps);
        // No overflow: a text is below 2^32 bytes, a limit below 2^24.
        memory.steps +=
            starts * each / backtracks_per_step * allowed + starts * allowed / backtracks_per_step;
        if (memory.steps > memory.budget) break;
        pcre2_set_match_limit(memory.context.get(), static_cast<std::uint32_t>(allowed));
        const int got = pcre2_match(program_->code.get(),
                                    reinterpret_cast<PCRE2_SPTR>(text.data() ? text.data() : ""), text.size(),
                                    0, options | PCRE2_NO_UTF_CHECK, memory.data.get(), memory.context.get());
        if (got >= 0 || got == PCRE2_ERROR_NOMATCH || got == PCRE2_ERROR_PARTIAL) return got;
        if (got == PCRE2_ERROR_NOMEMORY) return status(errc::no_memory, "no memory for a regex match");
        if (got != PCRE2_ERROR_MATCHLIMIT) break;
    }
    return status(errc::budget,
                  "a pattern takes more steps or memory on a text of " + std::to_string(text.size()) +
                      " bytes than are left; simplify it (limits schema_steps, regex_match_steps, "
                      "regex_heap_kib)");
}

result<bool> text_pattern::matches(std::string_view text, match_memory& memory) const {
    switch (shape_) {
        case shape::anything: return true;
        case shape::prefix: return text.starts_with(literal_);
        case shape::exact: return text == literal_;
        case shape::contains: return text.find(literal_) != text.npos;
        case shape::general: break;
    }
    // In a long text a match at its beginning spares the charge for all other beginnings.
    constexpr std::size_t long_text = 4096;
    if (!anchored_ && text.size() > long_text) {
        QSLIP_TRY(const int at_once, run(text, PCRE2_ANCHORED, memory));
        if (at_once >= 0) return true;
    }
    QSLIP_TRY(const int got, run(text, 0, memory));
    return got >= 0;
}

result<bool> text_pattern::may_begin_with(std::string_view beginning, match_memory& memory) const {
    switch (shape_) {
        case shape::anything:
        case shape::contains: return true;
        case shape::prefix: return beginning.starts_with(literal_) || literal_.starts_with(beginning);
        case shape::exact: return literal_.starts_with(beginning);
        case shape::general: break;
    }
    // PCRE2 would read on where a character is cut.
    beginning = beginning.substr(0, utf8_valid_prefix(beginning));
    if (!anchored_ || beginning.empty()) return true;
    QSLIP_TRY(const int got, run(beginning, PCRE2_PARTIAL_HARD, memory));
    return got != PCRE2_ERROR_NOMATCH;
}

}  // namespace qslip::schema
