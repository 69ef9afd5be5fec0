// 300 questions, both models right on 270, six newly wrong, two newly right: is a loss of 4 points excluded?
// Headers only: link qslip::headers.
#include <qslip/detail/stats/intervals.hpp>
#include <qslip/detail/stats/normal.hpp>
#include <qslip/detail/stats/tango.hpp>

#include <cstdio>

int main() {
    constexpr double n = 300, newly_wrong = 6, newly_right = 2, budget = 0.04, alpha = 0.05;
    const double z = qslip::stats::norm_quantile(1 - alpha);
    const qslip::stats::tango pairs{newly_wrong, newly_right, n};
    const double damage = (newly_wrong - newly_right) / n, upper = pairs.upper(z);
    std::printf("damage %.2f pt [%.2f, %.2f], budget %.2f pt: %s\n", 100 * damage, 100 * pairs.lower(z),
                100 * upper, 100 * budget, upper <= budget ? "PASS" : "not shown");
    const auto base_rate = qslip::stats::wilson(276, n, z);
    std::printf("base right in %.1f %% [%.1f, %.1f]\n", 92.0, 100 * base_rate.lower, 100 * base_rate.upper);
    return upper <= budget ? 0 : 1;
}
