#include <qslip/schema.hpp>

#include <algorithm>

#include "schema/program.hpp"

namespace qslip::schema {
namespace {

/// What a schema is to the one that holds it.
enum class role : std::uint8_t {
    part,      ///< a member or an item: an instance of its own
    same,      ///< says more about the same instance
    condition  ///< only tests: its leaves are not asked for
};

struct visit {
    std::uint32_t schema, depth;
    role how;
    bool required = false;
    bool described = false;  ///< this instance was counted, as a container or a leaf
    bool leaving = false;
};

bool counts_as_constraint(keyword w, const value_node& v) {
    switch (w) {
        case keyword::additional_properties: return v.kind == kind::false_;
        case keyword::unique_items: return v.kind == kind::true_;
        case keyword::maximum:
        case keyword::minimum:
        case keyword::exclusive_maximum:
        case keyword::exclusive_minimum: return !v.is_bool();  // in draft 4 a part of the bound beside it
        case keyword::enum_:
        case keyword::const_:
        case keyword::pattern:
        case keyword::format:
        case keyword::multiple_of:
        case keyword::max_length:
        case keyword::min_length:
        case keyword::max_items:
        case keyword::min_items:
        case keyword::max_contains:
        case keyword::min_contains:
        case keyword::max_properties:
        case keyword::min_properties:
        case keyword::property_names:
        case keyword::dependent_required: return true;
        default: return false;
    }
}

bool is_combinator(keyword w) {
    return w == keyword::all_of || w == keyword::any_of || w == keyword::one_of || w == keyword::not_ ||
           w == keyword::if_;
}

class counter {
public:
    explicit counter(const program& p) : p_(p), on_path_(p.nodes.size()) {}

    result<complexity> run() {
        todo_.push_back({p_.root, 0, role::part, true});
        while (!todo_.empty()) {
            auto at = todo_.back();
            todo_.pop_back();
            if (at.leaving) {
                on_path_[at.schema] = false;
                continue;
            }
            if (++steps_ > p_.options.limits.schema_steps)
                return status(errc::budget, "references spread the schema over more than " +
                                                std::to_string(p_.options.limits.schema_steps) +
                                                " places (limit schema_steps)");
            enter(at);
        }
        return out_;
    }

private:
    void enter(visit at) {
        on_path_[at.schema] = true;
        auto leave = at;
        leave.leaving = true;
        todo_.push_back(leave);
        count_keywords(p_.nodes[at.schema]);
        describe(at);
        push_children(at);
    }

    void count_keywords(const schema_node& node) {
        const auto& tree = p_.documents[node.where.doc].tree;
        const auto& how = p_.resources[node.resource].how;
        const auto at = node.where.node;
        if (tree[at].kind != kind::object) return;
        if (how.d <= dialect::draft7 && tree.find(at, "$ref") != none) return;
        for (auto k = at + 1; k < tree[at].next; k = tree[k + 1].next) {
            const auto w = keyword_of(tree[k].view());
            if (w == keyword::count || !info(w).known_to(how)) continue;
            out_.n_constraints += counts_as_constraint(w, tree[k + 1]);
            out_.n_combinators += is_combinator(w);
        }
    }

    struct shape {
        bool object = false, array = false, scalar = false, elsewhere = false;
    };
    shape shape_of(std::uint32_t schema) const {
        shape out;
        bool typed = false;
        for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end; ++i) {
            const auto& in = p_.code[i];
            if (in.op == op::type) {
                typed = true;
                out.object = in.flag & kind_bit(kind::object);
                out.array = in.flag & kind_bit(kind::array);
            }
            out.scalar = out.scalar || in.op == op::const_ || in.op == op::enum_;
            out.elsewhere = out.elsewhere || in.op >= op::ref;
        }
        for (auto i = p_.nodes[schema].begin; i < p_.nodes[schema].end && !typed; ++i) {
            out.object = out.object || p_.code[i].op == op::members || p_.code[i].op == op::required;
            out.array = out.array || p_.code[i].op == op::items;
        }
        out.scalar = !out.object && !out.array && (typed || out.scalar);
        return out;
    }

