#pragma once
// Equality of JSON values as JSON Schema means it (1 = 1.0, members in any order), and its hash.
#include <cstdint>
#include <vector>

#include "schema/value.hpp"

namespace qslip::schema {

/// A total order in which 0 is equality. Nodes looked at are added to `steps`. No recursion.
int order(const json_tree& a, std::uint32_t at, const json_tree& b, std::uint32_t bt, std::uint64_t& steps);

/// Equal values have equal hashes.
std::uint64_t hash_scalar(const value_node& scalar);
/// `hashes[i]` for every node of the subtree at `root`, relative to root.
void hash_subtree(const json_tree& tree, std::uint32_t root, std::vector<std::uint64_t>& hashes);
std::uint64_t hash_value(const json_tree& tree, std::uint32_t at, std::vector<std::uint64_t>& scratch);

/// All items of the array differ; false too when it took more than `budget` steps.
bool all_unique(const json_tree& tree, std::uint32_t array, std::vector<std::uint64_t>& scratch,
                std::uint64_t budget, std::uint64_t& steps);

}  // namespace qslip::schema
