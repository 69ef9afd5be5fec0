#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "model/sequence_reader.hpp"

namespace qslip {

/// What a sequence expects next.
struct row_view {
    std::span<const float> hidden;  ///< [d_model]; empty when the reader has none
    std::span<const float> logits;  ///< [n_vocab]
};

/// The one decoding loop: every sequence that goes on takes one token a step, all in one pass. Sequences join
/// between steps and leave when they end, so whoever adds waiting ones keeps the batch full.
class lockstep {
public:
    /// The token that follows, appended to the sequence's path; none: the sequence ends.
    using on_row = std::function<std::optional<std::int32_t>(std::size_t id, const row_view& row)>;

    explicit lockstep(sequence_reader& reader) : reader_(&reader) {}

    /// A sequence begun in the reader. `path` is what it has read and is still to read; it must outlive the
    /// decoding.
    void add(std::size_t id, std::vector<std::int32_t>& path) { going_.push_back({id, &path}); }
    std::size_t size() const { return going_.size(); }
    bool empty() const { return going_.empty(); }
    /// One token for each, in the order of adding. `logits` [size(), n_vocab] receives the rows.
    status step(std::span<float> logits, const on_row& choose);

private:
    struct sequence {
        std::size_t id;
        std::vector<std::int32_t>* path;
    };
    sequence_reader* reader_;
    std::vector<sequence> going_;
};

}  // namespace qslip
