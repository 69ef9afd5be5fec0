#pragma once
// One run of a template. Each kind of node has a function of its own, so that a level of nesting takes little
// stack.
#include <map>
#include <memory>

#include "text/chat/chat_arguments.hpp"
#include "text/chat/render_tree.hpp"

namespace qslip::chat {

class rendering {
public:
    rendering(const tree& t, const limits& limits) : tree_(t), costs_(limits) { scopes_.emplace_back(); }

    result<text> run(const std::vector<std::pair<std::string, value>>& variables);

private:
    using scope = std::map<std::string, value, std::less<>>;
    enum class flow { on, leave, next };

    const node& at(std::uint32_t i) const { return tree_.nodes[i]; }
    static status fault(const node& n, errc code, const std::string& what);
    /// The status of a library function, with the line in front.
    static status on_line(const node& n, const status& why);
    template <class T>
    static result<T> on_line(const node& n, result<T> r) {
        return r ? std::move(r) : result<T>(on_line(n, r.status()));
    }
    status enter(const node& n);

    // Statements.
    status execute(std::uint32_t i);
    status block(const node& n);
    status output(const node& n);
    status print(const node& n, const text& t);
    status if_else(const node& n);
    status for_each(const node& n);
    status one_turn(const node& n, loop_state& loop);
    result<std::vector<value>> loop_items(const node& n);
    result<bool> keeps(const node& n, const value& item);
    status assign(const node& n, const value& item);
    status set_names(const node& n);
    status set_member(const node& n);
    status set_block(const node& n);
    result<value> captured(const node& n, std::uint32_t body);

    // Names.
    const value* find(const std::string& name) const;
    value named(const std::string& name) const;

    // Expressions.
    result<value> evaluate(std::uint32_t i);
    result<value> suffixed(const node& n);
    result<value> choose(const node& n);
    result<std::vector<value>> all(const std::vector<std::uint32_t>& kids);
    result<value> sequence(const node& n);
    result<value> dict_of(const node& n);
    result<value> negation(const node& n);

    // Operators.
    result<value> signed_number(const node& n);
    result<value> chain(const node& n);
    result<value> binary(const node& n, const std::string& op, const value& left, const value& right);
    result<value> concatenated(const value& left, const value& right);
    result<value> joined(const list& left, const list& right);
    result<value> repeated(const text& s, const value& times);
    result<value> compare(const node& n);

    // What is done to a value.
    result<value> apply(const node& n, const value& of);
    result<value> member(const node& n, const value& of);
    result<value> loop_member(const node& n, const loop_state& loop);
    result<value> index(const node& n, const value& of);
    result<value> slice(const node& n, const value& of);
    result<call_arguments> arguments(const node& n);
    result<value> filter(const node& n, const value& input);
    result<value> test(const node& n, const value& of);

    // Calls.
    result<value> call(const node& n, const value& callee);
    result<value> call_function(const node& n, const std::string& name, const call_arguments& args);
    status raise(const node& n, const call_arguments& args);
    result<value> make_space(const node& n, const call_arguments& args);
    result<value> dict_call(const node& n, const call_arguments& args);
    result<value> range(const node& n, const call_arguments& args);
    result<value> call_macro(const node& n, const node& m, call_arguments args);
    status bind(const node& n, const node& m, call_arguments& args);

    const tree& tree_;
    budget costs_;
    scope globals_;
    std::vector<scope> scopes_;  // the template's own first
    std::size_t frame_ = 0;      // the running macro's first scope
    std::vector<std::unique_ptr<space>> spaces_;
    text out_;
    flow flow_ = flow::on;
    unsigned depth_ = 0;
};

inline bool holds_loop(const value& v) { return v.as<loop_state*>() != nullptr; }

}  // namespace qslip::chat
