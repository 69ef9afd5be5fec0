#pragma once
#include <qslip/detail/stats/paired.hpp>

#include <optional>

namespace qslip::stats {

/// What a paired comparison is planned for (docs/method.md 10).
struct plan {
    double budget = 0.05;  ///< m, in (0, 1)
    double alpha = 0.05;   ///< one-sided
    double power = 0.90;
    double psi = 0.10;   ///< expected share of pairs that flip either way
    double delta = 0.0;  ///< true damage, below the budget and within [-psi, psi]
};

/// Power each of `n_cells` gates needs for an innocent release to pass them all with `power`.
inline double power_per_cell(double power, std::size_t n_cells) {
    return n_cells > 1 ? 1 - (1 - power) / static_cast<double>(n_cells) : power;
}

/// Fewest rows with which a rate without a single failure is below the budget: (1-m)^n <= alpha.
/// 2^53 when the budget is not positive.
inline double n_floor(double budget, double alpha) {
    if (!(budget > 0)) return 9007199254740992.0;
    if (budget >= 1) return 1;
    return std::ceil(log(alpha) / log1p(-budget));
}

/// Independent pairs needed to PASS; no value when the planned damage reaches the budget.
inline std::optional<double> n_needed(const plan& p) {
    if (!(p.delta < p.budget)) return std::nullopt;
    const double psi = std::max(p.psi, std::fabs(p.delta));
    const tango rates{0.5 * (psi + p.delta), 0.5 * (psi - p.delta), 1};
    const double v0 = 2 * rates.q(p.budget) + p.budget * (1 - p.budget);
    const double v1 = psi - p.delta * p.delta;
    const double root =
        (z_upper(p.alpha) * std::sqrt(v0) + norm_quantile(p.power) * std::sqrt(v1)) / (p.budget - p.delta);
    return std::max(std::ceil(root * root), n_floor(p.budget, p.alpha));
}

/// Smallest detectable damage with n independent pairs, to first order.
inline double detectable_effect(double n, double psi, double alpha, double power) {
    return (z_upper(alpha) + norm_quantile(power)) * std::sqrt(psi / n);
}

/// How the rows of a cell sit in clusters.
struct cluster_shape {
    double rows_per_cluster = 1;  ///< mean
    double mean_size = 1;         ///< sum n_g^2 / sum n_g
    double rho = 0;               ///< expected intra-cluster correlation
    double rho0 = 1;              ///< the one the verdict assumes until clusters flip

    /// deff* expected with g clusters (docs/method.md 10).
    double design_effect(double g, double psi) const {
        const double d = 1 + (mean_size - 1) * rho;
        const double k = g * -expm1(rows_per_cluster / d * log1p(-psi));
        return (k * d + 5 * (1 + (mean_size - 1) * rho0)) / (k + 5);
    }
};

/// Clusters needed so that the clustered cell decides like n_needed independent rows and has
/// G_eff >= 30; no value when the planned damage reaches the budget.
inline std::optional<double> clusters_needed(const plan& p, const cluster_shape& shape) {
    const auto n = n_needed(p);
    if (!n) return std::nullopt;
    const bool singletons = shape.mean_size <= 1;
    const auto enough = [&](double g) {
        if (g * shape.rows_per_cluster < 30 * shape.mean_size) return false;
        const double ratio = singletons ? 1 : t_quantile(1 - p.alpha, g - 1) / z_upper(p.alpha);
        const double effective = g * shape.rows_per_cluster / std::max(1.0, shape.design_effect(g, p.psi));
        return effective >= *n * ratio * ratio;
    };
    double hi = 32;
    while (!enough(hi) && hi < 1e15) hi *= 2;
    double lo = 1;
    while (hi - lo > 1) {
        const double mid = std::floor(lo + 0.5 * (hi - lo));
        (enough(mid) ? hi : lo) = mid;
    }
    return hi;
}

/// Which rule exact_pass_probability() counts as PASS.
enum class pass_rule { tango_only, verdict };

/// Exact P(PASS) over all tables of n independent pairs whose true damage is delta and flip share
/// psi: the size of the rule at delta = budget, its power below. Meant for n <= 20000.
/// `verdict` adds the exact part of p_pass (b >= c) and the floor n_floor.
inline double exact_pass_probability(std::uint64_t n_pairs, double delta, double psi, double budget,
                                     double alpha, pass_rule rule = pass_rule::verdict) {
    const double n = static_cast<double>(n_pairs), z = z_upper(alpha);
    if (rule == pass_rule::verdict && n < n_floor(budget, alpha)) return 0;
    const double limit = clopper_pearson(0, n, alpha).upper > budget ? -1 : [&] {
        double lo = 0, hi = n;  // largest damage whose exact part passes
        while (hi - lo > 1) {
            const double mid = std::floor(0.5 * (lo + hi));
            (binom_tails(mid, n, budget).lower <= alpha ? lo : hi) = mid;
        }
        return lo;
    }();
    const auto passes = [&](double b, double c) {
        if (rule == pass_rule::verdict && b >= c && b - c > limit) return false;
        return tango{b, c, n}.statistic(budget) <= -z;
    };
    const double to_b = 0.5 * (1 + delta / psi);  // share of the flips that are damage
    const double spread = 9 * std::sqrt(n * psi * (1 - psi)) + 40;
    const double first = std::max(0.0, std::floor(n * psi - spread)), last = std::min(n, n * psi + spread);
    double total = 0;
    for (double flips = first; flips <= last; flips += 1) {
        if (!passes(0, flips)) continue;
        double lo = 0, hi = flips + 1;  // passes(lo), not passes(hi): T rises along b + c = flips
        while (hi - lo > 1) {
            const double mid = std::floor(0.5 * (lo + hi));
            (passes(mid, flips - mid) ? lo : hi) = mid;
        }
        total += binom_pmf(flips, n, psi) * binom_tails(lo, flips, to_b).lower;
    }
    return total;
}

/// The smallest round guard budget an innocent slice of n independent rows passes with the
/// planned power (docs/method.md 9); no value when even 0.5 is too small.
inline std::optional<double> guard_budget(double n, plan p) {
    for (const double m :
         {0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50}) {
        p.budget = m;
        if (const auto needed = n_needed(p); needed && n >= *needed) return m;
    }
    return std::nullopt;
}

}  // namespace qslip::stats
