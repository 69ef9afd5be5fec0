#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/limits.hpp>

#include "json/json_read.hpp"

namespace qslip {
namespace {

/// The limit called `name`; nullptr when there is none.
std::uint64_t* limit_named(limits& limits, std::string_view name) {
#define QSLIP_LIMIT(field, default_value, text) \
    if (name == #field) return &limits.field;
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    return nullptr;
}

status unknown_limit(const std::string& path, std::string_view name) {
    static constexpr std::string_view names[] = {
#define QSLIP_LIMIT(field, default_value, text) #field,
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    };
    const auto near = nearest_name(name, names);
    return {errc::schema, escaped(path) + ": no limit is called " + quoted(name) +
                              (near.empty() ? "" : "; did you mean " + near + "?")};
}

}  // namespace

status read_limits(const std::string& path, limits& changed) {
    json_reader reader(changed);
    QSLIP_TRY(const auto text, json_text::read_file(path, changed));
    QSLIP_TRY(const auto root, reader.parse(text, path));
    QSLIP_TRY(const auto members, root.members());
    for (const auto& [name, node] : members) {
        auto* field = limit_named(changed, name);
        if (field == nullptr) return unknown_limit(path, name);
        QSLIP_TRY(*field, node.count());
    }
    return {};
}

}  // namespace qslip
