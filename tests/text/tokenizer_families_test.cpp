// SPM, Unigram and plain-text BPE, on vocabularies small enough to work out by hand.
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <vector>

#include "support/tiny_vocabulary.hpp"

using qslip::errc;
using qslip::tokenizer;
using qslip::tokenizer_family;
using ids = std::vector<std::int32_t>;

#define MARK "\xE2\x96\x81"  // U+2581

/// A vocabulary with scores; spaces are written as "_".
struct scored_vocabulary : qslip_test::tiny_vocabulary {
    tokenizer_family family = tokenizer_family::spm;
    std::vector<double> scores;
    bool has_bytes = true;

    explicit scored_vocabulary(bool with_bytes = true)
        : tiny_vocabulary(qslip_test::marked_vocabulary()), has_bytes(with_bytes) {
        if (!has_bytes) tokens.clear(), types.clear();
        scores.assign(tokens.size(), 0.0);
    }
    std::int32_t piece(const std::string& text, double score, std::int32_t type = 1) {
        scores.push_back(score);
        std::string marked;
        for (const char c : text) marked += c == '_' ? MARK : std::string(1, c);
        return add(std::move(marked), type);
    }
    qslip::tokenizer_parts parts() const {
        auto made = tiny_vocabulary::parts("");
        made.family = family;
        made.scores = scores;
        made.add_bos = false;
        return made;
    }
};

static std::string pieces(const qslip::result<tokenizer>& t, std::string_view text, bool special = false) {
    REQUIRE_MESSAGE(t.ok(), t.status().message());
    const auto found = t->encode(text, {.parse_special = special});
    REQUIRE_MESSAGE(found.ok(), found.status().message());
    std::string joined;
    for (const auto id : *found) joined += (joined.empty() ? "" : "|") + std::string(t->token_bytes(id));
    return joined;
}

static scored_vocabulary spm_vocabulary() {
    scored_vocabulary v(true);
    for (const char* letter : {"a", "b", "c"}) v.piece(letter, -100);
    v.piece("ab", -1);
    v.piece("bc", -2);
    v.piece("abc", -3);
    v.piece("_a", -1);
    v.piece("_ab", -9);
    return v;
}

TEST_CASE("spm: the best score merges first, the leftmost of equals") {
    auto v = spm_vocabulary();
    auto parts = v.parts();
    parts.add_space_prefix = false;
    const auto t = tokenizer::create(parts);
    CHECK(pieces(t, "abc") == "abc");
    CHECK(pieces(t, "bcab") == "bc|ab");
    CHECK(pieces(t, "aab") == "a|ab");
    CHECK(pieces(t, " ab") == " ab");  // "_a" and "ab" have one score: "_a" stands further left
    CHECK(pieces(t, " abc") == " a|bc");
    CHECK(pieces(t, "") == "");
}

TEST_CASE("spm: a space in front of a text, and behind a token written out") {
    auto v = spm_vocabulary();
    v.piece("<s>", 0, 3);
    v.piece("<go>", 0, 4);
    const auto t = tokenizer::create(v.parts());
    CHECK(pieces(t, "ab") == " ab");
    CHECK(pieces(t, "<s>ab<s>", true) == "<s>| ab|<s>");
    CHECK(pieces(t, "ab<go>ab") == " ab|<go>| ab");
    CHECK(pieces(t, "<s>").find("<s>") == std::string::npos);  // control tokens never come from plain text
    CHECK(*t->decode(*t->encode("abc")) == " abc");
    auto parts = v.parts();
    parts.add_space_prefix = false;
    CHECK(tokenizer::create(parts)->first_difference(*t) == "pre-tokenizers differ: \"spm\" and \"spm\"");
}

TEST_CASE("spm: what is unknown becomes bytes, else the unknown token, else an error") {
    auto v = spm_vocabulary();
    auto parts = v.parts();
    parts.add_space_prefix = false;
    const auto bytes = tokenizer::create(parts);
    CHECK(*bytes->encode("a\xC3\x84") == ids{257, 0xC3, 0x84});
    CHECK(*bytes->encode("\xFF\nb") == ids{0xFF, '\n', 258});
    for (const char* text : {"\xC3", "\xF4\x90\x80\x80", "a\x80\x80 b", "\xF0\x9F\x98", "<0x41>"})
        CHECK(*bytes->decode(*bytes->encode(text)) == text);

    scored_vocabulary small(false);
    const auto a = small.piece("a", -1), unknown = small.piece("<unk>", 0, 2);
    parts = small.parts();
    parts.add_space_prefix = false;
    const auto refused = tokenizer::create(parts)->encode("a\xC3\x84");
    CHECK(refused.status().code() == errc::unsupported);
    CHECK(std::string(refused.status().message()) ==
          "the vocabulary has no token for the character \"\xC3\x84\" at offset 1 of the text");
    parts.unknown = static_cast<std::uint64_t>(unknown);
    CHECK(*tokenizer::create(parts)->encode("a\xC3\x84x") == ids{a, unknown, unknown});
}