    void describe(visit& at) {
        if (at.described || at.how == role::condition) return;
        const auto s = shape_of(at.schema);
        if (s.object || s.array) {
            at.described = true;
            out_.depth = std::max<std::uint64_t>(out_.depth, ++at.depth);
            out_.n_arrays += s.array;
        } else if (s.scalar || (at.how == role::part && !s.elsewhere)) {
            at.described = true;
            ++(at.required ? out_.n_required : out_.n_optional);
        }
    }

    void push(const visit& from, std::uint32_t schema, role how, bool required) {
        if (schema == none) return;
        if (on_path_[schema]) {
            ++out_.n_recursions;
            return;
        }
        const bool same = how == role::same;
        todo_.push_back({schema, from.depth, from.how == role::condition ? role::condition : how,
                         same ? from.required : required, same && from.described});
    }
    void push_list(const visit& from, std::uint32_t list, role how, bool required) {
        for (std::uint32_t n = 0; list != none && n < p_.lists[list]; ++n)
            push(from, p_.lists[list + 1 + n], how, required);
    }

    void push_children(const visit& at) {
        for (auto i = p_.nodes[at.schema].begin; i < p_.nodes[at.schema].end; ++i) {
            const auto& in = p_.code[i];
            switch (in.op) {
                case op::members: push_members(at, p_.tables[in.a]); break;
                case op::items:
                    out_.n_arrays_of_objects += at.how != role::condition && items_are_objects(in);
                    push_list(at, in.a, role::part, at.required);
                    push(at, in.b, role::part, at.required);
                    break;
                case op::contains:
                case op::property_names:
                case op::not_: push(at, in.a, role::condition, false); break;
                case op::ref:
                case op::dynamic_ref:
                case op::recursive_ref: push(at, in.a, role::same, false); break;
                case op::dependent_schema:
                case op::property_dependency: push(at, in.b, role::same, false); break;
                case op::all_of:
                case op::any_of:
                case op::one_of: push_list(at, in.a, role::same, false); break;
                case op::if_:
                    push(at, in.a, role::condition, false);
                    push(at, in.b, role::same, false);
                    push(at, in.c, role::same, false);
                    break;
                case op::unevaluated_items:
                case op::unevaluated_properties: push(at, in.a, role::part, false); break;
                default: break;
            }
        }
    }
    /// A schema that allows nothing describes no member.
    bool allows(std::uint32_t schema) const {
        const auto& n = p_.nodes[schema];
        return n.begin == n.end || p_.code[n.begin].op != op::never;
    }
    void push_members(const visit& at, const members_table& t) {
        for (const auto& m : t.members)
            if (m.child != none && allows(m.child)) push(at, m.child, role::part, m.required);
        for (const auto& [pattern, schema] : t.patterns)
            if (allows(schema)) push(at, schema, role::part, false);
        if (t.additional != none && allows(t.additional) && !p_.nodes[t.additional].always_true)
            push(at, t.additional, role::part, false);
    }

    bool items_are_objects(const instruction& items) {
        bool found = items.b != none && is_object(items.b);
        for (std::uint32_t n = 0; items.a != none && n < p_.lists[items.a]; ++n)
            found = found || is_object(p_.lists[items.a + 1 + n]);
        return found;
    }
    /// The schema, or one that says more about the same instance, describes an object.
    bool is_object(std::uint32_t schema) {
        std::vector<std::uint32_t> todo{schema}, seen;
        while (!todo.empty()) {
            const auto at = todo.back();
            todo.pop_back();
            if (at == none || std::find(seen.begin(), seen.end(), at) != seen.end()) continue;
            seen.push_back(at);
            ++steps_;
            if (shape_of(at).object) return true;
            for (auto i = p_.nodes[at].begin; i < p_.nodes[at].end; ++i) {
                const auto& in = p_.code[i];
                if (in.op == op::ref || in.op == op::dynamic_ref || in.op == op::recursive_ref)
                    todo.push_back(in.a);
                if (in.op == op::all_of || in.op == op::any_of || in.op == op::one_of)
                    for (std::uint32_t n = 0; n < p_.lists[in.a]; ++n) todo.push_back(p_.lists[in.a + 1 + n]);
            }
        }
        return false;
    }

    const program& p_;
    std::vector<bool> on_path_;
    std::vector<visit> todo_;
    complexity out_;
    std::uint64_t steps_ = 0;
};

}  // namespace

result<complexity> complexity_of(const compiled& schema) { return counter(schema.body()).run(); }

}  // namespace qslip::schema
