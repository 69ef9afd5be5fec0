#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "schema/program.hpp"

namespace qslip::schema {

enum class answer { no, yes, pending };

/// A validation's state, and what needs no schema below. Iterative: the stack is an array of frames.
class evaluation {
protected:
    /// A schema at work on an instance node, at its instruction `pc`.
    struct frame {
        std::uint32_t schema, at, pc, end;  // end: of its instructions
        std::uint32_t step, child, count;   // what they count is said by the instruction
        std::uint32_t same;                 // frames above on the same instance node
        std::uint32_t evaluated;            // where its part of evaluated_ begins
        std::uint32_t errors, first_error;  // errors before this instruction, before this frame
        std::uint8_t kind;                  // of the instance node, as kind_bit
        bool waiting, ok, collect;          // for a child's answer; so far; says what it evaluated
    };

    evaluation(const program& p, const json_tree& tree);
    frame& top() { return *top_; }

    bool value_ok(const instruction& i, const value_node& v, std::uint32_t at);
    bool type_ok(const instruction& i, const value_node& v);
    bool bound_ok(const instruction& i, const value_node& v);
    bool listed(const value_list& list, std::uint32_t at);
    bool unique(std::uint32_t at);
    bool matches(std::uint32_t pattern, std::string_view text);
    bool has_required(const members_table& t, std::uint32_t at);
    bool has_any(const members_table& t, std::uint32_t at);
    bool content_ok(const instruction& i, const value_node& v);
    std::uint32_t dynamic_target(const instruction& i) const;

    void report(const instruction& i, std::uint32_t at, std::string message, std::uint32_t causes = 0);
    void report_value(const instruction& i, std::uint32_t at);
    void report_missing(const members_table& t, const instruction& i);
    void group(std::uint32_t first, keyword word);
    error located(keyword word, std::uint32_t at) const;
    std::string keyword_location() const;
    void drop_errors();

    bool charge(std::uint64_t n) { return (steps_ += n) <= budget_ || over_budget(); }
    bool over_budget();
    answer stop(errc code, std::string why);

    const program& p_;
    const schema_node* const nodes_;  // of the program
    const instruction* const code_;   // likewise
    const json_tree& tree_;
    const std::uint64_t budget_;
    std::vector<frame> frames_;  // the first stands for what calls the root: on no instance node
    frame* top_;
    std::uint32_t depth_ = 0;
    std::vector<std::uint32_t> evaluated_;
    std::vector<error> errors_;
    match_memory matching_;
    std::vector<std::uint64_t> scratch_;
    std::unordered_map<std::uint64_t, bool> memo_;
    std::uint64_t steps_ = 0, memo_from_ = 0;
    status failure_;
    bool failed_ = false, last_ = false, group_errors_ = false, cut_ = false;
};

/// Visits schemas. Without all_faults the first fault ends a schema and answers are remembered once the run
/// has grown long; with it everything is visited and faults are kept. What each keyword means stands in
/// evaluate_value-inl.hpp (one value by itself), evaluate_object-inl.hpp, evaluate_array-inl.hpp and
/// evaluate_logic-inl.hpp; how faults are told, in fault_report.cpp.
template <bool all_faults>
class machine : evaluation {
public:
    machine(const program& p, const json_tree& tree, bool group_errors = false) : evaluation(p, tree) {
        group_errors_ = group_errors;
    }
    /// The answer for the tree's root. Keeps its buffers for the next one.
    result<bool> evaluate();
    std::uint64_t n_steps() const { return steps_; }
    /// Faults of a run, as many as are kept.
    void move_errors(verdict& out) {
        out.errors = std::move(errors_);
        out.errors_cut = cut_ || failed_;
    }

private:
    answer call(std::uint32_t schema, std::uint32_t at);
    answer ask(std::uint32_t schema, std::uint32_t at);
    answer push(std::uint32_t schema, std::uint32_t at, std::uint32_t pc);
    answer step(const instruction& i);
    answer simple(const instruction& i);
    void advance(frame& f);
    void finish(bool ok);

    answer members(const members_table& t, const instruction& i);
    answer member_of_patterns(const members_table& t, const member* m, std::uint32_t key);
    answer property_names(const instruction& i);
    answer dependent_required(const instruction& i);
    answer dependent(const instruction& i);
    answer items(const instruction& i);
    answer contains(const instruction& i);
    answer logic(const instruction& i);
    answer conditional(const instruction& i);
    answer dynamic_reference(const instruction& i);
    answer unevaluated(const instruction& i);
};

/// One validation at a time; keeps its buffers.
class evaluator {
public:
    explicit evaluator(std::shared_ptr<const program> p);
    result<verdict> run(std::string_view text, output how);

private:
    std::shared_ptr<const program> program_;
    std::unique_ptr<json_tree> tree_;  // where the machine refers to
    machine<false> quick_;
};

}  // namespace qslip::schema
