#pragma once
// A compiled schema: flat arrays only.
#include <qslip/schema.hpp>

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "schema/decimal.hpp"
#include "schema/documents.hpp"
#include "schema/pattern.hpp"

namespace qslip::schema {

enum class op : std::uint8_t {
    never,
    type,
    const_,
    enum_,
    maximum,
    exclusive_maximum,
    minimum,
    exclusive_minimum,
    multiple_of,
    max_length,
    min_length,
    pattern,
    format,
    content,
    max_items,
    min_items,
    unique_items,
    max_properties,
    min_properties,
    required,                // where no other keyword looks at the members; else a part of `members`
    last_simple = required,  // those above look at one instance node and need no child
    members,
    property_names,
    dependent_required,
    dependent_schema,
    property_dependency,
    items,
    contains,
    ref,
    dynamic_ref,
    recursive_ref,
    all_of,
    any_of,
    one_of,
    not_,
    if_,
    unevaluated_items,
    unevaluated_properties
};

/// Sets of kinds, one bit each.
constexpr std::uint8_t kind_bit(kind k) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(k)); }
inline constexpr std::uint8_t every_kind = 0xff;
inline constexpr std::uint8_t number_kinds = kind_bit(kind::integer) | kind_bit(kind::decimal);
std::uint8_t kinds_of(op o);

/// `a`, `b`, `c`: what they mean is said where `op` is compiled and evaluated.
struct instruction {
    schema::op op;
    keyword word;
    std::uint8_t flag = 0;
    std::uint8_t kinds = every_kind;  ///< of instances it can fault; on others it says nothing
    std::uint32_t a = none, b = none, c = none;
};

struct schema_node {
    std::uint32_t begin = 0, end = 0;  // instructions
    std::uint32_t nested = 0;          // the first that is not simple
    std::uint32_t forward =
        none;  // the schema that answers for this one: a chain of lone references ends there
    std::uint32_t resource = 0;
    place where;
    bool always_true = false;
    bool unevaluated =
        false;  ///< has unevaluatedItems or unevaluatedProperties: its subschemas say what they evaluated
    bool memo = false;     ///< worth remembering: reached by several references, no dynamic scope
    bool dynamic = false;  ///< some reference below depends on the dynamic scope
};

struct member {
    std::string name;
    std::uint32_t hash = 0;
    std::uint32_t child = none;  // schema of `properties`
    bool required = false;
};

/// `properties`, `patternProperties`, `additionalProperties` and `required` in one pass over an object.
struct members_table {
    std::vector<member> members;
    std::vector<std::uint32_t> slots;  // open addressing over members; size a power of two
    std::vector<std::pair<std::uint32_t, std::uint32_t>> patterns;  // pattern, schema
    std::uint32_t additional = none;
    std::uint32_t n_required = 0;
    bool crowded = false;  // many equal hashes: members are sorted by hash and name, and there are no slots

    void build();
    void sort();
    const member* find_sorted(const value_node& key) const noexcept;
    const member* find(const value_node& key) const noexcept {
        if (slots.empty()) return crowded ? find_sorted(key) : nullptr;
        const auto mask = static_cast<std::uint32_t>(slots.size() - 1);
        for (auto i = key.hash & mask; slots[i] != none; i = (i + 1) & mask)
            if (const auto& m = members[slots[i]]; m.hash == key.hash && same_text(m.name, key.view()))
                return &m;
        return nullptr;
    }
};

struct dependency {
    std::string key;
    std::vector<std::string> needs;
};

/// Values of `enum`, by hash.
struct value_list {
    std::uint32_t doc = 0;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_hash;  // sorted
};

struct resource_place {
    std::string uri;
    std::uint32_t root;  // node of its document
    reading how;
};

struct program {
    compile_options options;  // its limits
    std::deque<loaded_document> documents;
    std::vector<schema_node> nodes;
    std::vector<instruction> code;
    std::vector<std::uint32_t> lists;  // schemas of allOf, anyOf, oneOf, prefixItems: count first
    std::vector<decimal> decimals;
    std::vector<text_pattern> patterns;
    std::vector<members_table> tables;
    std::vector<dependency> dependencies;
    std::vector<value_list> values;
    std::vector<std::string> names;  // keys and anchors
    std::vector<resource_place> resources;
    std::unordered_map<std::uint64_t, std::uint32_t> dynamic_targets;    // (resource, name) -> schema
    std::unordered_map<std::uint32_t, std::uint32_t> recursive_targets;  // resource -> root schema
    std::uint32_t root = 0;
};

result<std::shared_ptr<const program>> compile_program(std::string_view text, const compile_options& options);

}  // namespace qslip::schema
