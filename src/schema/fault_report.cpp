// What the evaluator says about a fault.
#include <qslip/detail/core/quote.hpp>

#include "schema/evaluator.hpp"

namespace qslip::schema {

/// The way the evaluation took: names of references, and pointers from each schema to the one inside it.
std::string evaluation::keyword_location() const {
    std::string out;
    for (std::uint32_t n = 2; n <= depth_; ++n) {
        const auto& call = p_.code[frames_[n - 1].pc];
        if (call.op == op::ref || call.op == op::dynamic_ref || call.op == op::recursive_ref) {
            out += "/" + std::string(info(call.word).name);
            continue;
        }
        const auto& child = p_.nodes[frames_[n].schema].where;
        const auto& parent = p_.nodes[frames_[n - 1].schema].where;
        const auto& tree = p_.documents[child.doc].tree;
        out += tree.pointer_to(child.node).substr(tree.pointer_to(parent.node).size());
    }
    return out;
}

/// RFC 6901, 6: what a fragment cannot hold is percent-encoded.
static std::string fragment_of(std::string_view pointer) {
    constexpr std::string_view plain = "-._~!$&'()*+,;=:@/?";
    std::string out;
    for (const char c : pointer) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter_or_digit =
            (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z' && byte < 0x80);
        if (letter_or_digit || plain.find(c) != plain.npos) {
            out += c;
            continue;
        }
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
    }
    return out;
}

error evaluation::located(keyword word, std::uint32_t at) const {
    error e;
    const auto& node = p_.nodes[top_->schema];
    const auto& resource = p_.resources[node.resource];
    if (word != keyword::count) e.keyword = info(word).name;
    const auto suffix = e.keyword.empty() ? "" : "/" + e.keyword;
    const auto& tree = p_.documents[node.where.doc].tree;
    e.instance_location = tree_.pointer_to(at);
    e.keyword_location = keyword_location() + suffix;
    e.schema_location =
        resource.uri + "#" +
        fragment_of(tree.pointer_to(node.where.node).substr(tree.pointer_to(resource.root).size())) + suffix;
    return e;
}

void evaluation::report(const instruction& i, std::uint32_t at, std::string message, std::uint32_t causes) {
    if (errors_.size() >= p_.options.limits.schema_errors_kept) {
        cut_ = true;
        return;
    }
    auto e = located(i.word, at);
    e.message = std::move(message);
    e.n_causes = causes;
    errors_.push_back(std::move(e));
}

void evaluation::report_value(const instruction& i, std::uint32_t at) {
    constexpr const char* names[] = {"null",   "false",  "true",  "integer",
                                     "number", "string", "array", "object"};
    if (i.op == op::never) return report(i, at, "nothing is allowed here");
    report(i, at,
           std::string(names[static_cast<std::size_t>(tree_[at].kind)]) + " does not satisfy " +
               std::string(info(i.word).name));
}

void evaluation::report_missing(const members_table& t, const instruction& i) {
    auto named = i;
    named.word = keyword::required;
    for (const auto& m : t.members)
        if (m.required && charge(tree_[top().at].size + 1) && tree_.find(top().at, m.name) == none)
            report(named, top().at, "member " + quoted(m.name) + " is missing");
}

/// Two faults or more since `first` become one unit that holds them (output::detailed).
void evaluation::group(std::uint32_t first, keyword word) {
    std::uint32_t n_units = 0;
    for (auto at = errors_.size(); at > first && n_units < 2; ++n_units) at -= 1 + errors_[at - 1].n_causes;
    if (n_units < 2 || errors_.size() >= p_.options.limits.schema_errors_kept) return;
    auto e = located(word, top().at);
    e.n_causes = static_cast<std::uint32_t>(errors_.size()) - first;
    errors_.push_back(std::move(e));
}

void evaluation::drop_errors() {
    if (errors_.size() > top().errors) errors_.resize(top().errors);
}

bool evaluation::over_budget() {
    stop(errc::budget,
         "validation took more than " + std::to_string(budget_) + " steps (limit schema_steps)");
    return false;
}

answer evaluation::stop(errc code, std::string why) {
    if (!failed_) failure_ = {code, std::move(why)};
    failed_ = true;
    return answer::no;
}

}  // namespace qslip::schema
