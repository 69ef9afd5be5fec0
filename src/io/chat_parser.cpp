#include <qslip/core/quote.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "io/chat_syntax.hpp"

namespace qslip::chat {
namespace {

constexpr unsigned max_depth = 64;

using ref = result<std::uint32_t>;

class parser {
public:
    explicit parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

    result<tree> run() {
        QSLIP_TRY(tree_.root, block({}));
        return std::move(tree_);
    }

private:
    using type = token::type;

    const token& now() const { return tokens_[at_]; }
    const token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    bool is_op(std::string_view op) const { return now().is(type::op, op); }
    bool is_name(std::string_view name) const { return now().is(type::name, name); }
    void next() { at_ += at_ + 1 < tokens_.size() ? 1u : 0u; }
    bool take_op(std::string_view op) {
        if (!is_op(op)) return false;
        next();
        return true;
    }
    bool take_name(std::string_view name) {
        if (!is_name(name)) return false;
        next();
        return true;
    }
    status fault(errc code, const std::string& what) const { return {code, at_line(now().line, what)}; }
    std::string here() const {
        switch (now().kind) {
            case type::text: return "text";
            case type::open_output:
            case type::open_block: return "a tag";
            case type::close_output:
            case type::close_block: return "the end of the tag";
            case type::end: return "the end of the template";
            default: return qslip::quoted(now().bytes);
        }
    }
    status expected(const std::string& what) const {
        return fault(errc::format, "expected " + what + ", found " + here());
    }
    status need_op(std::string_view op) { return take_op(op) ? status() : expected(qslip::quoted(op)); }
    status need_end_of_block() {
        if (now().kind != type::close_block) return expected("the end of the tag");
        next();
        return {};
    }
    result<std::string> need_name() {
        if (now().kind != type::name) return expected("a name");
        auto name = now().bytes;
        next();
        return name;
    }
    std::uint32_t add(node n) {
        tree_.nodes.push_back(std::move(n));
        return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
    }
    node make(kind k) const {
        node n;
        n.kind = k;
        n.line = now().line;
        return n;
    }

    // ---- statements

    /// Up to a tag that opens with one of `ends`; that name is the next token. None: up to the end.
    ref block(std::initializer_list<std::string_view> ends) {
        const deeper d(depth_);
        if (depth_ > max_depth) return fault(errc::limit, "nested too deeply");
        auto n = make(kind::block);
        for (;;) {
            if (now().kind == type::end) {
                if (ends.size() != 0) return expected(qslip::quoted(*(ends.end() - 1)));
                return add(std::move(n));
            }
            if (now().kind == type::open_block && ahead(1).kind == type::name &&
                std::find(ends.begin(), ends.end(), ahead(1).bytes) != ends.end()) {
                next();
                return add(std::move(n));
            }
            QSLIP_TRY(const auto kid, part());
            n.kids.push_back(kid);
        }
    }

    ref part() {
        if (now().kind == type::text) {
            auto n = make(kind::raw_text);
            n.constant = make_text(now().bytes);
            next();
            return add(std::move(n));
        }
        if (now().kind == type::open_output) {
            auto n = make(kind::output);
            next();
            QSLIP_TRY(const auto kid, tuple_or_one());
            n.kids = {kid};
            if (now().kind != type::close_output) return expected("the end of the tag");
            next();
            return add(std::move(n));
        }
        next();
        return statement();
    }

    ref statement() {
        if (now().kind != type::name) return expected("a statement");
        const auto name = now().bytes;
        if (name == "if") return if_else();
        if (name == "for") return for_each();
        if (name == "set") return set();
        if (name == "macro") return define();
        if (name == "generation") return generation();
        if (name == "break" || name == "continue") {
            if (loops_ == 0) return fault(errc::format, qslip::quoted(name) + " outside a loop");
            auto n = make(name == "break" ? kind::leave_loop : kind::next_turn);
            next();
            QSLIP_CHECK(need_end_of_block());
            return add(std::move(n));
        }
        return fault(errc::unsupported, "statement " + qslip::quoted(name));
    }

    ref if_else() {
        auto n = make(kind::if_else);
        do {
            next();  // if or elif
            QSLIP_TRY(const auto condition, expression());
            QSLIP_CHECK(need_end_of_block());
            QSLIP_TRY(const auto body, block({"elif", "else", "endif"}));
            n.kids.push_back(condition);
            n.kids.push_back(body);
        } while (is_name("elif"));
        if (take_name("else")) {
            QSLIP_CHECK(need_end_of_block());
            QSLIP_TRY(const auto body, block({"endif"}));
            n.kids.push_back(body);
        }
        next();
        QSLIP_CHECK(need_end_of_block());
        return add(std::move(n));
    }

