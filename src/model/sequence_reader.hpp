#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qslip {

/// A sequence to read on to the end of `path`.
struct reading {
    static constexpr std::size_t unnamed = ~std::size_t{0};
    std::size_t id =
        unnamed;  ///< of one that was not begun: it is read from its first token on, then forgotten
    std::span<const std::int32_t> path;
    std::size_t first_row =
        0;  ///< rows behind path[first_row] ... path.back() are wanted; none was read before

    std::size_t n_rows() const { return path.size() - first_row; }
};

/// Reads token sequences and says what it expects next: the one way a run uses a model. One thread's own.
/// Rows do not depend on what is read together.
class sequence_reader {
public:
    virtual ~sequence_reader() = default;

    virtual std::size_t n_vocab() const noexcept = 0;
    /// Opens the sequence `id`, of up to `room` tokens; its first ones will be `prompt`.
    virtual status begin(std::size_t id, std::span<const std::int32_t> prompt, std::size_t room) = 0;
    /// What was said to item `id` when this was a run of its own, token by token; nullptr: it is to be asked.
    virtual result<const std::vector<std::int32_t>*> stored_answer(std::size_t /*id*/) { return nullptr; }
    /// Reads all of them; the wanted rows are then numbered in their order.
    virtual status read(std::span<const reading> batch) = 0;
    /// Wanted rows first ... first + n - 1 of the latest read() as logits, out [n, n_vocab()].
    virtual status logits(std::size_t first, std::size_t n, std::span<float> out) = 0;
    /// The same rows as final hidden states [n, d_model], borrowed until the next read(); empty when there
    /// are none.
    virtual std::span<const float> hidden(std::size_t first, std::size_t n) const = 0;
    /// The sequence has read its first n tokens only.
    virtual status rewind(std::size_t id, std::size_t n_tokens) = 0;
    virtual void end(std::size_t id) noexcept = 0;
    /// Tokens that went through the model so far.
    virtual std::uint64_t forward_tokens() const noexcept = 0;
};

}  // namespace qslip
