#pragma once
#include <qslip/baseline.hpp>

#include "eval/capsule_format.hpp"
#include "files/input_file.hpp"

namespace qslip {

/// An open capsule: header and index in memory, records on demand.
struct capsule::state {
    state(input_file f, capsule_format::header h) : file(std::move(f)), head(std::move(h)) {}

    /// Errors: format (damaged, naming the item), changed, io.
    status read(std::size_t item, base_rows& out) const;
    status fault(const std::string& what) const;

    input_file file;
    capsule_format::header head;
    std::vector<capsule_format::index_entry> index;
    std::uint64_t index_offset = 0;
};

}  // namespace qslip
