#pragma once
#include <qslip/detail/core/bytes.hpp>
#include <qslip/detail/core/position_values.hpp>

#include <memory>

#include "eval/run/item_run.hpp"
#include "eval/run/run_setup.hpp"

namespace qslip {

/// A scored position of base and candidate. Borrowed for the call.
struct scored_row {
    const item_run& of;
    std::size_t index;  ///< among the item's scored positions
    std::int32_t target;
    bool target_is_digit;
    const position_values& values;
    std::span<const float> base, candidate;  ///< logits [n_vocab of the tokenizer]
};

/// An item that all have answered.
struct answered_item {
    const item_run& of;
    const item_run::branch& branch;
    item_result& result;  ///< an observer may add to it
    sequence_reader& base;
};

/// One measurement of one candidate. Owns what it counts; parts of threads and machines merge in any order to
/// the same state.
class observer {
public:
    virtual ~observer() = default;
    /// Every row of an item, in order.
    virtual status row(const scored_row&) { return {}; }
    /// Once an item, after its rows.
    virtual status answer(const answered_item&) { return {}; }
    virtual void merge(const observer& other) = 0;
    virtual void save(byte_writer& out) const = 0;
    virtual void load(byte_reader& in) = 0;
    /// Puts what was seen into the result.
    virtual void describe(candidate_result& out) const = 0;
    /// Tokens that went through models for this measurement alone.
    virtual std::uint64_t forward_tokens() const { return 0; }
};

/// All that a run measures of one candidate, in the order of observer.inc.
class observer_set {
public:
    observer_set(const run_setup& setup, std::size_t candidate);

    status row(const scored_row& row) {
        for (auto& o : all_) QSLIP_CHECK(o->row(row));
        return {};
    }
    status answer(const answered_item& item) {
        for (auto& o : all_) QSLIP_CHECK(o->answer(item));
        return {};
    }
    void merge(const observer_set& other) {
        for (std::size_t i = 0; i < all_.size(); ++i) all_[i]->merge(*other.all_[i]);
    }
    void save(byte_writer& out) const {
        for (const auto& o : all_) o->save(out);
    }
    void load(byte_reader& in) {
        for (auto& o : all_) o->load(in);
    }
    void describe(candidate_result& out) const {
        for (const auto& o : all_) o->describe(out);
    }
    std::uint64_t forward_tokens() const {
        std::uint64_t n = 0;
        for (const auto& o : all_) n += o->forward_tokens();
        return n;
    }

private:
    std::vector<std::unique_ptr<observer>> all_;
};

/// Nothing seen yet, one set a candidate.
std::vector<observer_set> empty_observers(const run_setup& setup);

/// Errors: arg, naming a measurement that there is not.
status check_measurements(const std::vector<std::string>& names);

}  // namespace qslip
