#pragma once
#include <memory>
#include <mutex>
#include <optional>

#include "eval/capsule_format.hpp"
#include "files/append_file.hpp"

namespace qslip {

/// A capsule under way: records go to "<path>.part" as they come; finish() writes the capsule from them, in
/// the order of the items. What an interrupted writer left is taken over when it is of the same run.
/// Thread-safe: add().
class capsule_writer {
public:
    /// `all` must name "n_items", "d_model", "n_vocab" and "logits". Errors: conflict (the unfinished file is
    /// of another run), busy, io, format, limit.
    static result<capsule_writer> open(const std::string& path, const capsule_format::fields& all,
                                       const limits& limits);

    bool has(std::size_t item) const { return offsets_[item].has_value(); }
    std::uint64_t n_positions() const { return n_positions_; }  ///< after finish()
    status add(std::size_t item, const base_rows& rows);
    /// Every item must be there. The size of the capsule in bytes.
    result<std::uint64_t> finish();

private:
    capsule_writer(append_file part, std::string path, capsule_format::header head)
        : part_(std::move(part)), path_(std::move(path)), head_(std::move(head)), offsets_(head_.n_items) {}
    status read_records();
    result<std::vector<std::byte>> record_at(std::uint64_t offset) const;

    append_file part_;
    std::string path_;
    capsule_format::header head_;
    std::vector<std::optional<std::uint64_t>> offsets_;  // in the unfinished file
    std::uint64_t n_positions_ = 0;
    std::unique_ptr<std::mutex> one_at_a_time_ = std::make_unique<std::mutex>();
};

}  // namespace qslip
