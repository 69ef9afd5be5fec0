// Any bytes as a chat template: a status or a prompt whose parts add up, within the budget.
// libFuzzer entry point: a zero byte parts the template from the messages; without one the messages are
// fixed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "text/chat_template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view source(reinterpret_cast<const char*>(data), size);
    std::string_view messages =
        R"([{"role":"system","content":"a"},{"role":"user","content":" <s>b\n","n":[1,2.5,null,{}]}])";
    if (const auto zero = source.find('\0'); zero != source.npos) {
        messages = source.substr(zero + 1);
        source = source.substr(0, zero);
    }
    const auto parsed = qslip::chat_template::parse(source);
    if (!parsed) return 0;
    const auto prompt = parsed->render(messages, {.bos_token = "<s>", .eos_token = "</s>"});
    if (!prompt) return 0;
    std::size_t bytes = 0;
    for (const auto& part : prompt->parts) bytes += part.size_bytes;
    if (bytes != prompt->text.size()) __builtin_trap();
    return 0;
}
