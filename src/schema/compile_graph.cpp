// What only the whole graph of schemas tells: loops, dynamic scope, answers worth remembering, shorter ways.
#include "schema/compiler.hpp"

namespace qslip::schema {

std::vector<std::vector<std::uint32_t>> compiler::graph(bool same_instance_only, bool backwards) const {
    std::vector<std::vector<std::uint32_t>> out(out_.nodes.size());
    for (const auto& e : edges_)
        if (!same_instance_only || e.same_instance)
            out[backwards ? e.to : e.from].push_back(backwards ? e.from : e.to);
    return out;
}

/// A reference loop that never moves on in the instance never ends.
status compiler::no_idle_loops() const {
    const auto next = graph(true, false);
    std::vector<std::uint8_t> state(next.size());  // 0 new, 1 on the path, 2 done
    std::vector<std::pair<std::uint32_t, std::size_t>> path;
    for (std::uint32_t start = 0; start < next.size(); ++start) {
        if (state[start] == 0) path.push_back({start, 0}), state[start] = 1;
        while (!path.empty()) {
            auto& [at, i] = path.back();
            if (i == next[at].size()) {
                state[at] = 2;
                path.pop_back();
                continue;
            }
            const auto to = next[at][i++];
            if (state[to] == 1) return loop(to);
            if (state[to] == 0) state[to] = 1, path.push_back({to, 0});
        }
    }
    return {};
}

status compiler::loop(std::uint32_t id) const {
    return {errc::schema, "references loop without progress through " +
                              docs_.location(out_.nodes[id].where, out_.nodes[id].resource)};
}

void compiler::mark_dynamic() {
    const auto before = graph(false, true);
    std::vector<std::uint32_t> todo;
    for (std::uint32_t n = 0; n < out_.nodes.size(); ++n)
        for (auto i = out_.nodes[n].begin; i < out_.nodes[n].end; ++i)
            if (out_.code[i].op == op::dynamic_ref || out_.code[i].op == op::recursive_ref) todo.push_back(n);
    while (!todo.empty()) {
        auto& node = out_.nodes[todo.back()];
        const auto at = todo.back();
        todo.pop_back();
        if (node.dynamic) continue;
        node.dynamic = true;
        todo.insert(todo.end(), before[at].begin(), before[at].end());
    }
}

void compiler::mark_memo() {
    for (std::size_t n = 0; n < ref_counts_.size(); ++n)
        out_.nodes[n].memo = ref_counts_[n] > 1 && !out_.nodes[n].dynamic;
}

/// Schemas that are a reference and nothing else need no evaluation of their own. Loops of them were
/// refused.
void compiler::mark_forwards() {
    std::vector<std::uint32_t> chain;
    for (std::uint32_t n = 0; n < out_.nodes.size(); ++n) {
        auto end = n;
        for (; out_.nodes[end].forward == none && is_lone_reference(out_.nodes[end]);
             end = out_.code[out_.nodes[end].begin].a)
            chain.push_back(end);
        if (out_.nodes[end].forward != none) end = out_.nodes[end].forward;
        for (const auto passed : chain) out_.nodes[passed].forward = end;
        chain.clear();
    }
}

bool compiler::is_lone_reference(const schema_node& node) const {
    return node.end == node.begin + 1 && out_.code[node.begin].op == op::ref && !node.dynamic;
}

/// anyOf that asks for one of several members and nothing else: one look at each member tells.
void compiler::merge_alternatives() {
    for (auto& i : out_.code)
        if (i.op == op::any_of) i.b = table_of_alternatives(i.a);
}

std::uint32_t compiler::table_of_alternatives(std::uint32_t list) {
    members_table merged;
    for (std::uint32_t n = 0; n < out_.lists[list]; ++n) {
        const auto& node = out_.nodes[out_.lists[list + 1 + n]];
        if (node.end != node.begin + 1 || out_.code[node.begin].op != op::required) return none;
        const auto& one = out_.tables[out_.code[node.begin].a];
        if (one.n_required != 1) return none;
        merged.members.push_back(one.members.front());
    }
    merged.build();
    out_.tables.push_back(std::move(merged));
    return static_cast<std::uint32_t>(out_.tables.size() - 1);
}

}  // namespace qslip::schema
