#pragma once
/// What two rows of logits, or two answers, say about each other; docs/method.md, sections 2 to 5. Headers
/// only. Start from logit_kl (KL with bounds), paired_outcome (answers), position_accumulator (all metrics of
/// positions) or compare_position() (one position). Accumulators: one per slice and thread; merge() in any
/// order, same bytes.
#include <qslip/detail/metrics/attention_entropy.hpp>
#include <qslip/detail/metrics/attention_shift.hpp>
#include <qslip/detail/metrics/cluster_table.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/detail/metrics/exact_sum.hpp>
#include <qslip/detail/metrics/exclusion_counts.hpp>
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/detail/metrics/hist.hpp>
#include <qslip/detail/metrics/logit_kl.hpp>
#include <qslip/detail/metrics/metric.hpp>
#include <qslip/detail/metrics/outcome_table.hpp>
#include <qslip/detail/metrics/paired_outcome.hpp>
#include <qslip/detail/metrics/position_column.hpp>
#include <qslip/detail/metrics/position_metrics.hpp>
#include <qslip/detail/metrics/serialize.hpp>
#include <qslip/detail/metrics/sharpness.hpp>
#include <qslip/detail/metrics/sketch.hpp>
#include <qslip/detail/metrics/token_flip.hpp>
