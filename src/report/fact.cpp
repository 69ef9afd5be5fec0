#include "report/fact.hpp"
#include <qslip/detail/core/utf8.hpp>

namespace qslip::report {
namespace {

constexpr double max_exact_count = 0x1p53;

std::string well_formed(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto bytes = utf8_char_bytes(text);
        out += bytes ? text.substr(0, bytes) : std::string_view("\xEF\xBF\xBD");
        text.remove_prefix(bytes ? bytes : 1);
    }
    return out;
}

template <class T, class Variant>
const T& held_or_empty(const Variant& value) noexcept {
    static const T empty{};
    const auto* held = std::get_if<T>(&value);
    return held ? *held : empty;
}

}  // namespace

fact::fact(double number) {
    if (!std::isfinite(number)) return;
    if (number >= 0 && number < max_exact_count && number == std::floor(number))
        value_ = static_cast<std::uint64_t>(number);
    else
        value_ = number;
}

fact::fact(std::string_view text) : value_(well_formed(text)) {}

bool fact::flag() const noexcept { return held_or_empty<bool>(value_); }
std::uint64_t fact::count() const noexcept { return held_or_empty<std::uint64_t>(value_); }
double fact::number() const noexcept {
    return is_count() ? static_cast<double>(count()) : held_or_empty<double>(value_);
}
const std::string& fact::text() const noexcept { return held_or_empty<std::string>(value_); }
const fact::list& fact::items() const noexcept { return held_or_empty<list>(value_); }
const fact::group& fact::members() const noexcept { return held_or_empty<group>(value_); }

const fact* fact::find(std::string_view key) const noexcept {
    for (const auto& [name, value] : members())
        if (name == key) return &value;
    return nullptr;
}

const fact& fact::operator[](std::string_view key) const noexcept {
    static const fact unknown;
    const auto* found = find(key);
    return found ? *found : unknown;
}

fact& fact::set(std::string_view key, fact value) {
    if (is_null()) value_ = group{};
    std::get<group>(value_).emplace_back(key, std::move(value));
    return *this;
}

fact& fact::push(fact item) {
    if (is_null()) value_ = list{};
    std::get<list>(value_).push_back(std::move(item));
    return *this;
}

}  // namespace qslip::report
