#pragma once
#include <qslip/model.hpp>

#include <memory>
#include <optional>

#include "model/sequence_reader.hpp"

namespace qslip {

/// One side of a comparison: gives each thread a reader of its own. Thread-safe: yes.
class arm {
public:
    virtual ~arm() = default;
    /// In the arm's own numerics, or in others where it has a choice. Errors: no_memory, unsupported.
    virtual result<std::unique_ptr<sequence_reader>> open_reader(std::size_t max_cached_tokens,
                                                                 std::optional<numerics> mode = {}) const = 0;
    /// The numerics it runs in.
    virtual numerics mode() const noexcept = 0;
    /// Keys and values of one token of a sequence, in bytes.
    virtual std::uint64_t bytes_per_token() const noexcept = 0;
    /// For measurements that look inside; nullptr where there is no engine of ours.
    virtual const model* engine() const noexcept { return nullptr; }
};

}  // namespace qslip
