#include <qslip/model.hpp>

#include <cstdio>
#include <new>
#include <utility>

#include "model/model_impl.hpp"

namespace qslip {
namespace {

std::string gib(std::uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1u << 30));
    return text;
}

status check_memory(const std::string& path, std::uint64_t needed, const limits& limits) {
    if (needed <= limits.model_bytes) return {};
    return status(errc::limit, path + " needs " + gib(needed) +
                                   " for its weights; the limit model_bytes allows " +
                                   gib(limits.model_bytes) + ". Raise the limit or take a smaller model");
}

status check_vocabulary(const gguf_file& file, const model_config& config, const tokenizer& vocab) {
    if (vocab.n_vocab() == config.n_vocab) return {};
    return status(errc::shape, file.file().path() + ": the tokenizer has " + std::to_string(vocab.n_vocab()) +
                                   " tokens, token_embd.weight " + std::to_string(config.n_vocab) + " rows");
}

}  // namespace

result<model> model::open(const std::string& path, const model_options& options) {
    QSLIP_TRY(const isa tier, resolve_isa(options.isa));
    QSLIP_TRY(gguf_file file, gguf_file::open(path, options.limits));
    QSLIP_TRY(model_config config, read_model_config(file));
    QSLIP_TRY(tokenizer vocab, tokenizer::from_gguf(file, options.limits, options.pre));
    QSLIP_CHECK(check_vocabulary(file, config, vocab));
    QSLIP_TRY(const weight_sizes sizes, plan_weights(file, config));
    return model(std::shared_ptr<impl>(new impl{std::move(file),
                                                std::move(vocab),
                                                std::move(config),
                                                options.limits,
                                                tier,
                                                kernels::find_table(tier),
                                                sizes,
                                                {}}),
                 options.mode);
}

status model::load(model_part part, unsigned n_threads) {
    if (is_loaded(part)) return {};
    const std::uint64_t needed = part == model_part::all ? memory_bytes() : impl_->sizes.ends_bytes;
    QSLIP_CHECK(check_memory(impl_->file.file().path(), needed, impl_->limits));
    QSLIP_CHECK(impl_->file.file().unchanged());
    return load_weights(impl_->file, impl_->config, part, n_threads, impl_->weights);
}

bool model::is_loaded(model_part part) const noexcept {
    const model_weights& w = impl_->weights;
    return w.ends_memory.size_bytes() != 0 && (part == model_part::head || w.layers_memory.size_bytes() != 0);
}
const model_config& model::config() const noexcept { return impl_->config; }
const tokenizer& model::vocab() const noexcept { return impl_->vocab; }
const gguf_file& model::gguf() const noexcept { return impl_->file; }
isa model::active_isa() const noexcept { return impl_->tier; }
numerics model::mode() const noexcept { return mode_; }
model model::with_mode(numerics mode) const { return {impl_, mode}; }
std::uint64_t model::memory_bytes() const noexcept {
    return impl_->sizes.ends_bytes + impl_->sizes.layers_bytes;
}

}  // namespace qslip
