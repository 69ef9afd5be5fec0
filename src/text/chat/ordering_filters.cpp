#include <algorithm>

#include "text/chat/filters.hpp"
#include "text/chat/strings.hpp"

namespace qslip::chat {
namespace {

/// What an item is ordered by: strings without regard to case, unless `exact`. Errors: need_ascii's.
result<value> sort_key(const value& v, bool exact, const std::string& filter, budget& costs) {
    if (!v.string() || exact) return v;
    QSLIP_CHECK(costs.charge(v.weight()));
    QSLIP_CHECK(need_ascii(*v.string(), filter));
    std::string bytes = v.string()->bytes();
    for (auto& c : bytes) c = lower_letter(c);
    return make_text(bytes);
}

struct keyed_item {
    value key, item;
};

/// Errors: schema, when a key cannot be compared with the others.
status add_keyed(std::vector<keyed_item>& keyed, value key, value item, budget& costs) {
    if (!keyed.empty()) QSLIP_CHECK(compare_order(keyed.front().key, key).status());
    QSLIP_CHECK(costs.charge(8 + key.weight() * 8));
    keyed.push_back({std::move(key), std::move(item)});
    return {};
}
value sorted(std::vector<keyed_item> keyed, bool reverse) {
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
        const int order = *compare_order(a.key, b.key);
        return reverse ? order > 0 : order < 0;
    });
    std::vector<value> out;
    for (auto& k : keyed) out.push_back(std::move(k.item));
    return make_list(std::move(out));
}

result<value> filter_sort(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const bool reverse = flag_or(c.args.take(0, "reverse"), false);
    const bool exact = flag_or(c.args.take(1, "case_sensitive"), false);
    const auto attribute = c.args.take(2, "attribute");
    std::string path;
    if (attribute && !items.empty()) {
        QSLIP_TRY(path, need_string(attribute, "the attribute"));
    }
    std::vector<keyed_item> keyed;
    for (const auto& item : items) {
        auto by = item;
        if (attribute) {
            QSLIP_TRY(by, attribute_of(item, path, c.costs));
        }
        QSLIP_TRY(auto key, sort_key(by, exact, c.name, c.costs));
        QSLIP_CHECK(add_keyed(keyed, std::move(key), item, c.costs));
    }
    return c.costs.made(sorted(std::move(keyed), reverse));
}

result<value> filter_dictsort(filter_call c) {
    if (!c.input.members()) return wrong_type("dictsort needs a dict", c.input);
    QSLIP_CHECK(c.costs.charge(c.input.members()->keys_weight));
    std::vector<keyed_item> keyed;
    for (const auto& [name, item] : c.input.members()->members) {
        const auto key_text = make_text(name);
        QSLIP_TRY(auto key, sort_key(key_text, false, c.name, c.costs));
        QSLIP_CHECK(add_keyed(keyed, std::move(key), make_list({key_text, item}, true), c.costs));
    }
    return c.costs.made(sorted(std::move(keyed), false));
}

result<value> filter_unique(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const bool exact = flag_or(c.args.take(0, "case_sensitive"), false);
    std::vector<value> keys, out;
    const auto is_new = [&](const value& key) -> result<bool> {
        QSLIP_CHECK(c.costs.charge(1 + keys.size()));
        for (const auto& k : keys) {
            QSLIP_TRY(const bool same, equal(k, key, c.costs));
            if (same) return false;
        }
        return true;
    };
    for (const auto& item : items) {
        QSLIP_TRY(auto key, sort_key(item, exact, c.name, c.costs));
        QSLIP_TRY(const bool fresh, is_new(key));
        if (!fresh) continue;
        keys.push_back(std::move(key));
        out.push_back(item);
    }
    return c.costs.made(make_list(std::move(out)));
}

}  // namespace

std::span<const known_filter> ordering_filters() {
    static constexpr known_filter all[] = {
        {"dictsort", filter_dictsort}, {"sort", filter_sort}, {"unique", filter_unique}};
    return all;
}

}  // namespace qslip::chat
