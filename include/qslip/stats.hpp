#pragma once
/// Distributions, intervals and tests; docs/method.md, sections 6, 7 and 10. Headers only, same bits
/// everywhere. Start from wilson(), cluster_ratio(), tango, summarize_paired() with p_pass() and p_fail(),
/// n_needed().
#include <qslip/detail/stats/beta.hpp>
#include <qslip/detail/stats/bootstrap.hpp>
#include <qslip/detail/stats/elementary.hpp>
#include <qslip/detail/stats/gamma.hpp>
#include <qslip/detail/stats/intervals.hpp>
#include <qslip/detail/stats/multiplicity.hpp>
#include <qslip/detail/stats/normal.hpp>
#include <qslip/detail/stats/paired.hpp>
#include <qslip/detail/stats/quantiles.hpp>
#include <qslip/detail/stats/sample_size.hpp>
#include <qslip/detail/stats/scores.hpp>
#include <qslip/detail/stats/tango.hpp>
