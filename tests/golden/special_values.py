#!/usr/bin/env python3
"""High-precision values of the special functions: writes special_values.inc next to this file.

Needs mpmath. 50 digits; the incomplete functions by their series of positive terms, not by the
continued fractions of the library, so that the two agree only if both are right.
"""
import os
import random

from mpmath import erfc, exp, findroot, log, loggamma, mp, mpf, nstr, sqrt

mp.dps = 50
random.seed(20260101)


def lower_beta(a, b, x):
    """I_x(a, b) = x^a (1-x)^b / (a B(a,b)) * sum_k (a+b)_k / (a+1)_k x^k."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    term = total = mpf(1)
    k = 0
    while term > total * mpf(10) ** -45:
        term *= (a + b + k) * x / (a + 1 + k)
        total += term
        k += 1
    return exp(a * log(x) + b * log(1 - x) + loggamma(a + b) - loggamma(a) - loggamma(b)) / a * total


def beta_tails(a, b, x):
    """The faster of the two series; the digits lost in 1 - I are bought beforehand."""
    if x <= 0.5:
        low = lower_beta(a, b, x)
        return low, 1 - low
    high = lower_beta(b, a, 1 - mpf(x))
    return 1 - high, high


def gamma_tails(a, x):
    """P(a, x) by its series at any x; the digits lost in 1 - P are bought beforehand."""
    a, x = mpf(a), mpf(x)
    term = total = mpf(1)
    k = 1
    while term > total * mpf(10) ** -45 or k < x - a:
        term *= x / (a + k)
        total += term
        k += 1
    low = exp(a * log(x) - x - loggamma(a + 1)) * total
    return low, 1 - low


def student_upper(t, df):
    t, df = mpf(t), mpf(df)
    return beta_tails(df / 2, mpf(1) / 2, df / (df + t * t))[0] / 2


def solve(tail, lo, hi):
    """Root of a decreasing function by bisection, geometric where the bracket spans decades."""
    lo, hi = mpf(lo), mpf(hi)
    while hi - lo > hi * mpf(10) ** -16:
        mid = sqrt(lo * hi) if lo > 0 and hi > 4 * lo else (lo + hi) / 2
        lo, hi = (mid, hi) if tail(mid) > 0 else (lo, mid)
    return (lo + hi) / 2


def line(name, inputs, *outputs):
    values = ", ".join([repr(float(v)) for v in inputs] + [nstr(v, 20, min_fixed=0, max_fixed=0) for v in outputs])
    return f"{name}({values})"


def main():
    rows = []
    for x in [-6, -2.5, -2, -1, -0.1, 1e-9, 0.1, 0.5, 1, 1.5, 1.9999, 2, 2.0001, 3, 5, 7.0710678, 10, 20, 26]:
        rows.append(line("ERFC", [x], erfc(mpf(x))))
    for x in [1e-10, 1e-3, 0.25, 0.4999, 0.5, 0.75, 0.999999, 1.000001, 1.25, 1.4999, 1.5, 1.999, 2.001, 2.4999,
              2.5001, 3, 4.75, 9.5, 14.99, 15, 15.01, 30, 1e3, 12345.678, 1e6, 1e9, 1e12]:
        rows.append(line("LGAMMA", [x], loggamma(mpf(x))))
    for p in [1e-300, 1e-100, 1e-12, 1e-6, 0.001, 0.0249, 0.05, 0.0749, 0.075, 0.3, 0.4999, 0.500001, 0.9, 0.975, 0.9999,
              1 - 1e-9, 1 - 1e-12]:
        target = mpf(p)
        z = findroot(lambda q: log(erfc(-q / sqrt(2)) / 2) - log(target),
                     -sqrt(-2 * log(target)) * mpf("0.95") if p < 0.3 else mpf(3) * (p - 0.5), tol=1e-60, maxsteps=200)
        rows.append(line("NORM_QUANTILE", [p], z))
    shapes = [(0.5, 0.5), (2, 5), (4, 97), (0.5, 500000), (500000, 0.5), (1e6, 1e6), (1e6, 3), (1, 1e6), (29.5, 0.5),
              (12.25, 812.5), (100000, 900000), (0.01, 2)]
    for _ in range(30):
        shapes.append((10 ** random.uniform(-0.3, 6), 10 ** random.uniform(-0.3, 6)))
    for a, b in shapes:
        mean, sd = a / (a + b), (a * b / (a + b) ** 2 / (a + b + 1)) ** 0.5
        for k in (-6.5, -3, -0.7, 0, 0.4, 2, 6):
            x = mean + k * sd
            if not 0 < x < 1:
                continue
            low, high = beta_tails(a, b, x)
            if min(low, high) > 1e-14:
                rows.append(line("BETA_INC", [a, b, x], low, high))
    for a in [0.5, 1, 4.5, 30, 999.5, 50000, 1e6]:
        for k in (-6, -2, -0.1, 0, 0.3, 1.7, 6):
            x = a + k * a ** 0.5
            if x > 0:
                low, high = gamma_tails(a, x)
                if min(low, high) > 1e-14:
                    rows.append(line("GAMMA_INC", [a, x], low, high))
    for df in [1, 2, 4, 29, 199, 9999, 1e6]:
        for p in [0.51, 0.9, 0.95, 0.975, 0.9999, 1 - 1e-9, 1 - 1e-12]:
            tail = 1 - mpf(p)
            rows.append(line("T_QUANTILE", [p, df], solve(lambda t: student_upper(t, df) - tail, 1e-3, 1e13)))
    for a, b in [(4, 97), (1, 299), (0.5, 3.25), (30, 30), (7, 1e6), (1e5, 9e5)]:
        for p in [1e-12, 0.05, 0.5, 0.95, 1 - 1e-9]:
            rows.append(line("BETA_QUANTILE", [p, a, b],
                             solve(lambda x: mpf(p) - beta_tails(a, b, x)[0], 1e-30, 1 - mpf(10) ** -25)))
    for df in [1, 9, 99, 10000]:
        for p in [1e-6, 0.05, 0.5, 0.95, 1 - 1e-9]:
            rows.append(line("CHI2_QUANTILE", [p, df],
                             solve(lambda x: mpf(p) - gamma_tails(mpf(df) / 2, x / 2)[0], 1e-25, 20 * df + 200)))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "special_values.inc")
    with open(path, "w") as out:
        out.write("// Written by special_values.py; do not edit.\n")
        out.write("\n".join(rows) + "\n")
    print(len(rows), "values")


if __name__ == "__main__":
    main()
