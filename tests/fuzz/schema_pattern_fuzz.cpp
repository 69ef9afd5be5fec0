// Any bytes as a pattern of ECMA-262 and a text: an answer or a named error; the short cuts for plain words
// answer as the regex engine does. libFuzzer entry point: a zero byte ends the pattern.
#include <qslip/detail/core/utf8.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "schema/pattern.hpp"

using namespace qslip;

static schema::match_memory memory() {
    schema::match_memory made;
    made.budget = 1000000;
    return made;
}

static result<bool> answer(const std::string& pattern, std::string_view text, const limits& limits) {
    QSLIP_TRY(const auto compiled, schema::text_pattern::compile(pattern, limits));
    auto scratch = memory();
    return compiled.matches(text, scratch);
}

/// What begins a text that matches is never ruled out, wherever it is cut.
static void check_beginnings(const std::string& pattern, std::string_view text, const limits& limits) {
    const auto compiled = schema::text_pattern::compile(pattern, limits);
    auto scratch = memory();
    for (std::size_t n = 0; compiled && n <= text.size(); ++n) {
        const auto may = compiled->may_begin_with(text.substr(0, n), scratch);
        if (may && !*may) __builtin_trap();
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto end = all.find('\0');
    if (end == all.npos) return 0;
    qslip::limits limits;
    limits.regex_match_steps = 100000;
    const std::string pattern(all.substr(0, end));
    auto text = all.substr(end + 1);
    text = text.substr(0, utf8_valid_prefix(text));  // instances are UTF-8 before they get here
    const auto got = answer(pattern, text, limits);
    if (!got && got.status().message()[0] == '\0') __builtin_trap();
    const auto grouped = answer("(?:" + pattern + ")", text, limits);
    if (got && grouped && *got != *grouped) __builtin_trap();
    if (got && *got && text.size() <= 64) check_beginnings(pattern, text, limits);
    return 0;
}
