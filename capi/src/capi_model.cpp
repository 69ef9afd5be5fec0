#include <qslip/model.hpp>
#include <qslip/tokenizer.hpp>

#include <qslip.h>
#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capi_arguments.hpp"
#include "guard.hpp"

using namespace qslip;
using namespace qslip::capi;

namespace {

/// A model and the scorers its callers' threads left behind, for the next ones.
class model_object {
public:
    explicit model_object(model opened) : model_(std::move(opened)) {}

    const model& get() const { return model_; }

    status load() {
        const std::lock_guard lock(mutex_);
        return model_.load();
    }

    scorer take_scorer() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return scorer(model_);
        auto taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
    }

    void give_back(scorer used) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(used));
    }

private:
    model model_;
    std::mutex mutex_;
    std::vector<scorer> idle_;
};

using model_ptr = std::shared_ptr<model_object>;

status acquire_model(const qslip_model* handle, model_ptr& object) {
    return acquire(handle, handle_kind::model, "model", object);
}

status read_options(const qslip_model_options* from, model_options& to) {
    if (from == nullptr) return {};
    QSLIP_CHECK(known_struct(from, "options"));
    if (from->mode >= std::size(all_numerics))
        return {errc::arg, "options->mode is " + std::to_string(from->mode) + ": no such mode"};
    to.mode = all_numerics[from->mode];
    if (from->isa) to.isa = from->isa;
    if (from->pre) to.pre = from->pre;
    if (from->max_model_bytes > 0) to.limits.model_bytes = from->max_model_bytes;
    return {};
}

std::int32_t or_none(std::optional<std::int32_t> token) { return token.value_or(-1); }

qslip_model_info info_of(const model& m) {
    qslip_model_info info = QSLIP_MODEL_INFO_INIT;
    info.n_vocab = static_cast<std::uint32_t>(m.config().n_vocab);
    info.n_ctx = static_cast<std::uint32_t>(m.config().context_length);
    info.n_layers = static_cast<std::uint32_t>(m.config().n_layers);
    info.d_model = static_cast<std::uint32_t>(m.config().d_model);
    info.bos_token = or_none(m.vocab().bos());
    info.eos_token = or_none(m.vocab().eos());
    info.adds_bos = m.vocab().adds_bos() ? 1 : 0;
    info.memory_bytes = m.memory_bytes();
    return info;
}

template <class T, class Source>
status copy_out(const Source& values, T* out, std::size_t cap, std::size_t* written) {
    QSLIP_CHECK(fits(values.size(), cap, written));
    std::copy(values.begin(), values.end(), out);
    *written = values.size();
    return {};
}

status score(model_object& object, std::span<const std::int32_t> tokens, std::span<float> logits) {
    QSLIP_CHECK(object.load());
    std::vector<float> hidden(tokens.size() * object.get().config().d_model);
    auto engine = object.take_scorer();
    const batch_item item{tokens, nullptr};
    auto outcome = engine.hidden({&item, 1}, hidden);
    if (outcome.ok()) outcome = engine.logits(hidden, logits);
    object.give_back(std::move(engine));
    return outcome;
}

}  // namespace

qslip_status qslip_model_open(const char* path, const qslip_model_options* options, qslip_model** model,
                              qslip_error* err) {
    return guard(err, [&]() -> status {
        QSLIP_CHECK(required(path, "path"));
        QSLIP_CHECK(output(model, "model"));
        model_options settings;
        QSLIP_CHECK(read_options(options, settings));
        QSLIP_TRY(auto opened, qslip::model::open(path, settings));
        return publish(handle_kind::model, std::make_shared<model_object>(std::move(opened)), model);
    });
}

qslip_status qslip_model_load(qslip_model* model, qslip_error* err) {
    return guard(err, [&]() -> status {
        model_ptr object;
        QSLIP_CHECK(acquire_model(model, object));
        return object->load();
    });
}

qslip_status qslip_model_get_info(const qslip_model* model, qslip_model_info* info, qslip_error* err) {
    return guard(err, [&]() -> status {
        model_ptr object;
        QSLIP_CHECK(acquire_model(model, object));
        QSLIP_CHECK(known_struct(info, "info"));
        fill(info, info_of(object->get()));
        return {};
    });
}

qslip_status qslip_model_tokenize(const qslip_model* model, const char* text, size_t text_bytes,
                                  uint32_t flags, int32_t* tokens, size_t cap, size_t* written,
                                  qslip_error* err) {
    return guard(err, [&]() -> status {
        model_ptr object;
        QSLIP_CHECK(acquire_model(model, object));
        if (text_bytes > 0) QSLIP_CHECK(required(text, "text"));
        QSLIP_CHECK(output_buffer(tokens, cap, written, "tokens"));
        constexpr std::uint32_t known_flags = QSLIP_TOKENIZE_ADD_BOS | QSLIP_TOKENIZE_PARSE_SPECIAL;
        if ((flags & ~known_flags) != 0) return {errc::arg, "unknown flags: " + std::to_string(flags)};
        encode_options encoding;
        encoding.add_bos_if_model_says = (flags & QSLIP_TOKENIZE_ADD_BOS) != 0;
        encoding.parse_special = (flags & QSLIP_TOKENIZE_PARSE_SPECIAL) != 0;
        QSLIP_TRY(const auto ids, object->get().vocab().encode({text, text_bytes}, encoding));
        return copy_out(ids, tokens, cap, written);
    });
}

qslip_status qslip_model_detokenize(const qslip_model* model, const int32_t* tokens, size_t n_tokens,
                                    char* text, size_t cap, size_t* written, qslip_error* err) {
    return guard(err, [&]() -> status {
        model_ptr object;
        QSLIP_CHECK(acquire_model(model, object));
        QSLIP_CHECK(input_buffer(tokens, n_tokens, "tokens"));
        QSLIP_CHECK(output_buffer(text, cap, written, "text"));
        QSLIP_TRY(const auto bytes, object->get().vocab().decode({tokens, n_tokens}));
        return copy_out(bytes, text, cap, written);
    });
}

qslip_status qslip_model_score(qslip_model* model, const int32_t* tokens, size_t n_tokens, float* logits,
                               size_t cap, size_t* written, qslip_error* err) {
    return guard(err, [&]() -> status {
        model_ptr object;
        QSLIP_CHECK(acquire_model(model, object));
        QSLIP_CHECK(input_buffer(tokens, n_tokens, "tokens"));
        QSLIP_CHECK(output_buffer(logits, cap, written, "logits"));
        if (n_tokens == 0) return {errc::empty, "no tokens to score"};
        const auto& config = object->get().config();
        if (n_tokens > config.context_length)
            return {errc::arg, std::to_string(n_tokens) + " tokens, the model's context is " +
                                   std::to_string(config.context_length)};
        const auto n_logits = n_tokens * config.n_vocab;
        QSLIP_CHECK(fits(n_logits, cap, written));
        QSLIP_CHECK(apart(tokens, n_tokens, logits, n_logits));
        QSLIP_CHECK(score(*object, {tokens, n_tokens}, {logits, n_logits}));
        *written = n_logits;
        return {};
    });
}

qslip_status qslip_model_destroy(qslip_model* model, qslip_error* err) {
    return guard(err, [&] { return destroy(model, handle_kind::model, "model"); });
}
