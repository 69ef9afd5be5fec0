#include "eval/prompt_encoder.hpp"

#include <qslip/model.hpp>

#include "formats/gguf.hpp"

namespace qslip {

result<prompt_encoder> prompt_encoder::create(const model& base, const suite& items, bool rendered,
                                              const limits& limits) {
    prompt_encoder out(base.vocab(), rendered);
    if (rendered || !items.has_chat()) return out;
    auto found = chat_template::from_gguf(base.gguf(), limits);
    if (!found)
        return status(found.status().code(),
                      std::string(found.status().message()) +
                          ". Write finished prompts into \"prompt\" and give --rendered");
    out.template_ = *std::move(found);
    out.options_ = chat_options_of(out.vocab_);
    return out;
}

result<chat_prompt> prompt_encoder::render(const suite_item& item) const {
    if (!template_)
        return status(errc::arg,
                      "has \"messages\", which --rendered does not render; write its finished prompt");
    return template_->render(item.content, options_);
}

result<std::vector<std::int32_t>> prompt_encoder::encode(const suite_item& item) const {
    if (!item.is_chat)
        return vocab_.encode(item.content, {.add_bos_if_model_says = !rendered_ || item.is_text,
                                            .parse_special = rendered_ && !item.is_text});
    QSLIP_TRY(const auto prompt, render(item));
    return vocab_.encode_parts(prompt.text, prompt.parts);
}

result<std::string> prompt_encoder::text(const suite_item& item) const {
    if (!item.is_chat) return std::string(item.content);
    QSLIP_TRY(auto prompt, render(item));
    return std::move(prompt.text);
}

std::string prompt_encoder::template_digest() const {
    return rendered_ ? "rendered" : template_ ? template_->digest() : "none";
}

}  // namespace qslip
