#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "text/regex_program.hpp"

namespace qslip {

static std::string pcre2_text(int code) {
    std::array<PCRE2_UCHAR, 256> text{};
    const int size = pcre2_get_error_message(code, text.data(), text.size());
    return size > 0 ? std::string(text.begin(), text.begin() + size) : "error " + std::to_string(code);
}

static status out_of_memory() { return {errc::no_memory, "regex: out of memory"}; }

static std::uint32_t clamp32(std::uint64_t n) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::uint32_t>::max()));
}

result<std::shared_ptr<const regex::program>> regex::program::compile(std::string_view pattern,
                                                                      const limits& limits, engine how) {
    if (pattern.size() > limits.regex_pattern_bytes)
        return status(errc::limit, "regex of " + std::to_string(pattern.size()) + " bytes; the limit is " +
                                       std::to_string(limits.regex_pattern_bytes));
    auto made = std::make_shared<program>();
    made->context.reset(pcre2_match_context_create(nullptr));
    if (!made->context) return out_of_memory();
    made->steps = limits.regex_match_steps;
    pcre2_set_match_limit(made->context.get(), clamp32(limits.regex_match_steps));
    pcre2_set_depth_limit(made->context.get(), clamp32(limits.regex_match_steps));
    pcre2_set_heap_limit(made->context.get(), clamp32(limits.regex_heap_kib));

    int code = 0;
    PCRE2_SIZE offset = 0;
    constexpr std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    made->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                                   &code, &offset, nullptr));
    if (!made->code) {
        if (code == PCRE2_ERROR_HEAP_FAILED) return out_of_memory();
        return status(errc::format, "regex " + quoted(pattern) + ": " + pcre2_text(code) + " at byte " +
                                        std::to_string(offset));
    }
    // Where the JIT is missing pcre2_match() falls back by itself, so the answer is not needed.
    if (how == engine::jit_if_available) (void)pcre2_jit_compile(made->code.get(), PCRE2_JIT_COMPLETE);
    return std::shared_ptr<const program>(std::move(made));
}

bool regex::program::may_match_nothing() const {
    std::uint32_t answer = 0;
    return pcre2_pattern_info(code.get(), PCRE2_INFO_MATCHEMPTY, &answer) == 0 && answer != 0;
}

result<regex_scan> regex_scan::create(const regex::program& compiled) {
    pcre2_owner<pcre2_match_data> data(pcre2_match_data_create(1, nullptr));
    if (!data) return out_of_memory();
    return regex_scan(compiled, std::move(data));
}

status regex_scan::failure(int code) const {
    switch (code) {
        case PCRE2_ERROR_NOMEMORY: return out_of_memory();
        case PCRE2_ERROR_BADOFFSET:
        case PCRE2_ERROR_BADUTFOFFSET: return {errc::arg, "regex: the start is not a character of the text"};
        case PCRE2_ERROR_MATCHLIMIT:
        case PCRE2_ERROR_DEPTHLIMIT:
        case PCRE2_ERROR_HEAPLIMIT:
        case PCRE2_ERROR_JIT_STACKLIMIT:
            return {errc::budget, "regex: " + pcre2_text(code) + " (" + std::to_string(program_->steps) +
                                      " steps allowed); simplify the pattern"};
        default: break;
    }
    if (code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21)
        return {errc::format, "regex: text is not UTF-8 at byte " +
                                  std::to_string(pcre2_get_startchar(data_.get())) + ": " + pcre2_text(code)};
    return {errc::internal, "regex: " + pcre2_text(code)};
}

result<std::optional<regex_match>> regex_scan::find(std::string_view text, std::size_t start,
                                                    bool checked_utf8) {
    const char* bytes = text.data() ? text.data() : "";
    const int found =
        pcre2_match(program_->code.get(), reinterpret_cast<PCRE2_SPTR>(bytes), text.size(), start,
                    checked_utf8 ? PCRE2_NO_UTF_CHECK : 0, data_.get(), program_->context.get());
    if (found == PCRE2_ERROR_NOMATCH) return std::optional<regex_match>();
    if (found < 0) return failure(found);
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data_.get());
    return std::optional<regex_match>({ends[0], ends[1]});
}

result<regex> regex::compile(std::string_view pattern, const limits& limits) {
    QSLIP_TRY(auto compiled, program::compile(pattern, limits, program::engine::interpreter));
    return regex(std::move(compiled));
}

result<std::optional<regex_match>> regex::find(std::string_view text, std::size_t start) const {
    QSLIP_TRY(auto scan, regex_scan::create(*program_));
    return scan.find(text, start, false);
}

}  // namespace qslip
