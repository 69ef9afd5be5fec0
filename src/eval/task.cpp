#include <qslip/suite.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "eval/structured.hpp"
#include "eval/well_formed_utf8.hpp"
#include "text/regex.hpp"

namespace qslip {

const char* task_type_name(task_type type) noexcept {
    switch (type) {
#define QSLIP_TASK(name)  \
    case task_type::name: \
        return #name;
#include <qslip/detail/eval/task.inc>
#undef QSLIP_TASK
    }
    return "none";
}

std::optional<task_type> find_task_type(std::string_view name) noexcept {
#define QSLIP_TASK(known) \
    if (name == #known) return task_type::known;
#include <qslip/detail/eval/task.inc>
#undef QSLIP_TASK
    return std::nullopt;
}

std::string task_type_list() {
    std::string list;
#define QSLIP_TASK(name) (list += list.empty() ? "" : ", ") += #name;
#include <qslip/detail/eval/task.inc>
#undef QSLIP_TASK
    return list;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
static bool is_word_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'z') || byte >= 0x80;
}

std::string canonical_text(std::string_view text, bool fold_case) {
    std::string out;
    bool gap = false;
    for (const char c : text) {
        if (is_space(c)) {
            gap = !out.empty();
            continue;
        }
        if (gap) out += ' ';
        gap = false;
        out += fold_case ? fold(c) : c;
    }
    return out;
}

std::size_t answer_length(const task& t, std::string_view text) {
    std::size_t first = std::string_view::npos;
    for (const auto& stop : t.stops) first = std::min(first, text.find(stop));
    return first;
}

static bool whole_word_at(std::string_view text, std::size_t at, std::size_t length) {
    const bool opens = at == 0 || !is_word_byte(text[at - 1]) || !is_word_byte(text[at]);
    const std::size_t end = at + length;
    return opens && (end == text.size() || !is_word_byte(text[end]) || !is_word_byte(text[end - 1]));
}

static std::size_t find_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        if (whole_word_at(text, at, word.size())) return at;
    return std::string_view::npos;
}

/// The option whose first whole-word occurrence is earliest; the longest of those that start together.
static std::string first_option(const task& t, std::string_view text) {
    std::string best;
    std::size_t best_at = std::string_view::npos;
    for (const auto& option : t.options) {
        const auto name = canonical_text(option, t.ignore_case);
        const auto at = find_word(text, name);
        if (at == std::string_view::npos || at > best_at || (at == best_at && name.size() <= best.size()))
            continue;
        best_at = at;
        best = name;
    }
    return best;
}

static judgement judge_regex(const task& t, std::string_view answer, const limits& limits) {
    judgement j;
    j.canonical = well_formed_utf8(answer);
    const auto pattern = regex::compile((t.ignore_case ? "(?i)" : "") + t.pattern, limits);
    if (!pattern) return j;  // refused when the suite was loaded
    const auto found = pattern->find(j.canonical);
    j.right = found.ok() && found->has_value();
    j.budget_hit = !found.ok();
    return j;
}

static judgement judge_numeric(const task& t, std::string_view answer) {
    judgement j;
    const auto x = last_number(answer, t.decimal);
    if (!x) return j;
    char shortest[32];
    j.canonical.assign(shortest, std::to_chars(shortest, shortest + sizeof shortest, *x).ptr);
    const double scale = std::max(std::fabs(*x), std::fabs(t.answer_number));
    j.right = std::fabs(*x - t.answer_number) <= std::max(t.abs_tol, t.rel_tol * scale);
    return j;
}

judgement judge(const task& t, std::string_view text, const limits& limits, bool cut) {
    const auto answer = text.substr(0, answer_length(t, text));
    if (t.is_structured()) return judge_structured(t, answer, limits, cut);
    if (t.type == task_type::regex) return judge_regex(t, answer, limits);
    if (t.type == task_type::numeric) return judge_numeric(t, answer);
    judgement j;
    j.canonical = canonical_text(answer, t.ignore_case);
    if (t.type == task_type::choice) j.canonical = first_option(t, j.canonical);
    if (t.type == task_type::none || j.canonical.empty()) return j;
    j.right = std::ranges::any_of(t.answers, [&](const std::string& wanted) {
        const auto w = canonical_text(wanted, t.ignore_case);
        return t.type == task_type::contains ? j.canonical.find(w) != std::string::npos : j.canonical == w;
    });
    return j;
}

}  // namespace qslip
