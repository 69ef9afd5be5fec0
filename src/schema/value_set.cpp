#include "schema/value_set.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "schema/decimal.hpp"

namespace qslip::schema {
namespace {

using pair_stack = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

int order_of(std::uint64_t a, std::uint64_t b) { return a < b ? -1 : a > b; }

/// Kinds that can be equal to each other are one.
unsigned family(kind k) { return static_cast<unsigned>(k == kind::integer ? kind::decimal : k); }

int order_scalars(const value_node& x, const value_node& y) {
    if (family(x.kind) != family(y.kind)) return order_of(family(x.kind), family(y.kind));
    if (x.kind == kind::integer && y.kind == kind::integer) return x.whole < y.whole ? -1 : x.whole > y.whole;
    if (x.is_number()) return compare(decimal::of(x), decimal::of(y));
    if (x.kind != kind::string) return 0;
    const int got = x.size == y.size ? std::memcmp(x.text, y.text, x.size) : 0;
    return x.size != y.size ? order_of(x.size, y.size) : got;
}

std::vector<std::uint32_t> sorted_keys(const json_tree& tree, std::uint32_t object) {
    std::vector<std::uint32_t> keys;
    for (auto k = object + 1; k < tree[object].next; k = tree[k + 1].next) keys.push_back(k);
    std::sort(keys.begin(), keys.end(), [&](auto a, auto b) {
        return tree[a].hash != tree[b].hash ? tree[a].hash < tree[b].hash : tree[a].view() < tree[b].view();
    });
    return keys;
}

int push_members(const json_tree& a, std::uint32_t at, const json_tree& b, std::uint32_t bt,
                 pair_stack& todo) {
    const auto xs = sorted_keys(a, at), ys = sorted_keys(b, bt);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        if (const int got = order_scalars(a[xs[i]], b[ys[i]]); got != 0) return got;
        todo.push_back({xs[i] + 1, ys[i] + 1});
    }
    return 0;
}

/// Of an array of a few scalars: nothing to remember, nothing to sort.
bool few_scalars(const json_tree& tree, std::uint32_t array) {
    return tree[array].size <= 8 && tree[array].next == array + 1 + tree[array].size;
}
bool all_differ(const json_tree& tree, std::uint32_t array) {
    for (auto i = array + 2; i < tree[array].next; ++i)
        for (auto j = array + 1; j < i; ++j)
            if (order_scalars(tree[i], tree[j]) == 0) return false;
    return true;
}

std::uint64_t mixed(std::uint64_t x) { return hash_bytes(reinterpret_cast<const char*>(&x), sizeof x); }

}  // namespace

int order(const json_tree& a, std::uint32_t at, const json_tree& b, std::uint32_t bt, std::uint64_t& steps) {
    if (a[at].kind < kind::array || b[bt].kind < kind::array) return ++steps, order_scalars(a[at], b[bt]);
    pair_stack todo{{at, bt}};
    while (!todo.empty()) {
        const auto [x, y] = todo.back();
        todo.pop_back();
        ++steps;
        int got = order_scalars(a[x], b[y]);
        if (got == 0 && a[x].kind >= kind::array) {
            got = order_of(a[x].size, b[y].size);
            if (got == 0 && a[x].kind == kind::object) got = push_members(a, x, b, y, todo);
        }
        if (got != 0) return got;
        if (a[x].kind != kind::array) continue;
        for (auto i = x + 1, j = y + 1; i < a[x].next; i = a[i].next, j = b[j].next) todo.push_back({i, j});
    }
    return 0;
}

std::uint64_t hash_scalar(const value_node& node) {
    switch (node.kind) {
        case kind::string: return hash_bytes(node.text, node.size);
        case kind::integer:
        case kind::decimal: return mixed(decimal::of(node).hash() + 7);
        default: return mixed(static_cast<std::uint64_t>(node.kind) + 1);
    }
}

void hash_subtree(const json_tree& tree, std::uint32_t root, std::vector<std::uint64_t>& hashes) {
    const auto end = tree[root].next;
    hashes.resize(end - root);
    // Children stand behind their container: backwards, each is done before it is needed.
    for (auto at = end; at-- > root;) {
        const auto& node = tree[at];
        if (node.kind < kind::array) {
            hashes[at - root] = hash_scalar(node);
            continue;
        }
        std::uint64_t sum = mixed(node.size + (node.kind == kind::array ? 11u : 13u));
        for (auto i = at + 1; i < node.next; i = tree[i].next) {
            if (node.kind == kind::array) {
                sum = mixed(sum) + hashes[i - root];
            } else {
                sum += mixed(hashes[i - root] ^ mixed(hashes[i + 1 - root]));
                ++i;
            }
        }
        hashes[at - root] = mixed(sum);
    }
}

std::uint64_t hash_value(const json_tree& tree, std::uint32_t at, std::vector<std::uint64_t>& scratch) {
    if (tree[at].kind < kind::array) return hash_scalar(tree[at]);
    hash_subtree(tree, at, scratch);
    return scratch[0];
}

bool all_unique(const json_tree& tree, std::uint32_t array, std::vector<std::uint64_t>& scratch,
                std::uint64_t budget, std::uint64_t& steps) {
    if (few_scalars(tree, array)) {
        steps += tree[array].size;
        return steps <= budget && all_differ(tree, array);
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> items;
    items.reserve(tree[array].size);
    hash_subtree(tree, array, scratch);
    steps += scratch.size() / 8;
    for (auto i = array + 1; i < tree[array].next; i = tree[i].next) items.push_back({scratch[i - array], i});
    // Equal hashes are told apart by the values; past the budget nothing is, which ends the sort soon.
    std::stable_sort(items.begin(), items.end(), [&](const auto& x, const auto& y) {
        if (x.first != y.first) return x.first < y.first;
        return x.second != y.second && steps <= budget && order(tree, x.second, tree, y.second, steps) < 0;
    });
    for (std::size_t i = 1; i < items.size() && steps <= budget; ++i)
        if (items[i].first == items[i - 1].first &&
            order(tree, items[i].second, tree, items[i - 1].second, steps) == 0)
            return false;
    return steps <= budget;
}

}  // namespace qslip::schema
