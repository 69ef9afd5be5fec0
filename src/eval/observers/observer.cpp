#include "eval/observers/observer.hpp"

#include <qslip/compare.hpp>
#include <qslip/detail/core/nearest_name.hpp>

#include <algorithm>

namespace qslip {

enum class observed { always, asked };

#define QSLIP_OBSERVER(name, when, text) \
    std::unique_ptr<observer> make_##name(const run_setup&, std::size_t candidate);
#include "eval/observers/observer.inc"
#undef QSLIP_OBSERVER

observer_set::observer_set(const run_setup& setup, std::size_t candidate) {
    [[maybe_unused]] const auto asked = [&](const char* name) {
        return std::ranges::find(setup.measure, name) != setup.measure.end();
    };
#define QSLIP_OBSERVER(name, when, text) \
    if (observed::when == observed::always || asked(#name)) all_.push_back(make_##name(setup, candidate));
#include "eval/observers/observer.inc"
#undef QSLIP_OBSERVER
}

std::vector<observer_set> empty_observers(const run_setup& setup) {
    std::vector<observer_set> sets;
    for (std::size_t c = 0; c < setup.candidates.size(); ++c) sets.emplace_back(setup, c);
    return sets;
}

std::span<const measurement_info> all_measurements() noexcept {
    static const auto list = [] {
        std::vector<measurement_info> made;
#define QSLIP_OBSERVER(name, when, text) \
    if (observed::when == observed::asked) made.push_back({#name, text});
#include "eval/observers/observer.inc"
#undef QSLIP_OBSERVER
        return made;
    }();
    return list;
}

status check_measurements(const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const auto& m : all_measurements()) known.emplace_back(m.name);
    for (const auto& name : names) {
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto near = nearest_name(name, known);
        return {errc::arg, "there is no measurement \"" + name + "\"" +
                               (near.empty() ? "" : "; did you mean " + near + "?")};
    }
    return {};
}

}  // namespace qslip
