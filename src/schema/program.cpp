#include "schema/program.hpp"

#include <algorithm>

namespace qslip::schema {

void members_table::build() {
    constexpr std::uint32_t longest_run = 64;
    if (members.empty()) return;
    std::size_t size = 4;
    while (size < members.size() * 2) size *= 2;
    slots.assign(size, none);
    const auto mask = static_cast<std::uint32_t>(size - 1);
    for (std::uint32_t m = 0; m < members.size(); ++m) {
        auto i = members[m].hash & mask;
        for (std::uint32_t run = 0; slots[i] != none; i = (i + 1) & mask)
            if (++run == longest_run) return sort();
        slots[i] = m;
    }
}

static bool sorts_before(const member& a, std::uint32_t hash, std::string_view name) {
    return a.hash != hash ? a.hash < hash : a.name < name;
}
void members_table::sort() {
    slots.clear();
    crowded = true;
    std::sort(members.begin(), members.end(),
              [](const member& a, const member& b) { return sorts_before(a, b.hash, b.name); });
}
const member* members_table::find_sorted(const value_node& key) const noexcept {
    const auto found = std::lower_bound(
        members.begin(), members.end(), key,
        [](const member& m, const value_node& k) { return sorts_before(m, k.hash, k.view()); });
    return found != members.end() && found->name == key.view() ? &*found : nullptr;
}

std::uint8_t kinds_of(op o) {
    switch (o) {
        case op::maximum:
        case op::exclusive_maximum:
        case op::minimum:
        case op::exclusive_minimum:
        case op::multiple_of: return number_kinds;
        case op::max_length:
        case op::min_length:
        case op::pattern:
        case op::format:
        case op::content: return kind_bit(kind::string);
        case op::max_items:
        case op::min_items:
        case op::unique_items:
        case op::items:
        case op::contains:
        case op::unevaluated_items: return kind_bit(kind::array);
        case op::max_properties:
        case op::min_properties:
        case op::required:
        case op::members:
        case op::property_names:
        case op::dependent_required:
        case op::dependent_schema:
        case op::property_dependency:
        case op::unevaluated_properties: return kind_bit(kind::object);
        default: return every_kind;
    }
}

}  // namespace qslip::schema
