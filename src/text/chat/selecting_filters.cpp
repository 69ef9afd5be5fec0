#include "text/chat/filters.hpp"

namespace qslip::chat {
namespace {

/// select, reject, selectattr, rejectattr: by a test, or by truth.
result<value> filter_select(filter_call c) {
    QSLIP_TRY(const auto items, c.items());
    const bool by_attribute = c.name.ends_with("attr"), wants = c.name.starts_with("select");
    std::string path, test;
    std::size_t next = 0;
    if (by_attribute) {
        QSLIP_TRY(path, need_string(c.args.take(next++, ""), "the attribute"));
    }
    const auto named_test = c.args.take(next++, "");
    if (named_test) {
        QSLIP_TRY(test, need_string(named_test, "the test"));
    }
    const auto rest = c.args.take_rest(next);
    std::vector<value> out;
    for (const auto& item : items) {
        auto judged = item;
        if (by_attribute) {
            QSLIP_TRY(judged, attribute_of(item, path, c.costs));
        }
        bool holds = truthy(judged);
        if (named_test) {
            QSLIP_TRY(holds, apply_test(test, judged, rest, c.costs));
        }
        if (holds == wants) out.push_back(item);
    }
    return c.costs.made(make_list(std::move(out)));
}

result<std::vector<value>> map_attribute(const filter_call& c, const std::vector<value>& items,
                                         const value& attribute, const std::optional<value>& otherwise) {
    std::vector<value> out;
    QSLIP_TRY(const auto path, need_string(attribute, "the attribute"));
    for (const auto& item : items) {
        QSLIP_TRY(auto found, attribute_of(item, path, c.costs));
        out.push_back(found.is_undefined() && otherwise ? *otherwise : std::move(found));
    }
    return out;
}

result<std::vector<value>> map_filter(const filter_call& c, const std::vector<value>& items) {
    std::vector<value> out;
    QSLIP_TRY(const auto name, need_string(c.args.take(0, ""), "the filter"));
    if (name == "map") return status(errc::unsupported, "map of map");
    const auto rest = c.args.take_rest(1);
    for (const auto& item : items) {
        QSLIP_TRY(auto made, apply_filter(name, item, rest, c.costs));
        out.push_back(std::move(made));
    }
    return out;
}

result<value> filter_map(filter_call c) {
    constexpr std::size_t by_name_only = max_arguments;
    QSLIP_TRY(const auto items, c.items());
    const auto attribute = c.args.take(by_name_only, "attribute"),
               otherwise = c.args.take(by_name_only, "default");
    if (items.empty()) return make_list({});
    QSLIP_TRY(auto out, attribute ? map_attribute(c, items, *attribute, otherwise) : map_filter(c, items));
    return c.costs.made(make_list(std::move(out)));
}

}  // namespace

std::span<const known_filter> selecting_filters() {
    static constexpr known_filter all[] = {{"map", filter_map},
                                           {"reject", filter_select},
                                           {"rejectattr", filter_select},
                                           {"select", filter_select},
                                           {"selectattr", filter_select}};
    return all;
}

}  // namespace qslip::chat