TEST_CASE("spm: long runs of one letter take a time near linear") {
    scored_vocabulary v(true);
    std::string run;
    for (int n = 1; n <= 200; ++n) v.piece(run += 'a', -n);
    const auto t = tokenizer::create(v.parts());
    REQUIRE(t.ok());
    const std::string text(1 << 17, 'a');
    const auto found = t->encode(text);
    REQUIRE(found.ok());
    CHECK(*t->decode(*found) == " " + text);
}

static scored_vocabulary unigram_vocabulary() {
    scored_vocabulary v(false);
    v.family = tokenizer_family::unigram;
    v.piece("<unk>", 0, 2);
    v.piece("_", -4);
    for (const char* letter : {"a", "b", "c"}) v.piece(letter, -3);
    v.piece("ab", -5.5);
    v.piece("bc", -4);
    v.piece("_a", -5);
    return v;
}

static qslip::result<tokenizer> unigram(const scored_vocabulary& v, bool squeeze = false, bool prefix = false,
                                        std::string_view char_map = {}) {
    auto parts = v.parts();
    parts.unknown = 0;
    parts.add_space_prefix = prefix;
    parts.remove_extra_whitespaces = squeeze;
    parts.char_map = char_map;
    return tokenizer::create(parts);
}

TEST_CASE("unigram: the most probable tokens") {
    const auto t = unigram(unigram_vocabulary());
    CHECK(pieces(t, "abc") == "a|bc");        // -7; ab|c is -8.5, a|b|c is -9
    CHECK(pieces(t, "ab") == "ab");           // -5.5; a|b is -6
    CHECK(pieces(t, " abc") == " a|bc");      // -9; _|a|bc is -11
    CHECK(pieces(t, "axyb") == "a|<unk>|b");  // unknown characters in a row are one
    CHECK(pieces(t, "") == "");
}

TEST_CASE("unigram: spaces stay, are squeezed, or stand in front") {
    const auto v = unigram_vocabulary();
    CHECK(pieces(unigram(v), "  b  b ") == " | |b| | |b| ");
    CHECK(pieces(unigram(v, true), "  b  b ") == " |b| |b");
    CHECK(pieces(unigram(v, true), "b") == " |b");
    CHECK(pieces(unigram(v, false, true), "b b") == " |b| |b");
    CHECK(pieces(unigram(v, false, true), "  ") == " | ");
    CHECK(pieces(unigram(v, true), "  ") == "");
}

/// A character map with one rule, "A" becomes "ab": the root's child of 'A' with a value behind it.
static std::string one_rule_map() {
    std::vector<std::uint32_t> units(256, 0);
    units[0] = 1u << 10;                        // children at 1 ^ byte
    units[1 ^ 'A'] = 'A' | 1u << 8 | 2u << 10;  // has a value, children at (1 ^ 'A') ^ 2
    units[1 ^ 'A' ^ 2] = 1u << 31;              // the value: offset 0
    std::string bytes;
    const auto number = [&](std::uint32_t n) {
        for (int i = 0; i < 4; ++i) bytes += static_cast<char>(n >> 8 * i & 0xFF);
    };
    number(1024);
    for (const auto unit : units) number(unit);
    return bytes + std::string("ab\0", 3);
}

TEST_CASE("unigram: a precompiled character map") {
    const auto v = unigram_vocabulary();
    CHECK(pieces(unigram(v, false, false, one_rule_map()), "AcBA") == "a|bc|<unk>|ab");
    for (const std::size_t cut : {0u, 3u, 4u, 500u, 1028u, 1030u}) {
        if (cut == 0) continue;
        CAPTURE(cut);
        const auto made = unigram(v, false, false, one_rule_map().substr(0, cut));
        CHECK(made.status().code() == errc::format);
    }
    // Any bytes in the array: searches end, nothing outside is read.
    auto map = one_rule_map();
    for (std::size_t i = 4; i < 1028; ++i) map[i] = static_cast<char>(i * 37);
    CHECK(unigram(v, false, false, map)->encode("AAAA\xC3\x84").ok());
}

TEST_CASE("unigram: scores that contradict the tokens are refused") {
    auto v = unigram_vocabulary();
    v.scores.pop_back();
    CHECK(std::string(unigram(v).status().message()) == "8 tokens but 7 token scores");
    v.scores.push_back(-std::numeric_limits<double>::infinity());
    CHECK(unigram(v).status().code() == errc::format);
    v = unigram_vocabulary();
    v.piece(std::string(513, 'x'), -1);
    CHECK(unigram(v).status().code() == errc::limit);
}

TEST_CASE("bpe with visible spaces: words are lines, and spaces merge") {
    auto v = qslip_test::marked_vocabulary();
    for (const char* letter : {"a", "b", "\n"}) v.add(letter, 1);
    const auto marked_a = v.add(MARK "a", 1), lines = v.add("\n\n", 1);
    v.merges = {MARK " a", "\n \n"};
    auto parts = v.parts("gemma4");
    parts.add_bos = false;
    const auto t = tokenizer::create(parts);
    CHECK(pieces(t, "a a\n\n b") == "a| a|\n\n| |b");
    CHECK(*t->encode(" a\n\n") == ids{marked_a, lines});
    CHECK(*t->encode("c") == ids{'c'});
    CHECK(*t->decode(*t->encode("a a \xC3\x84\n")) == "a a \xC3\x84\n");
}
