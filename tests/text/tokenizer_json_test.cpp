// tokenizer.json: each part is either used or refused by name. What it yields beside Python's tokenizers:
// tests/golden/tokenizer_json_differential.py.
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using qslip::errc;
using qslip::tokenizer;
using ids = std::vector<std::int32_t>;

struct document {
    std::string
        normalizer = "null",
        pre_tokenizer = R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})",
        post_processor = "null", decoder = R"({"type":"ByteLevel"})",
        added = R"([{"id":6,"content":"<s>","special":true},{"id":7,"content":"<go>","special":false}])",
        model =
            R"({"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"abc":4,"\u0120":5},"merges":["a b",["ab","c"]]})",
        more;

    std::string text() const {
        return R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":)" + added +
               R"(,"normalizer":)" + normalizer + R"(,"pre_tokenizer":)" + pre_tokenizer +
               R"(,"post_processor":)" + post_processor + R"(,"decoder":)" + decoder + R"(,"model":)" +
               model + more + "}";
    }
};

static std::string pieces(const document& from, std::string_view text) {
    const auto t = tokenizer::from_json(from.text());
    REQUIRE_MESSAGE(t.ok(), t.status().message());
    const auto found = t->encode(text, {.parse_special = true});
    REQUIRE_MESSAGE(found.ok(), found.status().message());
    std::string joined;
    for (const auto id : *found) joined += (joined.empty() ? "" : "|") + std::string(t->token_bytes(id));
    return joined;
}

static std::string refusal(const document& from, errc code = errc::unsupported) {
    const auto t = tokenizer::from_json(from.text());
    REQUIRE_FALSE(t.ok());
    CHECK_MESSAGE(t.status().code() == code, t.status().message());
    return std::string(t.status().message());
}

/// Plain BPE with visible spaces, as Llama 2 has it.
static document plain() {
    document made;
    made.normalizer = R"({"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},
        {"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]})";
    made.pre_tokenizer = "null";
    made.decoder =
        R"({"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]})";
    made.model = R"({"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
        "vocab":{"<unk>":0,"a":1,"b":2,"\u2581":3,"\u2581a":4,"<0xC3>":5,"<0x84>":8},"merges":["\u2581 a"]})";
    return made;
}

TEST_CASE("tokenizer.json: byte-level BPE") {
    const document d;
    CHECK(pieces(d, "abcab c") == "abc|ab| |c");
    CHECK(pieces(d, "ab<s>c<go>") == "ab|<s>|c|<go>");
    const auto t = tokenizer::from_json(d.text());
    CHECK(t->is_special(6));
    CHECK_FALSE(t->is_special(7));
    CHECK(*t->encode("ab<go>") == ids{3, 7});
    CHECK(t->encode("<s>").status().code() == errc::unsupported);  // no tokens for these bytes
    CHECK_FALSE(t->adds_bos());
}

TEST_CASE("tokenizer.json: visible spaces, bytes for what is unknown") {
    CHECK(pieces(plain(), "a ab") == " a| a|b");
    CHECK(pieces(plain(), "\xC3\x84") == " |\xC3|\x84");
    CHECK(pieces(plain(), "a\xC3\x85xyb") == " a|<unk>|b");
}

TEST_CASE("tokenizer.json: Unigram") {
    document d = plain();
    d.normalizer = R"({"type":"NFKC"})";
    d.pre_tokenizer = R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true})";
    d.decoder = d.pre_tokenizer;
    d.model = R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["\u2581",-2.0],["f",-3.0],["i",-3.0],
        ["\u2581fi",-4.5],["\u2581i",-7.0]]})";
    CHECK(pieces(d, "\xEF\xAC\x81 i") == " fi| |i");
    CHECK(pieces(d, "xyi") == " |<unk>|i");
}

TEST_CASE("tokenizer.json: BOS from the post-processor or from beside the file") {
    document d;
    d.post_processor = R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[6],"tokens":["<s>"]}}})";
    const auto t = tokenizer::from_json(d.text(), {.eos = {7, 2}, .bos = {}, .add_bos = {}});
    REQUIRE_MESSAGE(t.ok(), t.status().message());
    CHECK(t->adds_bos());
    CHECK(t->bos() == 6);
    CHECK(t->eos() == 7);
    CHECK(t->is_end_of_generation(2));
    CHECK(*t->encode("a", {.add_bos_if_model_says = true}) == ids{6, 0});
    const auto without = tokenizer::from_json(d.text(), {.eos = {}, .bos = {}, .add_bos = false});
    CHECK_FALSE(without->adds_bos());
    const auto far = tokenizer::from_json(d.text(), {.eos = {8}, .bos = {}, .add_bos = {}});
    CHECK(std::string(far.status().message()) ==
          "tokenizer.json: eos_token_id = 8; the vocabulary has 8 tokens");
}

TEST_CASE("tokenizer.json: added tokens strip white space, or are found after normalizing") {
    document d;
    d.added = R"([{"id":6,"content":"<s>","special":true,"lstrip":true,"rstrip":true}])";
    CHECK(pieces(d, "a \n<s> \tb") == "a|<s>|b");
    document after = plain();
    after.normalizer = R"({"type":"Replace","pattern":{"Regex":"A+"},"content":"a"})";
    after.added = R"([{"id":6,"content":"<A>","normalized":true}])";
    CHECK(pieces(after, "b<AAA>b") == "b|<A>|b");
}

