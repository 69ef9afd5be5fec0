#include "text/chat/template_parser.hpp"

#include <qslip/detail/core/quote.hpp>

namespace qslip::chat {

bool template_parser::take_op(std::string_view op) {
    if (!is_op(op)) return false;
    next();
    return true;
}
bool template_parser::take_name(std::string_view name) {
    if (!is_name(name)) return false;
    next();
    return true;
}

status template_parser::fault(errc code, const std::string& what) const {
    return {code, at_line(now().line, what)};
}

static std::string described(const token& t) {
    switch (t.kind) {
        case token::type::text: return "text";
        case token::type::open_output:
        case token::type::open_block: return "a tag";
        case token::type::close_output:
        case token::type::close_block: return "the end of the tag";
        case token::type::end: return "the end of the template";
        default: return qslip::quoted(t.bytes);
    }
}
status template_parser::expected(const std::string& what) const {
    return fault(errc::format, "expected " + what + ", found " + described(now()));
}

status template_parser::need_op(std::string_view op) {
    return take_op(op) ? status() : expected(qslip::quoted(op));
}
status template_parser::need_end_of_block() {
    if (now().kind != type::close_block) return expected("the end of the tag");
    next();
    return {};
}
result<std::string> template_parser::need_name() {
    if (now().kind != type::name) return expected("a name");
    auto name = now().bytes;
    next();
    return name;
}

std::uint32_t template_parser::add(kind k) {
    node n;
    n.kind = k;
    n.line = now().line;
    tree_.nodes.push_back(std::move(n));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
}
status template_parser::add_kid(std::uint32_t parent, const ref& kid) {
    if (kid) at(parent).kids.push_back(*kid);
    return kid.status();
}

result<tree> parse_template(std::string_view source) {
    QSLIP_TRY(auto tokens, split_template(source));
    return template_parser(std::move(tokens)).run();
}

}  // namespace qslip::chat
