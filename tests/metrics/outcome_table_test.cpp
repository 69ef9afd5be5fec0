// Yes/no facts of answers by metric: pairs of base and candidate, in shards and as bytes.
#include <qslip/detail/core/rng.hpp>
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/detail/metrics/outcome_table.hpp>
#include <qslip/detail/metrics/serialize.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace qslip;
using namespace qslip::metrics;

namespace {

struct pair {
    structured_answer base, cand;
};

structured_answer answer_of(std::uint64_t draw) {
    structured_answer a;
    a.level = static_cast<std::uint8_t>(draw >> 8 & 3);
    a.tried = a.level > 0;
    a.called = (draw >> 16 & 1) != 0;
    a.faults = static_cast<std::uint32_t>(draw >> 20) & ((1u << n_format_faults) - 1);
    return a;
}

/// Two answers to one request: one in seven does not demand JSON, one in three offers tools.
pair pair_of(std::uint64_t i) {
    const counter_rng rng(i);
    pair p{answer_of(rng.at(0)), answer_of(rng.at(1))};
    p.base.demanded = p.cand.demanded = i % 7 != 0;
    p.base.may_call = p.cand.may_call = i % 3 == 0;
    return p;
}

struct counts {
    outcome_table outcomes;
    format_counts formats;

    void add(std::uint64_t i) {
        const auto p = pair_of(i);
        outcomes.add(metric::task_correct, i / 3, p.base.valid(), p.cand.valid());
        if (p.base.demanded) outcomes.add(metric::json_valid, i / 3, p.base.valid(), p.cand.valid());
        if (p.base.may_call) outcomes.add(metric::tool_called, i / 3, p.base.called, p.cand.called);
        formats.add(p.base, p.cand);
    }
};

/// Saves as an outcome table whose one metric is called `id`.
struct table_of {
    static constexpr auto kind = outcome_table::kind;
    std::string_view id;
    void save(byte_writer& out) const {
        out.u64(1);
        out.u64(id.size());
        out.raw(std::as_bytes(std::span(id)));
        paired_outcome().save(out);
    }
};

}  // namespace

TEST_CASE("each metric has its own pairs; one that nothing was added to has none") {
    outcome_table table;
    table.add(metric::task_correct, 1, true, false);
    table.add(metric::task_correct, 2, true, true);
    table.add(metric::tool_called, 1, false, true);
    CHECK(table.at(metric::task_correct).total() == outcome_counts{.n11 = 1, .n10 = 1});
    CHECK(table.at(metric::tool_called).total() == outcome_counts{.n01 = 1});
    CHECK(table.at(metric::json_valid).total().n() == 0);
}

TEST_CASE("any sharding and any order give the same bytes, which read back") {
    counts whole;
    std::vector<counts> parts(7);
    for (std::uint64_t i = 0; i < 500; ++i) {
        whole.add(i);
        parts[i * 31 % 7].add(i);
    }
    counts merged;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        merged.outcomes.merge(part->outcomes);
        merged.formats.merge(part->formats);
    }
    CHECK(to_bytes(merged.outcomes) == to_bytes(whole.outcomes));
    CHECK(to_bytes(merged.formats) == to_bytes(whole.formats));
    CHECK(from_bytes<outcome_table>(to_bytes(whole.outcomes)).value() == whole.outcomes);
    CHECK(from_bytes<format_counts>(to_bytes(whole.formats)).value() == whole.formats);
    const auto& valid = whole.outcomes.at(metric::json_valid).total();
    CHECK(whole.formats.at(side::base).n() == valid.n());
    CHECK(whole.formats.at(side::base).n_valid() == valid.n11 + valid.n10);
    CHECK(whole.formats.at(side::cand).n_valid() == valid.n11 + valid.n01);
}

TEST_CASE("a table of metrics that are unknown or not outcomes is refused") {
    CHECK(from_bytes<outcome_table>(to_bytes(table_of{"json_valid"})).ok());
    for (const char* id : {"", "json", "kl_fwd_nats"})
        CHECK_FALSE(from_bytes<outcome_table>(to_bytes(table_of{id})).ok());
}

TEST_CASE("tool calls agree by F1; retries cost attempts") {
    CHECK(trigger_f1({.n11 = 3, .n10 = 1, .n01 = 1, .n00 = 9}).value() == 0.75);
    CHECK_FALSE(trigger_f1({.n00 = 9}).has_value());
    CHECK(expected_attempts(0.5, 3) == 1.75);
    CHECK(expected_attempts(1, 3) == 1);
    CHECK(expected_attempts(0, 3) == 3);
}
