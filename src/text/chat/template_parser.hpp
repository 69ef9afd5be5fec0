#pragma once
// From tokens to the tree: by descent, whose depth is counted. Nodes are made first and named by index, so
// that a level of nesting takes little stack.
#include <initializer_list>

#include "text/chat/template_syntax.hpp"

namespace qslip::chat {

class template_parser {
public:
    explicit template_parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

    result<tree> run() {
        QSLIP_TRY(tree_.root, block({}));
        return std::move(tree_);
    }

private:
    using type = token::type;
    using ref = result<std::uint32_t>;

    // Tokens.
    const token& now() const { return tokens_[at_]; }
    const token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    bool is_op(std::string_view op) const { return now().is(type::op, op); }
    bool is_name(std::string_view name) const { return now().is(type::name, name); }
    void next() { at_ += at_ + 1 < tokens_.size() ? 1u : 0u; }
    bool take_op(std::string_view op);
    bool take_name(std::string_view name);
    status fault(errc code, const std::string& what) const;
    status too_deep() const { return fault(errc::limit, "nested too deeply"); }
    status expected(const std::string& what) const;
    status need_op(std::string_view op);
    status need_end_of_block();
    result<std::string> need_name();

    // Nodes.
    std::uint32_t add(kind k);
    node& at(std::uint32_t i) { return tree_.nodes[i]; }
    status add_kid(std::uint32_t parent, const ref& kid);

    // Statements.
    ref block(std::initializer_list<std::string_view> ends);
    ref part();
    ref output();
    ref statement();
    ref leave(kind k);
    ref if_else();
    ref for_each();
    result<std::vector<std::string>> targets();
    ref set();
    ref set_block(std::uint32_t n);
    ref generation();
    ref define();
    status parameters(std::uint32_t n);

    // Expressions.
    ref tuple_or_one();
    ref tuple_of_operators(std::uint32_t first);
    ref expression();
    ref operators();
    ref unary(bool with_filters);
    ref suffixes(std::uint32_t left, bool with_filters);
    ref suffix();
    ref member();
    ref subscript();
    ref filter();
    ref test();
    bool takes_bare_argument() const;
    status arguments(std::uint32_t call);

    // Values.
    ref primary();
    ref name();
    ref number();
    ref strings();
    ref brackets();
    ref list();
    ref dict();

    std::vector<token> tokens_;
    std::size_t at_ = 0;
    unsigned depth_ = 0, loops_ = 0;
    bool in_macro_ = false;
    tree tree_;
};

}  // namespace qslip::chat
