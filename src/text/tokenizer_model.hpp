#pragma once
#include <qslip/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

/// Makes the ids of words, one after another. Scratch of one thread; borrows from its word_model.
class word_encoder {
public:
    virtual ~word_encoder() = default;
    /// Appends the ids of `word`, which is `offset_bytes` into the text (for messages).
    /// Errors: unsupported (the vocabulary can't spell the word), limit.
    virtual status add(std::string_view word, std::size_t offset_bytes, std::vector<std::int32_t>& ids) = 0;
};

/// What a family of tokenizers makes of one word. Immutable, shared by threads.
class word_model {
public:
    virtual ~word_model() = default;
    virtual std::unique_ptr<word_encoder> start() const = 0;
    /// How two models of one family over the same tokens differ, for a message; empty when they don't.
    virtual std::string first_difference(const word_model& other) const = 0;
};

}  // namespace qslip
