#include "text/chat/rendering.hpp"

namespace qslip::chat {

result<text> rendering::run(const std::vector<std::pair<std::string, value>>& variables) {
    for (const auto& [name, v] : variables) globals_.insert_or_assign(name, v);
    QSLIP_CHECK(execute(tree_.root));
    return std::move(out_);
}

status rendering::fault(const node& n, errc code, const std::string& what) {
    return {code, at_line(n.line, what)};
}
status rendering::on_line(const node& n, const status& why) {
    return why.ok() ? why : status(why.code(), at_line(n.line, why.message()));
}

/// At every node, its level of nesting counted already.
status rendering::enter(const node& n) {
    if (depth_ > max_running_depth) return fault(n, errc::limit, "nested too deeply");
    return on_line(n, costs_.charge(1));
}

const value* rendering::find(const std::string& name) const {
    for (auto s = scopes_.size(); s-- > frame_;)
        if (const auto it = scopes_[s].find(name); it != scopes_[s].end()) return &it->second;
    if (const auto it = scopes_.front().find(name); it != scopes_.front().end()) return &it->second;
    const auto it = globals_.find(name);
    return it == globals_.end() ? nullptr : &it->second;
}

value rendering::named(const std::string& name) const {
    if (const auto* v = find(name)) return *v;
    for (const std::string_view builtin : {"range", "namespace", "raise_exception", "dict"})
        if (name == builtin) return {function{name, nullptr}};
    return {undefined{name}};
}

result<text> render_tree(const tree& t, const std::vector<std::pair<std::string, value>>& variables,
                         const limits& limits) {
    return rendering(t, limits).run(variables);
}

}  // namespace qslip::chat
