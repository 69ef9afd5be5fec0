#pragma once
#include <qslip/detail/core/numerics.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// Of a window of a text: every prediction, or those of tokens window/2 + 1 ... window - 1.
enum class score_part { all, second_half };

/// What a run holds fixed beside models, prompts and registry; the list is detail/eval/run_setting.inc.
struct run_settings {
#define QSLIP_SETTING(type, name, default_value, scope, text) type name = default_value;
#include <qslip/detail/eval/run_setting.inc>
#undef QSLIP_SETTING
};

enum class setting_scope { base, text, run, candidate };

struct setting_info {
    const char* name;
    setting_scope scope;
    const char* text;
};

/// Calls visit(setting_info, member) for each setting of any struct that has them all.
template <class Settings, class Visitor>
void for_each_setting(Settings& settings, Visitor&& visit) {
#define QSLIP_SETTING(type, name, default_value, scope, text) \
    visit(setting_info{#name, setting_scope::scope, text}, settings.name);
#include <qslip/detail/eval/run_setting.inc>
#undef QSLIP_SETTING
}

/// Between structs that have all settings.
template <class From, class To>
void copy_settings(const From& from, To& to) {
#define QSLIP_SETTING(type, name, default_value, scope, text) to.name = from.name;
#include <qslip/detail/eval/run_setting.inc>
#undef QSLIP_SETTING
}

// A setting as text, the same in headers, manifests and on the command line; and back: false for what it
// cannot be.
inline std::string setting_text(bool on) { return on ? "true" : "false"; }
inline std::string setting_text(std::uint64_t number) { return std::to_string(number); }
inline std::string setting_text(score_part part) { return part == score_part::all ? "all" : "second-half"; }
inline std::string setting_text(const std::optional<numerics>& mode) {
    return mode ? numerics_name(*mode) : "auto";
}
std::string setting_text(const std::vector<std::string>& names);
bool read_setting(std::string_view text, bool& on);
bool read_setting(std::string_view text, std::uint64_t& number);
bool read_setting(std::string_view text, score_part& part);
bool read_setting(std::string_view text, std::optional<numerics>& mode);
bool read_setting(std::string_view text, std::vector<std::string>& names);

}  // namespace qslip
