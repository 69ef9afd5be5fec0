// Any bytes through every family of splitting rules: encoding never fails and decoding gives the bytes back.
// libFuzzer entry point: the first byte picks rule and options, the rest is the text.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "support/tiny_vocabulary.hpp"

static std::vector<qslip::tokenizer> all_rules() {
    const auto vocabulary = qslip_test::sample_vocabulary();
    std::vector<qslip::tokenizer> made;
    for (const char* pre :
         {"gpt-2", "smollm", "llama-bpe", "qwen2", "qwen35", "deepseek-coder", "deepseek-llm", "deepseek-v3",
          "falcon", "gpt-4o", "tekken", "kimi-k2", "afmoe", "bloom", "superbpe", "exaone-moe", "jais-2"}) {
        auto parts = vocabulary.parts(pre);
        parts.bos = 0;
        auto tokenizer = qslip::tokenizer::create(parts);
        if (!tokenizer) __builtin_trap();
        made.push_back(*tokenizer);
    }
    return made;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto tokenizers = all_rules();
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto& tokenizer = tokenizers[data[0] % tokenizers.size()];
    const auto ids = tokenizer.encode(text, {.parse_special = data[0] >= 128});
    if (!ids) __builtin_trap();
    const auto decoded = tokenizer.decode(*ids);
    if (!decoded || *decoded != text) __builtin_trap();
    return 0;
}