TEST_CASE("tokenizer.json: the same vocabulary in two formats has one digest") {
    document d;
    d.added = "[]";
    const auto t = tokenizer::from_json(d.text());
    REQUIRE_MESSAGE(t.ok(), t.status().message());
    qslip::tokenizer_parts parts;
    parts.pre = "gpt-2";
    parts.tokens = {"a", "b", "c", "ab", "abc", "\xC4\xA0"};
    parts.types.assign(6, 1);
    parts.merges = {"a b", "ab c"};
    const auto other = tokenizer::create(parts);
    REQUIRE(other.ok());
    CHECK(t->digest() == other->digest());
    CHECK(t->first_difference(*other) == "");
    d.normalizer = R"({"type":"NFC"})";
    const auto normalized = tokenizer::from_json(d.text());
    CHECK(normalized->first_difference(*other) == "pre-tokenizers differ: \"tokenizer.json\" and \"gpt-2\"");
}

TEST_CASE("tokenizer.json: what is not understood is refused by name") {
    document d;
    d.normalizer = R"({"type":"Lowercase"})";
    CHECK(refusal(d) == "tokenizer.json: \"normalizer\" has the type \"Lowercase\", which is not understood");
    d = {};
    d.pre_tokenizer = R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a"},
        "behavior":"MergedWithNext","invert":false},{"type":"ByteLevel"}]})";
    CHECK(refusal(d) ==
          "tokenizer.json: \"pre_tokenizer.pretokenizers[0]\" has the behavior \"MergedWithNext\", "
          "which is not understood");
    d.pre_tokenizer = R"({"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated","invert":false})";
    CHECK(refusal(d) ==
          "the pattern \"[a&&b]\" uses an intersection of classes (&&), which is not supported");
    d.pre_tokenizer =
        R"json({"type":"Split","pattern":{"Regex":"(?=a)"},"behavior":"Isolated","invert":false})json";
    CHECK(refusal(d) == "the splitting pattern \"(?m)(?=a)\" can match nothing at all");
    d.pre_tokenizer = R"({"type":"BertPreTokenizer"})";
    CHECK(refusal(d).find("\"BertPreTokenizer\"") != std::string::npos);
    d = {};
    d.pre_tokenizer = "null";
    CHECK(refusal(d) == "tokenizer.json: \"decoder\" is ByteLevel, but the pre_tokenizer is not");
    d = {};
    d.model = R"({"type":"WordPiece","vocab":{}})";
    CHECK(refusal(d) == "tokenizer.json: \"model\" has the type \"WordPiece\", which is not understood");
    d.model = R"({"type":"BPE","dropout":0.1,"vocab":{},"merges":[]})";
    CHECK(refusal(d) == "tokenizer.json: \"model.dropout\" is set, which is not understood");
    d.model = R"({"type":"BPE","vocab":{},"merges":[],"novelty":1})";
    CHECK(refusal(d) == "tokenizer.json: \"model.novelty\" is not understood");
    d = {};
    d.added = R"([{"id":6,"content":"<s>","single_word":true}])";
    CHECK(refusal(d) ==
          "tokenizer.json: \"added_tokens[0]\" is a single_word token, which is not understood");
    d = {};
    d.more = R"(,"sampler":{})";
    CHECK(refusal(d) == "tokenizer.json: \"sampler\" is not understood");
}

TEST_CASE("tokenizer.json: contradictions are refused") {
    document d;
    d.model = R"({"type":"BPE","vocab":{"a":0,"b":0},"merges":[]})";
    CHECK(refusal(d, errc::schema) == "tokenizer.json: \"model.vocab\" gives the id 0 to \"a\" and to \"b\"");
    d.model = R"({"type":"BPE","vocab":{"a":0},"merges":["a a"]})";
    CHECK(refusal(d, errc::format) ==
          "tokenizer.json: merge 0 (\"a a\"): the vocabulary has no token \"aa\"");
    d.model = R"({"type":"BPE","vocab":{"a":99999999999},"merges":[]})";
    CHECK(refusal(d, errc::limit).find("has the id 99,999,999,999") != std::string::npos);
    d.model = R"({"type":"BPE","vocab":{"a":0},"merges":[["a"]]})";
    CHECK(refusal(d, errc::schema) == "tokenizer.json: \"model.merges\" [0] is not a pair of two texts");
    d.model = "{";
    CHECK(tokenizer::from_json(d.text()).status().code() == errc::format);
}

TEST_CASE("tokenizer.json: a hostile pattern ends with an error") {
    document d;
    d.pre_tokenizer =
        R"json({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(a+)+[bd]"},
        "behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})json";
    const auto t = tokenizer::from_json(d.text());
    REQUIRE_MESSAGE(t.ok(), t.status().message());
    CHECK(t->encode(std::string(60, 'a') + "c").status().code() == errc::budget);
}
