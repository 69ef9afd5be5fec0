#pragma once
/// The whole library in one include. Metrics, statistics and gates need nothing to link: include
/// <qslip/metrics.hpp>, <qslip/stats.hpp>, <qslip/gates.hpp> and link qslip::headers.
#include <qslip/baseline.hpp>
#include <qslip/compare.hpp>
#include <qslip/decoder.hpp>
#include <qslip/detail/core/version.hpp>
#include <qslip/errors.hpp>
#include <qslip/gates.hpp>
#include <qslip/limits.hpp>
#include <qslip/metrics.hpp>
#include <qslip/model.hpp>
#include <qslip/plan.hpp>
#include <qslip/quantize.hpp>
#include <qslip/registry.hpp>
#include <qslip/report.hpp>
#include <qslip/result.hpp>
#include <qslip/schema.hpp>
#include <qslip/stats.hpp>
#include <qslip/suite.hpp>
#include <qslip/tokenizer.hpp>
