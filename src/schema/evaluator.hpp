#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "schema/program.hpp"

namespace qslip::schema {

/// One validation at a time; keeps its buffers. Iterative: the stack is an array of frames.
class evaluator {
public:
    explicit evaluator(std::shared_ptr<const program> p)
        : program_(std::move(p)), p_(*program_), scans_(p_.patterns.size()) {}
    result<verdict> run(std::string_view text, output how);

private:
    enum class answer { no, yes, pending };
    struct frame {
        std::uint32_t schema, at, pc;
        std::uint32_t step = 0, child = 0, count = 0;
        std::uint32_t evaluated = 0;  // where this frame's part of evaluated_ begins
        std::uint32_t errors = 0;     // errors before this instruction
        std::uint32_t same = 0;       // frames above on the same instance node
        bool waiting = false, ok = true, collect = false;
    };

    result<bool> evaluate();
    void enter(frame& f, std::uint32_t pc);
    answer call(std::uint32_t schema, std::uint32_t at);
    answer ask(std::uint32_t schema, std::uint32_t at);
    bool finish(bool ok);
    answer step();
    bool simple(const instruction& i, std::uint32_t at);
    bool formatted(const instruction& i, const value_node& v);
    bool content(const instruction& i, const value_node& v);
    bool simple_node(const schema_node& n, std::uint32_t at);
    bool type_is(std::uint8_t mask, const value_node& v) const;
    bool bound(const instruction& i, const value_node& v);
    bool in_values(const value_list& list, std::uint32_t at);
    answer members(const instruction& i);
    bool required_missing(const members_table& t, const instruction& i);
    answer each_child(const instruction& i, bool keys);
    answer items(const instruction& i);
    answer contains(const instruction& i);
    answer logic(const instruction& i);
    answer conditional(const instruction& i);
    answer unevaluated(const instruction& i);
    std::uint32_t dynamic_target(const instruction& i) const;
    void report(const instruction& i, std::uint32_t at, std::string message, std::uint32_t causes = 0);
    std::string keyword_location() const;
    void stop(errc code, std::string why) { failure_ = {code, std::move(why)}; }
    bool charge(std::uint64_t n);
    frame& top() { return frames_.back(); }
    void drop_errors() {
        if (errors_.size() > top().errors) errors_.resize(top().errors);
    }

    std::shared_ptr<const program> program_;
    const program& p_;
    json_tree tree_;
    std::vector<frame> frames_;
    std::vector<std::uint32_t> evaluated_;
    std::vector<error> errors_;
    std::vector<std::unique_ptr<regex_scan>> scans_;
    std::vector<std::uint64_t> scratch_;
    std::vector<bool> marked_;
    std::unordered_map<std::uint64_t, bool> memo_;
    std::uint64_t steps_ = 0;
    status failure_;
    bool last_ = false, keep_errors_ = false, cut_ = false;
};

}  // namespace qslip::schema
