#include <qslip/decoder.hpp>
#include <qslip/tokenizer.hpp>

#include "formats/gguf.hpp"
#include "text/chat_template.hpp"

namespace qslip {

result<std::vector<std::int32_t>> encode_messages(const model& m, std::string_view messages_json,
                                                  const limits& limits) {
    QSLIP_TRY(const auto chat, chat_template::from_gguf(m.gguf(), limits));
    QSLIP_TRY(const auto prompt, chat.render(messages_json, chat_options_of(m.vocab())));
    return m.vocab().encode_parts(prompt.text, prompt.parts);
}

}  // namespace qslip
