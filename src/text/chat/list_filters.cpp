#include <algorithm>

#include "text/chat/filters.hpp"
#include "text/chat/strings.hpp"

namespace qslip::chat {
namespace {

result<value> filter_length(filter_call c) {
    if (const auto* s = c.input.string()) {
        QSLIP_CHECK(c.costs.charge(c.input.weight()));
        return value{static_cast<std::int64_t>(n_code_points(s->bytes()))};
    }
    if (const auto* d = c.input.members()) return value{static_cast<std::int64_t>(d->members.size())};
    if (const auto* l = c.input.items()) return value{static_cast<std::int64_t>(l->items.size())};
    QSLIP_TRY(const auto items, c.items());
    return value{static_cast<std::int64_t>(items.size())};
}

result<value> filter_join(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const auto mark_given = c.args.take(0, "d"), attribute = c.args.take(1, "attribute");
    text mark, out;
    std::string path;
    if (mark_given) {
        QSLIP_TRY(mark, to_text(*mark_given, c.costs));
    }
    if (attribute && !items.empty()) {
        QSLIP_TRY(path, need_string(attribute, "the attribute"));
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto item = items[i];
        if (attribute) {
            QSLIP_TRY(item, attribute_of(item, path, c.costs));
        }
        QSLIP_TRY(const auto part, to_text(item, c.costs));
        if (i > 0) out += mark;
        out += part;
        QSLIP_CHECK(c.costs.need_string_size(out.size()));
    }
    return c.costs.made(std::move(out));
}

result<value> filter_end(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    if (items.empty()) return value{undefined{"an item of an empty list"}};
    return c.name == "first" ? items.front() : items.back();
}

result<value> filter_default(filter_call c) {
    const auto otherwise = c.args.take(0, "default_value");
    const bool for_false = flag_or(c.args.take(1, "boolean"), false);
    const bool absent = c.input.is_undefined() || (for_false && !truthy(c.input));
    return absent ? otherwise.value_or(make_text("")) : c.input;
}

result<value> filter_list(filter_call c) {
    QSLIP_TRY(auto items, c.items());
    return c.costs.made(make_list(std::move(items)));
}

result<value> filter_items(filter_call c) {
    if (c.input.is_undefined()) return make_list({});
    if (!c.input.members()) return wrong_type("items needs a dict", c.input);
    QSLIP_CHECK(c.costs.charge(c.input.members()->keys_weight));
    return c.costs.made(items_of_dict(*c.input.members()));
}

result<value> filter_reverse(filter_call c) {
    QSLIP_TRY(auto items, c.items());
    std::reverse(items.begin(), items.end());
    if (!c.input.string()) return c.costs.made(make_list(std::move(items)));
    text out;
    for (const auto& item : items) out += *item.string();
    return c.costs.made(std::move(out));
}

}  // namespace

value items_of_dict(const dict& d) {
    std::vector<value> pairs;
    for (const auto& [key, item] : d.members) pairs.push_back(make_list({make_text(key), item}, true));
    return make_list(std::move(pairs));
}

std::span<const known_filter> list_filters() {
    static constexpr known_filter all[] = {{"count", filter_length},    {"d", filter_default},
                                           {"default", filter_default}, {"first", filter_end},
                                           {"items", filter_items},     {"join", filter_join},
                                           {"last", filter_end},        {"length", filter_length},
                                           {"list", filter_list},       {"reverse", filter_reverse}};
    return all;
}

}  // namespace qslip::chat