    ref for_each() {
        auto n = make(kind::for_each);
        next();
        QSLIP_TRY(n.names, targets());
        if (!take_name("in")) return expected("\"in\"");
        QSLIP_TRY(const auto over, one_without_if());
        n.kids = {over, no_node, no_node, no_node};
        if (take_name("if")) {
            QSLIP_TRY(n.kids[1], expression());
        }
        if (is_name("recursive")) return fault(errc::unsupported, "a recursive loop");
        QSLIP_CHECK(need_end_of_block());
        ++loops_;
        const auto body = block({"else", "endfor"});
        --loops_;
        QSLIP_TRY(n.kids[2], body);
        if (take_name("else")) {
            QSLIP_CHECK(need_end_of_block());
            QSLIP_TRY(n.kids[3], block({"endfor"}));
        }
        next();
        QSLIP_CHECK(need_end_of_block());
        return add(std::move(n));
    }

    result<std::vector<std::string>> targets() {
        std::vector<std::string> names;
        const bool brackets = take_op("(");
        do {
            QSLIP_TRY(auto name, need_name());
            names.push_back(std::move(name));
        } while (take_op(",") && now().kind == type::name);
        if (brackets) QSLIP_CHECK(need_op(")"));
        return names;
    }

    ref set() {
        auto n = make(kind::set_names);
        next();
        QSLIP_TRY(n.names, targets());
        if (n.names.size() == 1 && take_op(".")) {
            n.kind = kind::set_member;
            QSLIP_TRY(auto member, need_name());
            n.names.push_back(std::move(member));
        }
        if (take_op("=")) {
            QSLIP_TRY(const auto kid, tuple_or_one());
            n.kids = {kid};
            QSLIP_CHECK(need_end_of_block());
            return add(std::move(n));
        }
        if (is_op("|")) return fault(errc::unsupported, "a set block with a filter");
        if (n.kind != kind::set_names || n.names.size() != 1) return expected("\"=\"");
        n.kind = kind::set_block;
        QSLIP_CHECK(need_end_of_block());
        QSLIP_TRY(const auto body, block({"endset"}));
        n.kids = {body};
        next();
        QSLIP_CHECK(need_end_of_block());
        return add(std::move(n));
    }

    /// {% generation %} marks what an assistant said; it prints what it holds.
    ref generation() {
        next();
        QSLIP_CHECK(need_end_of_block());
        QSLIP_TRY(const auto body, block({"endgeneration"}));
        next();
        QSLIP_CHECK(need_end_of_block());
        return body;
    }

    ref define() {
        auto n = make(kind::define);
        if (loops_ > 0 || in_macro_) return fault(errc::unsupported, "a macro inside a loop or macro");
        next();
        QSLIP_TRY(n.text, need_name());
        QSLIP_CHECK(need_op("("));
        while (!is_op(")")) {
            QSLIP_TRY(auto parameter, need_name());
            n.names.push_back(std::move(parameter));
            n.kids.push_back(no_node);
            if (take_op("=")) {
                QSLIP_TRY(n.kids.back(), expression());
            }
            if (!take_op(",")) break;
        }
        QSLIP_CHECK(need_op(")"));
        QSLIP_CHECK(need_end_of_block());
        in_macro_ = true;
        const auto body = block({"endmacro"});
        in_macro_ = false;
        if (!body) return body;
        n.kids.push_back(*body);
        next();
        if (now().kind == type::name) next();
        QSLIP_CHECK(need_end_of_block());
        return add(std::move(n));
    }

    // ---- expressions

    ref tuple_or_one() {
        auto n = make(kind::tuple);
        QSLIP_TRY(const auto first, expression());
        if (!is_op(",")) return first;
        n.kids = {first};
        while (take_op(",")) {
            if (now().kind == type::close_output || now().kind == type::close_block || is_op(")")) break;
            QSLIP_TRY(const auto kid, expression());
            n.kids.push_back(kid);
        }
        return add(std::move(n));
    }

    ref expression() {
        const deeper d(depth_);
        if (depth_ > max_depth) return fault(errc::limit, "nested too deeply");
        QSLIP_TRY(auto left, binary(0));
        while (is_name("if")) {
            auto n = make(kind::choose);
            next();
            QSLIP_TRY(const auto condition, binary(0));
            auto otherwise = no_node;
            if (take_name("else")) {
                QSLIP_TRY(otherwise, expression());
            }
            n.kids = {condition, left, otherwise};
            left = add(std::move(n));
        }
        return left;
    }
    /// What a for runs over: its own `if` is the loop's filter.
    ref one_without_if() {
        auto n = make(kind::tuple);
        QSLIP_TRY(const auto first, binary(0));
        if (!is_op(",")) return first;
        n.kids = {first};
        while (take_op(",")) {
            QSLIP_TRY(const auto kid, binary(0));
            n.kids.push_back(kid);
        }
        return add(std::move(n));
    }

