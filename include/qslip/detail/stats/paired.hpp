#pragma once
#include <qslip/detail/stats/tango.hpp>

namespace qslip::stats {

/// Exact tests of paired binary outcomes against "no difference" (detection, not a budget).
struct mcnemar_p {
    double one_sided;  ///< P(X >= b), X ~ Bin(b + c, 1/2); 1 when b + c = 0
    double mid;        ///< one_sided - P(X = b) / 2
    double two_sided;
};

/// Source: McNemar 1947, exact form.
inline mcnemar_p mcnemar(std::uint64_t b, std::uint64_t c) {
    if (b + c == 0) return {1, 1, 1};
    const double x = static_cast<double>(b), n = static_cast<double>(b) + static_cast<double>(c);
    const double ge_b = binom_tails(x - 1, n, 0.5).upper;
    const double le_b = binom_tails(x, n, 0.5).lower;
    return {ge_b, ge_b - 0.5 * binom_pmf(x, n, 0.5), std::min(1.0, 2 * std::min(ge_b, le_b))};
}

/// One cluster of paired binary rows: b base right and candidate wrong, c the reverse.
struct paired_cluster {
    std::uint64_t id = 0;
    std::uint64_t n = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
};

/// Everything the verdict p-values of docs/method.md 7 need, computed once per cell.
struct paired_summary {
    double n = 0;
    double b = 0;
    double c = 0;
    cluster_estimate damage;  ///< of the per-row damage, b as +1 and c as -1
    double deff_observed = 1;
    double deff = 1;  ///< deff*: never below 1, drawn towards rho0 when few clusters show a flip

    double delta() const { return damage.mean; }
    double psi() const { return (b + c) / n; }
    tango score() const { return {b, c, n}; }
    double n_star() const { return n / deff; }
    double x_star() const { return std::max(b - c, 0.0) / deff; }
};

/// rho0: intra-cluster correlation assumed before enough clusters show a flip.
/// Errors: empty; arg when a cluster's b + c exceeds its n.
inline result<paired_summary> summarize_paired(std::span<const paired_cluster> clusters, double rho0 = 1) {
    std::vector<cluster_sum> damage;
    damage.reserve(clusters.size());
    paired_summary out;
    std::uint64_t b = 0, c = 0, n_moved = 0;
    for (const auto& g : clusters) {
        if (g.b > g.n || g.c > g.n - g.b)
            return status(errc::arg, "cluster " + std::to_string(g.id) + " has more flips than rows");
        b += g.b;
        c += g.c;
        n_moved += g.b + g.c > 0;
        damage.push_back({g.id, g.n, static_cast<double>(g.b) - static_cast<double>(g.c)});
    }
    QSLIP_TRY(out.damage, cluster_ratio(damage));
    out.n = static_cast<double>(out.damage.n_rows);
    out.b = static_cast<double>(b);
    out.c = static_cast<double>(c);
    if (out.damage.singletons) return out;
    const double independent = se_iid(out.n, out.b - out.c, out.b + out.c);
    if (independent > 0) out.deff_observed = (out.damage.se / independent) * (out.damage.se / independent);
    const double k = static_cast<double>(n_moved), floor = std::max(1.0, out.deff_observed);
    out.deff = std::max(floor, (k * floor + 5 * (1 + (out.damage.mean_size - 1) * rho0)) / (k + 5));
    return out;
}

/// A verdict p-value and its parts; a part that does not apply is 0.
struct verdict_p {
    double score = 0;
    double cluster = 0;
    double exact = 0;
    double value() const { return std::max({score, cluster, exact}); }
};

/// p of H0 "damage >= budget": small means the candidate may PASS (docs/method.md 7).
inline verdict_p p_pass(const paired_summary& s, double budget) {
    verdict_p p;
    const double t = s.score().statistic(budget) / std::sqrt(s.deff);
    if (!s.damage.singletons && !s.damage.has_interval()) return {1, 1, 1};
    p.score = s.damage.singletons ? norm_cdf(t) : t_cdf(t, s.damage.df());
    if (!s.damage.singletons && s.damage.se > 0)
        p.cluster = t_cdf((s.delta() - budget) / s.damage.se, s.damage.df());
    if (s.b >= s.c) p.exact = budget > 0 ? binom_tails(s.x_star(), s.n_star(), budget).lower : 1;
    return p;
}

/// p of H0 "damage <= budget": small means FAIL. Below a budget of 0, where bounds are looked up
/// but never verdicts, the exact part is left out.
inline verdict_p p_fail(const paired_summary& s, double budget) {
    verdict_p p;
    if (!s.damage.singletons && !s.damage.has_interval()) return {1, 1, 1};
    p.score = norm_sf(s.score().statistic(budget));
    if (!s.damage.singletons && s.damage.se > 0)
        p.cluster = t_sf((s.delta() - budget) / s.damage.se, s.damage.df());
    if (budget < 0) return p;
    p.exact = s.b > s.c ? binom_tails(s.b - s.c - 1, s.n, budget).upper : 1;
    return p;
}

/// The budgets at which p_fail and p_pass reach their alphas: L and U of the report. Each part of
/// a p-value is monotone in the budget, so the bound is the most cautious of the parts' bounds.
inline interval verdict_bounds(const paired_summary& s, double alpha_fail, double alpha_pass) {
    if (!s.damage.singletons && !s.damage.has_interval()) return {-1, 1};
    const double quantile =
        s.damage.singletons ? z_upper(alpha_pass) : t_quantile(1 - alpha_pass, s.damage.df());
    interval out{s.score().lower(z_upper(alpha_fail)), s.score().upper(quantile * std::sqrt(s.deff))};
    if (!s.damage.singletons && s.damage.se > 0) {
        out.lower = std::min(out.lower, s.damage.bounds(alpha_fail).lower);
        out.upper = std::max(out.upper, s.damage.bounds(alpha_pass).upper);
    }
    if (s.b >= s.c)
        out.upper = std::max(out.upper, clopper_pearson(s.x_star(), s.n_star(), alpha_pass).upper);
    if (s.b > s.c) out.lower = std::min(out.lower, clopper_pearson(s.b - s.c, s.n, alpha_fail).lower);
    return {std::max(-1.0, out.lower), std::min(1.0, out.upper)};
}

}  // namespace qslip::stats
