#pragma once
#include <qslip/schema.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace qslip::schema {

enum class keyword : std::uint8_t {
#define QSLIP_KEYWORD(id, name, first, last, vocabulary, holds) id,
#include "schema/keyword.inc"
#undef QSLIP_KEYWORD
    count
};
inline constexpr std::size_t n_keywords = static_cast<std::size_t>(keyword::count);

enum vocabulary : std::uint8_t {
    core = 1,
    applicator = 2,
    unevaluated = 4,
    validation = 8,
    format = 16,
    format_assertion = 32,
    content = 64
};
enum class subschemas : std::uint8_t { nowhere, one, list, map, one_or_list, map_of_maps };

/// How a resource's keywords are read.
struct reading {
    dialect d = dialect::draft2020_12;
    std::uint8_t vocabularies = core | applicator | unevaluated | validation | format | content;
    friend bool operator==(const reading&, const reading&) = default;
};

struct keyword_info {
    std::string_view name;
    dialect first, last;
    vocabulary vocab;
    subschemas holds;

    bool known_to(const reading& r) const {
        return r.d >= first && r.d <= last && (r.vocabularies & vocab) != 0;
    }
};

inline constexpr std::array<keyword_info, n_keywords> keyword_table = {{
#define QSLIP_KEYWORD(id, name, first, last, vocabulary, holds) \
    {name, dialect::first, dialect::last, vocabulary, subschemas::holds},
#include "schema/keyword.inc"
#undef QSLIP_KEYWORD
}};

inline constexpr const keyword_info& info(keyword k) { return keyword_table[static_cast<std::size_t>(k)]; }

/// keyword::count for a name that is none.
keyword keyword_of(std::string_view name);

}  // namespace qslip::schema