    static constexpr unsigned level_and = 1, level_not = 2, level_concat = 4, level_unary = 6;

    /// The operator at the cursor if it binds at `level`: or, and, not/compare, + -, ~, * / // %.
    std::string operator_at(unsigned level) const {
        if (level == 0 && is_name("or")) return "or";
        if (level == level_and && is_name("and")) return "and";
        if (level == level_concat && is_op("~")) return "~";
        for (const std::string_view op : {"+", "-", "*", "/", "//", "%"})
            if (is_op(op) && level == (op == "+" || op == "-" ? 3u : 5u)) return std::string(op);
        return "";
    }

    ref binary(unsigned level) {
        if (level == level_not) return negation();
        if (level == level_unary) return unary(true);
        QSLIP_TRY(auto left, binary(level + 1));
        for (auto op = operator_at(level); !op.empty(); op = operator_at(level)) {
            auto n = make(kind::binary);
            n.text = op;
            next();
            QSLIP_TRY(const auto right, binary(level + 1));
            n.kids = {left, right};
            left = add(std::move(n));
        }
        if (is_op("**")) return fault(errc::unsupported, "operator \"**\"");
        return left;
    }

    ref negation() {
        if (!is_name("not")) return comparison();
        const deeper d(depth_);
        if (depth_ > max_depth) return fault(errc::limit, "nested too deeply");
        auto n = make(kind::logic_not);
        next();
        QSLIP_TRY(const auto kid, negation());
        n.kids = {kid};
        return add(std::move(n));
    }

    std::string comparison_at() const {
        for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
            if (is_op(op)) return std::string(op);
        if (is_name("in")) return "in";
        return is_name("not") && ahead(1).is(type::name, "in") ? "not in" : "";
    }
    ref comparison() {
        auto n = make(kind::compare);
        QSLIP_TRY(const auto left, binary(3));
        n.kids = {left};
        for (auto op = comparison_at(); !op.empty(); op = comparison_at()) {
            next();
            if (op == "not in") next();
            QSLIP_TRY(const auto right, binary(3));
            n.kids.push_back(right);
            n.names.push_back(std::move(op));
        }
        return n.kids.size() == 1 ? ref(left) : ref(add(std::move(n)));
    }

    ref unary(bool with_filters) {
        const deeper d(depth_);
        if (depth_ > max_depth) return fault(errc::limit, "nested too deeply");
        if (is_op("-") || is_op("+")) {
            auto n = make(is_op("-") ? kind::negate : kind::plus);
            next();
            QSLIP_TRY(const auto kid, unary(false));
            n.kids = {kid};
            return suffixes(add(std::move(n)), with_filters);
        }
        QSLIP_TRY(const auto first, primary());
        return suffixes(first, with_filters);
    }

    /// Members, subscripts and calls; then filters and tests, which may be called on.
    ref suffixes(std::uint32_t left, bool with_filters) {
        for (;;) {
            if (is_op(".")) {
                QSLIP_TRY(left, member(left));
            } else if (is_op("[")) {
                QSLIP_TRY(left, subscript(left));
            } else if (is_op("(")) {
                auto n = make(kind::call);
                n.kids = {left};
                QSLIP_CHECK(arguments(n));
                left = add(std::move(n));
            } else if (with_filters && take_op("|")) {
                auto n = make(kind::filter);
                QSLIP_TRY(n.text, need_name());
                n.kids = {left};
                if (is_op(".")) return fault(errc::unsupported, "filter " + qslip::quoted(n.text + "."));
                if (is_op("(")) QSLIP_CHECK(arguments(n));
                left = add(std::move(n));
            } else if (with_filters && is_name("is")) {
                QSLIP_TRY(left, test(left));
            } else {
                return left;
            }
        }
    }

    ref member(std::uint32_t left) {
        auto n = make(kind::member);
        next();
        n.kids = {left};
        if (now().kind == type::number) {  // a.0
            n.kind = kind::index;
            QSLIP_TRY(const auto key, primary());
            n.kids.push_back(key);
            return add(std::move(n));
        }
        QSLIP_TRY(n.text, need_name());
        return add(std::move(n));
    }

    ref subscript(std::uint32_t left) {
        auto n = make(kind::slice);
        next();
        n.kids = {left, no_node, no_node, no_node};
        std::size_t colons = 0;
        for (std::size_t part = 1; part <= 3; ++part) {
            if (!is_op(":") && !is_op("]")) {
                QSLIP_TRY(n.kids[part], expression());
            }
            if (!is_op(":")) break;
            next();
            ++colons;
        }
        if (is_op(",")) return fault(errc::unsupported, "a subscript with a comma");
        QSLIP_CHECK(need_op("]"));
        if (colons > 0) return add(std::move(n));
        if (n.kids[1] == no_node) return fault(errc::format, "an empty subscript");
        n.kind = kind::index;
        n.kids.resize(2);
        return add(std::move(n));
    }

