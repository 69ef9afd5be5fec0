#pragma once
#include <qslip/suite.hpp>
#include <qslip/tokenizer.hpp>

#include <optional>
#include <string>
#include <vector>

#include "text/chat_template.hpp"

namespace qslip {

class model;

/// Makes prompts of suite items, the same for all arms of a run: `messages` through the base model's chat
/// template (which says itself where BOS stands), `prompt` and `text` as they are, with BOS in front iff the
/// file says so. Control tokens come from the template's own words only.
/// Cheap to copy. Thread-safe: yes.
class prompt_encoder {
public:
    /// `rendered`: every `prompt` is a finished one; control tokens written out in it are parsed, no BOS is
    /// added, and items with `messages` are refused.
    /// Errors: those of chat_template::from_gguf when the suite has messages, naming --rendered.
    static result<prompt_encoder> create(const model& base, const suite& items, bool rendered = false,
                                         const limits& limits = {});

    /// What the models read. Errors: those of rendering and tokenizing; arg (messages with `rendered`).
    result<std::vector<std::int32_t>> encode(const suite_item& item) const;
    /// The same as text.
    result<std::string> text(const suite_item& item) const;
    /// "none" (no messages), "rendered", or the template's SHA-256.
    std::string template_digest() const;

private:
    prompt_encoder(tokenizer vocab, bool rendered) : vocab_(std::move(vocab)), rendered_(rendered) {}
    result<chat_prompt> render(const suite_item& item) const;

    tokenizer vocab_;
    std::optional<chat_template> template_;
    chat_options options_;
    bool rendered_;
};

}  // namespace qslip
