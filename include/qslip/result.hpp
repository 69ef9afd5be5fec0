#pragma once
#include <qslip/detail/core/numerics.hpp>
#include <qslip/detail/gates/decision.hpp>
#include <qslip/detail/metrics/attention_shift.hpp>
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/detail/metrics/outcome_table.hpp>
#include <qslip/detail/metrics/position_metrics.hpp>
#include <qslip/plan.hpp>
#include <qslip/settings.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qslip {

class prompt_encoder;

/// Where two continuations part: the first position at which the most likely tokens differ.
struct first_slip {
    std::uint64_t token_index = 0;  ///< in the answer (prompt items) or the sequence (text items), from 0
    std::string base_token, cand_token;
    double margin_nats = 0;  ///< the base's lead of its token over its second
};

/// Where an answer that had to satisfy a schema, and for the base did, first could not any more.
struct located_break {
    std::uint64_t byte = 0;  ///< in the candidate's text; its length: it merely stopped
    std::string keyword;     ///< of the schema; empty: no JSON
    std::string instance_location;
    std::uint64_t token_index = 0;  ///< in the candidate's answer, from 0
    std::string token;              ///< the candidate's; empty: it ended
    std::string base_token;         ///< what the base would have said there, after the candidate's own words
    double base_margin_nats = 0;    ///< the base's lead of its token over its second
    double base_behind_nats = 0;    ///< the base's lead of its token over the candidate's
};

/// What one item came to, for one candidate.
struct item_result {
    std::string id;
    bool has_task = false, base_right = false, cand_right = false;
    std::uint64_t positions = 0, flips = 0;
    double kl_sum_nats = 0, kl_max_nats = 0;  ///< over the item's finite positions
    std::optional<qslip::first_slip> slip;
    std::string base_text;  ///< the generated text; empty for text items
    std::string cand_text;  ///< without a task: up to and with the first differing token
    /// Of structured tasks.
    std::optional<metrics::structured_answer> base_structure, cand_structure;
    std::optional<located_break> broken_at;

    bool newly_broken() const { return has_task && base_right && !cand_right; }
};

/// One slice's accumulated state, for one candidate.
struct slice_state {
    std::uint64_t prompts = 0;
    metrics::position_accumulator positions;
    metrics::outcome_table outcomes;
    metrics::format_counts formats;
};

/// What the weights cost and what the activations' rounding adds, apart, on a fixed sample of the items.
struct mode_sample {
    metrics::position_accumulator weights;   ///< base || candidate, both in F32
    metrics::position_accumulator deployed;  ///< base in F32 || candidate in A8
    metrics::position_accumulator floor;  ///< candidate in F32 || in the run's mode; empty when that is F32
    metrics::position_accumulator base_floor;  ///< base in F32 || in the run's mode; empty when that is F32

    void merge(const mode_sample& other) {
        weights.merge(other.weights);
        deployed.merge(other.deployed);
        floor.merge(other.floor);
        base_floor.merge(other.base_floor);
    }
    /// KL below this is not told from the kernels' own rounding: 10 times the 99th percentiles of both
    /// floors.
    std::optional<double> resolution_nats() const {
        std::optional<double> sum;
        for (const auto* side : {&floor, &base_floor})
            if (const auto s = side->summary(metric::kl_fwd_nats))
                sum = sum.value_or(0) + 10 * s->quantiles->q99;
        return sum;
    }
};

/// What became of a slice whose mean KL lies below the resolution.
enum class below_resolution { no, rerun, marked };

/// A model file as the manifest names it.
struct model_identity {
    std::string path;   ///< never part of result.json, but for its stem
    std::string name;   ///< general.name, else the architecture
    std::string dtype;  ///< the type most weights have
    std::string sha256;
    double bits_per_weight = 0;
    std::uint64_t size_bytes = 0;

    /// What people call the file: its name without folder and ".gguf".
    std::string stem() const {
        auto name_of_file = path.substr(path.rfind('/') + 1);
        if (name_of_file.ends_with(".gguf")) name_of_file.resize(name_of_file.size() - 5);
        return name_of_file;
    }
};

/// One cell, as a library user reads it. Strings live as long as the run.
class gate_result {
public:
    explicit gate_result(const cell_report& r) : report_(&r) {}
    const char* slice() const noexcept { return report_->slice.c_str(); }
    const char* metric() const noexcept { return report_->metric.c_str(); }
    /// PASS, FAIL, INCONCLUSIVE or NOT_COMPARABLE; of cells that do not decide INFO, QUIET or TRIPPED.
    const char* state_name() const noexcept { return qslip::state_name(*report_); }
    const char* reason_name() const noexcept { return name_of(report_->why); }
    std::size_t n() const noexcept { return static_cast<std::size_t>(report_->n); }
    const cell_report& report() const noexcept { return *report_; }

private:
    const cell_report* report_;
};

struct candidate_result {
    model_identity arm;
    numerics mode = numerics::f32;
    mode_sample sample;
    metrics::attention_shift attention;  ///< of no positions unless it was asked for
    /// As run_result::slices. A rerun slice's positions are those of the candidate in F32.
    std::vector<below_resolution> resolution;
    std::vector<slice_state> slices;       ///< as run_result::slices
    std::vector<item_result> items;        ///< in suite order
    metrics::exclusion_counts exclusions;  ///< beside those of the slices' positions
    release_report release;
};

/// What was held equal between the sides, and what they were.
struct run_manifest {
    run_settings settings;  ///< as they were in force: mode_base is there
    std::string source;     ///< "suite" or "text"
    std::string tokenizer_digest, suite_digest, registry_digest;
    std::string chat_template = "none";  ///< or "rendered", or the template's SHA-256
    std::string prompts_digest;          ///< over the finished prompts; empty for a text
    bool adds_bos = false;
    std::uint64_t n_vocab = 0;
    qslip::limits limits;

    bool is_text() const { return source == "text"; }
};

/// What may differ between equal runs: kept out of result.json.
struct run_facts {
    unsigned threads = 0;
    std::string isa;
    double elapsed_s = 0;
    std::uint64_t scored_positions = 0, forward_tokens = 0;
    std::uint64_t resumed_items = 0;  ///< taken over from an interrupted run
};

/// The one object every report is a view of.
class run_result {
public:
    run_manifest manifest;
    model_identity base;
    std::vector<run_slice> slices;
    std::vector<candidate_result> candidates;  ///< at least one
    std::vector<std::string> notes;            ///< "both files have sha256 ...", ...
    run_facts facts;
    std::optional<qslip::suite> suite;              ///< none of a text
    std::shared_ptr<const prompt_encoder> prompts;  ///< none of a text

    /// The worst candidate's.
    qslip::verdict verdict() const {
        auto worst = candidates.front().release.verdict;
        for (const auto& c : candidates) worst = std::max(worst, c.release.verdict);
        return worst;
    }
    /// 0 PASS or MEASURED, 1 FAIL, 3 INCONCLUSIVE, 4 NOT_COMPARABLE.
    int exit_code() const { return exit_code_of(verdict()); }
    /// The cells a verdict is made of, candidate by candidate.
    std::vector<gate_result> gates() const {
        auto out = cells();
        std::erase_if(out, [](const gate_result& g) { return !decides(g.report().role); });
        return out;
    }
    /// All cells, tripwires and info too.
    std::vector<gate_result> cells() const {
        std::vector<gate_result> out;
        for (const auto& c : candidates)
            for (const auto& cell : c.release.cells) out.emplace_back(cell);
        return out;
    }
};

}  // namespace qslip