    status arguments(node& call) {
        QSLIP_CHECK(need_op("("));
        while (!is_op(")")) {
            if (is_op("*") || is_op("**")) return fault(errc::unsupported, "a call with * or **");
            if (now().kind == type::name && ahead(1).is(type::op, "=")) {
                auto name = now().bytes;
                next();
                next();
                QSLIP_TRY(const auto kid, expression());
                call.named.emplace_back(std::move(name), kid);
            } else {
                if (!call.named.empty())
                    return fault(errc::format, "a positional argument behind a named one");
                QSLIP_TRY(const auto kid, expression());
                call.kids.push_back(kid);
            }
            if (!take_op(",")) break;
        }
        return need_op(")");
    }

    ref test(std::uint32_t left) {
        auto n = make(kind::test);
        next();
        n.negated = take_name("not");
        QSLIP_TRY(n.text, need_name());
        n.kids = {left};
        if (is_op("(")) {
            QSLIP_CHECK(arguments(n));
        } else if (takes_bare_argument()) {
            QSLIP_TRY(const auto first, primary());
            QSLIP_TRY(const auto argument, suffixes(first, false));
            n.kids.push_back(argument);
        }
        return add(std::move(n));
    }
    /// `x is eq 3`: a value right behind a test's name is its argument.
    bool takes_bare_argument() const {
        if (now().kind == type::name) {
            for (const std::string_view word : {"else", "or", "and", "if", "is", "in", "not"})
                if (now().bytes == word) return false;
            return true;
        }
        return now().kind == type::number || now().kind == type::string || is_op("[") || is_op("{");
    }

    ref primary() {
        if (now().kind == type::name) return name();
        if (now().kind == type::number) return number();
        if (now().kind == type::string) {
            auto n = make(kind::literal);
            std::string bytes;
            for (; now().kind == type::string; next()) bytes += now().bytes;
            n.constant = make_text(bytes);
            return add(std::move(n));
        }
        if (is_op("(")) return brackets();
        if (is_op("[")) return list();
        if (is_op("{")) return dict();
        return expected("an expression");
    }
    ref name() {
        auto n = make(kind::literal);
        const auto& word = now().bytes;
        if (word == "true" || word == "True")
            n.constant = {true};
        else if (word == "false" || word == "False")
            n.constant = {false};
        else if (word != "none" && word != "None") {
            for (const std::string_view reserved : {"in", "is", "and", "or", "else", "if"})
                if (word == reserved) return expected("an expression");
            n.kind = kind::name;
            n.text = word;
        }
        next();
        return add(std::move(n));
    }
    ref number() {
        auto n = make(kind::literal);
        const auto& digits = now().bytes;
        const auto* end = digits.data() + digits.size();
        if (digits.find_first_of(".eE") == std::string::npos) {
            std::int64_t i = 0;
            if (std::from_chars(digits.data(), end, i).ec != std::errc())
                return fault(errc::unsupported, "the number " + qslip::quoted(digits));
            n.constant = {i};
        } else {
            double x = 0;
            if (std::from_chars(digits.data(), end, x).ec != std::errc())
                return fault(errc::unsupported, "the number " + qslip::quoted(digits));
            n.constant = {x};
        }
        next();
        return add(std::move(n));
    }
    ref brackets() {
        auto n = make(kind::tuple);
        next();
        if (take_op(")")) return add(std::move(n));
        QSLIP_TRY(const auto inner, tuple_or_one());
        QSLIP_CHECK(need_op(")"));
        return inner;
    }
    ref list() {
        auto n = make(kind::list);
        next();
        while (!is_op("]")) {
            QSLIP_TRY(const auto kid, expression());
            n.kids.push_back(kid);
            if (!take_op(",")) break;
        }
        QSLIP_CHECK(need_op("]"));
        return add(std::move(n));
    }
    ref dict() {
        auto n = make(kind::dict);
        next();
        while (!is_op("}")) {
            QSLIP_TRY(const auto key, expression());
            QSLIP_CHECK(need_op(":"));
            QSLIP_TRY(const auto item, expression());
            n.kids.push_back(key);
            n.kids.push_back(item);
            if (!take_op(",")) break;
        }
        QSLIP_CHECK(need_op("}"));
        return add(std::move(n));
    }

    std::vector<token> tokens_;
    std::size_t at_ = 0;
    unsigned depth_ = 0, loops_ = 0;
    bool in_macro_ = false;
    tree tree_;
};

}  // namespace

result<tree> parse_template(std::string_view source) {
    QSLIP_TRY(auto tokens, split_template(source));
    return parser(std::move(tokens)).run();
}

}  // namespace qslip::chat
