#include "text/tokenizer_spelling.hpp"

#include <qslip/detail/core/utf8.hpp>

#include <array>

#include "text/tokenizer_normalize.hpp"

namespace qslip {
namespace {

/// GPT-2's byte alphabet: printable Latin-1 stands for itself, the other 68 bytes for U+0100 and on.
/// Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", encoder.py.
std::array<std::uint32_t, 256> byte_alphabet() {
    std::array<std::uint32_t, 256> letters{};
    std::uint32_t next = 0x100;
    for (std::uint32_t b = 0; b < 256; ++b) {
        const bool printable = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b != 0xAD);
        letters[b] = printable ? b : next++;
    }
    return letters;
}

/// Byte of each letter of the alphabet, -1 for other code points below 0x144.
std::array<int, 0x144> alphabet_bytes() {
    std::array<int, 0x144> bytes{};
    bytes.fill(-1);
    const auto letters = byte_alphabet();
    for (int b = 0; b < 256; ++b) bytes[letters[static_cast<std::size_t>(b)]] = b;
    return bytes;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

bool append_spelled_bytes(std::string_view text, std::string& out) {
    static const auto bytes = alphabet_bytes();
    const std::size_t before = out.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_char_bytes(text.substr(at));
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
        const std::size_t point = size == 1   ? byte(0)
                                  : size == 2 ? (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu)
                                              : 0;
        if (point == 0 || point >= bytes.size() || bytes[point] < 0) {
            out.resize(before);
            return false;
        }
        out += static_cast<char>(bytes[point]);
        at += size;
    }
    return true;
}

void append_with_spaces(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const std::size_t mark = text.find(space_mark);
        out += text.substr(0, mark);
        if (mark == text.npos) return;
        out += ' ';
        text.remove_prefix(mark + space_mark.size());
    }
}

std::optional<std::uint8_t> named_byte(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return {};
    const int high = hex_digit(text[3]), low = hex_digit(text[4]);
    if (high < 0 || low < 0) return {};
    return static_cast<std::uint8_t>(high * 16 + low);
}

}  // namespace qslip
