#pragma once
#include <qslip/detail/core/utf8.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qslip_test {

/// A byte-level vocabulary small enough to reason about: token b is byte b, then what add() appends.
struct tiny_vocabulary {
    std::vector<std::string> tokens, merges;
    std::vector<std::int32_t> types;

    tiny_vocabulary() {
        for (int b = 0; b < 256; ++b) add(spelled(std::string(1, static_cast<char>(b))), 1);
    }

    /// In GPT-2's byte alphabet.
    static std::string spelled(std::string_view bytes) {
        std::string text;
        for (const char c : bytes) {
            const auto byte = static_cast<std::uint8_t>(c);
            std::uint32_t point = byte;
            if (byte <= 0x20) point = 0x100u + byte;
            if (byte >= 0x7F && byte <= 0xA0) point = 0x121u + byte - 0x7F;
            if (byte == 0xAD) point = 0x143;
            text += qslip::utf8_char(point).view();
        }
        return text;
    }

    std::int32_t add(std::string text, std::int32_t type) {
        tokens.push_back(std::move(text));
        types.push_back(type);
        return static_cast<std::int32_t>(tokens.size()) - 1;
    }
    /// A merge of two byte strings that are tokens, and its product unless that is a token.
    void merge(std::string_view left, std::string_view right) {
        merges.push_back(spelled(left) + " " + spelled(right));
        std::string product = spelled(left) + spelled(right);
        for (const auto& token : tokens)
            if (token == product) return;
        add(std::move(product), 1);
    }

    /// Views into this object.
    qslip::tokenizer_parts parts(std::string_view pre = "gpt-2") const {
        qslip::tokenizer_parts made;
        made.pre = pre;
        made.tokens.assign(tokens.begin(), tokens.end());
        made.types = types;
        made.merges.assign(merges.begin(), merges.end());
        return made;
    }
};

/// Ordinary, chained and competing merges; control and user-defined tokens that overlap.
inline tiny_vocabulary sample_vocabulary() {
    tiny_vocabulary v;
    v.merge("h", "e");
    v.merge("l", "l");
    v.merge("he", "ll");
    v.merge("hell", "o");
    v.merge(" ", "hello");
    v.merge("a", "a");
    v.merge("aa", "aa");
    v.merge("\xC3", "\x84");
    v.merge(" ", " ");
    v.add("<s>", 3);
    v.add("</s>", 3);
    v.add("<unk>", 2);
    v.add("<<", 4);
    v.add("<<tool>>", 4);
    return v;
}

/// Plain UTF-8 with visible spaces: token b is byte b, written <0xHH>, then what add() appends.
inline tiny_vocabulary marked_vocabulary() {
    tiny_vocabulary v;
    constexpr const char* hex = "0123456789ABCDEF";
    for (std::size_t b = 0; b < 256; ++b) {
        v.tokens[b] = std::string("<0x") + hex[b >> 4] + hex[b & 15] + ">";
        v.types[b] = 6;
    }
    v.add("\xE2\x96\x81", 1);
    return v;
}

}  // namespace qslip_test
