#pragma once
#include <qslip/core/result.hpp>
#include <qslip/model/model.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace qslip {

/// Keys and values (fp32, all layers) of one sequence's tokens so far. Belongs to one model's shape.
/// Not for concurrent use.
class kv_cache {
public:
    /// Room for `max_tokens` tokens. Errors: arg (beyond the model's context), no_memory.
    static result<kv_cache> create(const model& m, std::size_t max_tokens);
    /// What create() takes, in bytes.
    static std::uint64_t bytes_for(const model_config& config, std::size_t max_tokens) noexcept;

    std::size_t n_past() const noexcept;
    std::size_t capacity() const noexcept;
    /// Forgets all tokens from position n_past on. Errors: arg when it holds fewer.
    status truncate(std::size_t n_past);
    /// Becomes the first n_past tokens of `other` (same model shape, enough room). Errors: arg, shape.
    status copy_prefix(const kv_cache& other, std::size_t n_past);

    struct impl;  ///< private to the library
    impl& internals() noexcept { return *impl_; }

    kv_cache(kv_cache&&) noexcept;
    kv_cache& operator=(kv_cache&&) noexcept;
    ~kv_cache();

private:
    explicit kv_cache(std::unique_ptr<impl> state);
    std::unique_ptr<impl> impl_;
};

}  // namespace qslip
