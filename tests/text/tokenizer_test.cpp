#include <qslip/detail/core/rng.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <pthread.h>
#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

#include "formats/gguf.hpp"
#include "formats/gguf_writer.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_vocabulary.hpp"
#include "text/tokenizer_pre.hpp"

using qslip::errc;
using qslip::tokenizer;
using qslip_test::sample_vocabulary;
using qslip_test::tiny_vocabulary;
using ids = std::vector<std::int32_t>;

static tokenizer make(const tiny_vocabulary& v, std::string_view pre = "gpt-2") {
    auto parts = v.parts(pre);
    parts.bos = 0;
    auto made = tokenizer::create(parts);
    REQUIRE_MESSAGE(made.ok(), made.status().message());
    return *made;
}

/// The tokens of a text, each as its bytes, separated by '|'.
static std::string pieces(const tokenizer& t, std::string_view text, bool parse_special = false) {
    const auto found = t.encode(text, {.parse_special = parse_special});
    REQUIRE_MESSAGE(found.ok(), found.status().message());
    std::string joined;
    for (const auto id : *found) {
        if (!joined.empty()) joined += '|';
        joined += t.token_bytes(id);
    }
    return joined;
}

/// Well-formed UTF-8 from every plane, with more spaces, digits and line ends than chance would give.
static std::string random_text(std::uint64_t seed, std::size_t n) {
    const qslip::counter_rng rng(seed);
    const std::string_view common = "  \t\n\r\n's'LLabcXYZ019<>/.,-_(!";
    std::string text;
    for (std::uint64_t i = 0; i < 2 * n; i += 2) {
        if (rng.at(i) % 4 != 0) {
            text += common[rng.index_at(i + 1, common.size())];
            continue;
        }
        const std::uint64_t top = rng.at(i) % 3 == 0 ? 0x110000u : 0x3100u;
        auto point = static_cast<std::uint32_t>(rng.index_at(i + 1, top));
        if (point >= 0xD800 && point <= 0xDFFF) point = 0x85;
        text += qslip::utf8_char(point).view();
    }
    return text;
}

TEST_CASE("tokenizer: merges apply inside words only") {
    const auto t = make(sample_vocabulary());
    CHECK(pieces(t, "hello") == "hello");
    CHECK(pieces(t, "hello hello") == "hello| hello");
    CHECK(pieces(t, "hellhe") == "hell|he");
    CHECK(pieces(t, "aaaaaaa") == "aaaa|aa|a");
    CHECK(pieces(t, "   hello") == "  | hello");
    CHECK(pieces(t, "") == "");
    CHECK(pieces(t, "\xC3\x84") == "\xC3\x84");
}

TEST_CASE("tokenizer: control tokens only on request, user-defined ones always, longest first") {
    const auto t = make(sample_vocabulary());
    CHECK(pieces(t, "<s>hello</s>", true) == "<s>|hello|</s>");
    CHECK(pieces(t, "<s>hello</s>") == "<|s|>|hello|<|/|s|>");
    CHECK(pieces(t, "<unk>", true) == "<unk>");
    CHECK(pieces(t, "<<tool>><<too") == "<<tool>>|<<|t|o|o");
    CHECK(pieces(t, "<<<tool>>") == "<<|<|t|o|o|l|>|>");  // leftmost first
    CHECK(pieces(t, "hello <<") == "hello| |<<");         // nothing is stripped
    CHECK(pieces(t, "<s", true) == "<|s");
    CHECK(pieces(t, "<s><s>", true) == "<s>|<s>");
    const auto v = sample_vocabulary();
    const auto id = static_cast<std::int32_t>(v.tokens.size());
    CHECK(t.is_special(id - 5));
    CHECK(t.is_special(id - 3));
    CHECK_FALSE(t.is_special(id - 2));
    CHECK_FALSE(t.is_special(0));
}

TEST_CASE("tokenizer: a word that is a token wins over merges where the rule says so") {
    auto v = sample_vocabulary();
    v.add("zzz", 1);
    CHECK(pieces(make(v, "llama-bpe"), "zzz zzz") == "zzz| |z|z|z");
    CHECK(pieces(make(v, "dbrx"), "zzz") == "z|z|z");
    v.add("qqq", 3);  // a control token is not a word
    CHECK(pieces(make(v, "llama-bpe"), "qqq") == "q|q|q");
}

TEST_CASE("tokenizer: malformed UTF-8 comes back as it was") {
    const auto t = make(sample_vocabulary());
    CHECK(*t.encode("h\xFFhe") == ids{'h', 0xFF, 256});
    CHECK(pieces(t, "\xC3\xC3\x84") == "\xC3|\xC3\x84");
    CHECK(pieces(t, "hello\xE2\x82hello") == "hello|\xE2|\x82|hello");
    for (const char* text :
         {"\xC3", "\xF4\x90\x80\x80", "\xED\xA0\x80", "\xC0\xAF", "a\x80\x80 b", "\xF0\x9F\x98"}) {
        const auto found = t.encode(text);
        REQUIRE(found.ok());
        CHECK(*t.decode(*found) == text);
    }
    const qslip::counter_rng rng(5);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        std::string text;
        for (std::uint64_t i = 0; i < 50; ++i) text += static_cast<char>(rng.at(seed * 50 + i) & 0xFF);
        CHECK(*t.decode(*t.encode(text)) == text);
    }
}

TEST_CASE("tokenizer: every splitting rule keeps every byte") {
    const auto letters = sample_vocabulary();
    const auto marked = qslip_test::marked_vocabulary();
    const auto names = qslip::known_pre_tokenizers();
    CHECK(names.size() >= 80);
    for (const auto name : names) {
        CAPTURE(name);
        const bool is_marked = qslip::find_pre_rule(name)->marked_spaces;
        const auto t = make(is_marked ? marked : letters, name);
        CHECK(t.pre() == name);
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            const auto text = random_text(seed, 200);
            const auto found = t.encode(text);
            REQUIRE_MESSAGE(found.ok(), found.status().message());
            CHECK(*t.decode(*found) == text);
        }
    }
}

TEST_CASE("tokenizer: a byte without a token is an error with its offset") {
    auto v = sample_vocabulary();
    v.tokens['!'] = "other";
    const auto t = make(v);
    const auto found = t.encode("hello, hello! \xFF");
    REQUIRE_FALSE(found.ok());
    CHECK(found.status().code() == errc::unsupported);
    CHECK(std::string(found.status().message()) ==
          "the vocabulary has no token for the byte \"!\" at offset 12 of the text");
    CHECK(t.encode("hello").ok());
}

TEST_CASE("tokenizer: BOS as the file says, else as the rule says") {
    const auto v = sample_vocabulary();
    auto parts = v.parts("gpt-2");
    parts.bos = 65;
    const auto begins_with_bos = [&] {
        auto t = tokenizer::create(parts);
        REQUIRE_MESSAGE(t.ok(), t.status().message());
        CHECK(t->encode("h", {})->size() == 1);
        const auto found = *t->encode("h", {.add_bos_if_model_says = true});
        CHECK(t->adds_bos() == (found == ids{65, 'h'}));
        return t->adds_bos();
    };
    CHECK_FALSE(begins_with_bos());
    parts.add_bos = true;
    CHECK(begins_with_bos());
    parts.pre = "llama-bpe";
    parts.add_bos.reset();
    CHECK(begins_with_bos());
    parts.add_bos = false;
    CHECK_FALSE(begins_with_bos());
    parts.add_bos = true;
    parts.bos.reset();
    CHECK(tokenizer::create(parts).status().code() == errc::format);
}

TEST_CASE("tokenizer: ends of generation") {
    auto v = sample_vocabulary();
    const auto normal = v.add("<|im_end|>", 1), control = v.add("<|eot_id|>", 3);
    const auto fim = v.add("<|fim_prefix|>", 1), shown = v.add("<|channel|>", 3);
    auto parts = v.parts();
    parts.eos = 10;
    parts.eom = 11;
    auto t = tokenizer::create(parts);
    REQUIRE(t.ok());
    CHECK(t->eos() == 10);
    CHECK_FALSE(t->eot().has_value());
    for (const std::int32_t id : {10, 11, control, normal}) CHECK(t->is_end_of_generation(id));
    for (const std::int32_t id : {0, fim, shown, -1, 1 << 30}) CHECK_FALSE(t->is_end_of_generation(id));
    CHECK(std::ranges::equal(t->ends_of_generation(), std::array{10, 11, 266, normal, control}));

    // Converters give control tokens the type of ordinary text.
    CHECK(t->is_special(normal));
    CHECK(t->is_special(fim));
    CHECK_FALSE(t->is_special(shown));
    CHECK(*t->encode("<|im_end|>", {.parse_special = true}) == ids{normal});
    CHECK(t->encode("<|im_end|>")->size() == 10);
    REQUIRE(t->notes().size() == 2);
    CHECK(t->notes()[0] ==
          "token " + std::to_string(normal) +
              " (\"<|im_end|>\") is ordinary text by its type in the file; taken as a control "
              "token, which ends an answer");
    CHECK(make(sample_vocabulary()).notes().empty());
}

TEST_CASE("tokenizer: a customary end mark that a family uses inside its answers is no end") {
    auto v = sample_vocabulary();
    const auto end = v.add("<|end|>", 3), done = v.add("<|return|>", 3);
    CHECK(make(v).is_end_of_generation(end));
    const auto call = v.add("<|call|>", 3);
    const auto t = make(v);
    CHECK_FALSE(t.is_end_of_generation(end));
    CHECK_FALSE(t.is_special(end));
    CHECK(t.is_end_of_generation(done));
    CHECK(t.is_end_of_generation(call));
}

TEST_CASE("tokenizer: decoding names ids outside the vocabulary, special tokens are optional") {
    auto v = sample_vocabulary();
    const auto raw = v.add(std::string("a b\0\xFF", 5), 1), empty = v.add("", 1), also_empty = v.add("", 1);
    const auto t = make(v);
    const auto n = static_cast<std::int32_t>(t.n_vocab());
    for (const std::int32_t id : {-1, n, 1 << 30}) {
        CHECK(t.decode(ids{65, id}).status().code() == errc::arg);
        CHECK(t.token_bytes(id).empty());
        CHECK_FALSE(t.is_special(id));
    }
    const auto marked = *t.encode("<s>hello<unk>", {.parse_special = true});
    CHECK(*t.decode(marked) == "<s>hello<unk>");
    CHECK(*t.decode(marked, {.special = false}) == "hello");
    CHECK(*t.decode(ids{raw}) == std::string("a b\0\xFF", 5));
    CHECK(*t.decode(ids{empty, also_empty}) == "");
}

TEST_CASE("tokenizer: contradictions in a vocabulary are refused, naming what and where") {
    struct {
        const char* says;
        errc code;
        void (*damage)(tiny_vocabulary&);
    } const cases[] = {
        {"tokens 65 and 66 are both \"A\"", errc::format, [](auto& v) { v.tokens[66] = v.tokens[65]; }},
        {"token 5 (\"\xC4\x85\") has type 7; 0 to 6 are defined", errc::format,
         [](auto& v) { v.types[5] = 7; }},
        {"has type -1", errc::format, [](auto& v) { v.types[5] = -1; }},
        {"270 tokens but 269 token types", errc::format, [](auto& v) { v.types.pop_back(); }},
        {"the vocabulary is empty", errc::format, [](auto& v) { v.tokens.clear(); }},
        {"merge 1 (\"ll\") is not two tokens", errc::format, [](auto& v) { v.merges[1] = "ll"; }},
        {"is not two tokens", errc::format, [](auto& v) { v.merges[1] = " ll"; }},
        {"is not two tokens", errc::format, [](auto& v) { v.merges[1] = "ll "; }},
        {"is not two tokens", errc::format, [](auto& v) { v.merges[1] = "l l l"; }},
        {"is not two tokens", errc::format, [](auto& v) { v.merges[1].clear(); }},
        {"no token \"xy\"", errc::format, [](auto& v) { v.merges[1] = "x y"; }},
        {"no token \"xy\"", errc::format, [](auto& v) { v.merges[1] = "xy z"; }},
        {"merges 0 and 1 join the same pair", errc::format, [](auto& v) { v.merges[1] = v.merges[0]; }},
        {"has 257 bytes; the limit is 256", errc::limit, [](auto& v) { v.add(std::string(257, 'x'), 3); }},
        {"has 65537 bytes; the limit is 65536", errc::limit,
         [](auto& v) { v.add(std::string(65537, 'x'), 1); }},
    };
    for (const auto& each : cases) {
        CAPTURE(each.says);
        auto v = sample_vocabulary();
        each.damage(v);
        const auto made = tokenizer::create(v.parts());
        REQUIRE_FALSE(made.ok());
        CHECK(made.status().code() == each.code);
        CHECK_MESSAGE(std::string(made.status().message()).find(each.says) != std::string::npos,
                      made.status().message());
    }
    const auto v = sample_vocabulary();
    auto parts = v.parts();
    parts.eos = v.tokens.size();
    const auto made = tokenizer::create(parts);
    CHECK(made.status().code() == errc::format);
    CHECK(std::string(made.status().message()) ==
          "tokenizer.ggml.eos_token_id = 270; the vocabulary has 270 tokens");
}

TEST_CASE("tokenizer: an unknown or missing pre-tokenizer is an error, never a guess") {
    const auto v = sample_vocabulary();
    const auto foo = tokenizer::create(v.parts("foo-9")), none = tokenizer::create(v.parts(""));
    CHECK(foo.status().code() == errc::unsupported);
    CHECK(std::string(foo.status().message()) ==
          "tokenizer.ggml.pre = \"foo-9\": splitting would be a guess. Pass --pre gpt2 if you know it");
    CHECK(none.status().code() == errc::unsupported);
    CHECK(std::string(none.status().message()) ==
          "tokenizer.ggml.pre is missing: splitting would be a guess. Pass --pre gpt2 if you know it");
    CHECK(tokenizer::create(v.parts("default")).status().code() == errc::unsupported);
}

TEST_CASE("tokenizer: equal digests mean equal ids, differences are named") {
    const auto original = make(sample_vocabulary());
    CHECK(original.digest().size() == 64);
    CHECK(original.digest() == make(sample_vocabulary(), "gpt2").digest());
    CHECK(original.first_difference(make(sample_vocabulary(), "gpt2")) == "");
    struct {
        const char* says;
        const char* pre;
        void (*change)(tiny_vocabulary&);
    } const cases[] = {
        {"token 65 differs: \"A\" and \"other\"", "gpt2", [](auto& v) { v.tokens[65] = "other"; }},
        {"token 265 has types: 3 and 1", "gpt2", [](auto& v) { v.types[265] = 1; }},
        {"vocabulary sizes differ: 270 and 271", "gpt2", [](auto& v) { v.add("other", 1); }},
        {"pre-tokenizers differ: \"gpt-2\" and \"smollm\"", "smollm", [](auto&) {}},
        {"merges differ from rank 1 on", "gpt2", [](auto& v) { std::swap(v.merges[1], v.merges[2]); }},
        {"merges differ from rank 8 on", "gpt2", [](auto& v) { v.merges.pop_back(); }},
    };
    for (const auto& each : cases) {
        auto v = sample_vocabulary();
        each.change(v);
        const auto changed = make(v, each.pre);
        CHECK(original.first_difference(changed) == each.says);
        CHECK(original.digest() != changed.digest());
    }
    const auto v = sample_vocabulary();
    auto parts = v.parts();
    parts.bos = 1;
    parts.add_bos = true;
    const auto with_bos = *tokenizer::create(parts);
    CHECK(original.first_difference(with_bos) == "BOS in front of texts: no and yes");
    CHECK(original.digest() != with_bos.digest());
    parts.bos = 2;
    CHECK(with_bos.first_difference(*tokenizer::create(parts)) == "BOS is token: 1 and 2");
}

TEST_CASE("tokenizer: limits") {
    const auto v = sample_vocabulary();
    qslip::limits limits;
    limits.text_bytes = 5;
    auto t = tokenizer::create(v.parts(), limits);
    REQUIRE(t.ok());
    CHECK(t->encode("hello").ok());
    CHECK(t->encode("hello!").status().code() == errc::limit);
}

TEST_CASE("tokenizer: long words and long runs take linear time, on a small stack, from many threads") {
    const auto v = sample_vocabulary();
    const std::size_t n = 1 << 17;  // quadratic work would take minutes
    std::vector<std::string> texts = {std::string(n, 'a'),
                                      std::string(n, ' '),
                                      std::string(n, ' ') + "x",
                                      std::string(n, '\n'),
                                      std::string(n, '7'),
                                      std::string(n, '.'),
                                      "",
                                      ""};
    for (std::size_t i = 0; i < n; i += 2) texts[6] += " \n";
    for (std::size_t i = 0; i < n; i += 2) texts[7] += "\t ";
    texts[7] += 'x';
    for (const char* pre :
         {"gpt-2", "smollm", "llama-bpe", "qwen2", "deepseek-coder", "deepseek-llm", "deepseek-v3", "falcon",
          "gpt-4o", "tekken", "kimi-k2", "youtu", "afmoe", "bloom", "superbpe", "exaone-moe", "jais-2"}) {
        const auto t = make(v, pre);
        struct job {
            const tokenizer* t;
            const std::vector<std::string>* texts;
            std::size_t n_right = 0;
        } jobs[2] = {{&t, &texts}, {&t, &texts}};
        pthread_attr_t small;
        pthread_attr_init(&small);
        pthread_attr_setstacksize(&small, 128 << 10);
        pthread_t threads[2];
        for (int i = 0; i < 2; ++i)
            REQUIRE(pthread_create(
                        &threads[i], &small,
                        [](void* p) -> void* {
                            auto& j = *static_cast<job*>(p);
                            for (const auto& text : *j.texts) {
                                const auto found = j.t->encode(text);
                                j.n_right += found.ok() && *j.t->decode(*found) == text;
                            }
                            return nullptr;
                        },
                        &jobs[i]) == 0);
        for (const auto thread : threads) pthread_join(thread, nullptr);
        pthread_attr_destroy(&small);
        for (const auto& j : jobs) CHECK(j.n_right == texts.size());
    }
}

static qslip::result<tokenizer> from_file(const tiny_vocabulary& v, void (*change)(qslip::gguf_writer&),
                                          const char* leave_out = "", std::string_view pre = {}) {
    const qslip::test::temp_folder folder;
    const auto path = folder.file("v.gguf");
    auto file = qslip::gguf_writer::create(path);
    REQUIRE(file.ok());
    const std::string left_out = leave_out;
    const auto key = [&](const char* name) { return std::string("tokenizer.ggml.") + name; };
    if (left_out != "model") file->add_string(key("model"), "gpt2");
    if (left_out != "pre") file->add_string(key("pre"), "gpt-2");
    if (left_out != "tokens") file->add_string_array(key("tokens"), v.tokens);
    if (left_out != "token_type") file->add_i32_array(key("token_type"), v.types);
    if (left_out != "merges") file->add_string_array(key("merges"), v.merges);
    change(*file);
    REQUIRE(file->commit().ok());
    auto opened = qslip::gguf_file::open(path);
    REQUIRE_MESSAGE(opened.ok(), opened.status().message());
    return tokenizer::from_gguf(*opened, {}, pre);
}

TEST_CASE("tokenizer: from a file, and what a file can lack") {
    const auto v = sample_vocabulary();
    const auto nothing = [](qslip::gguf_writer&) {};
    const auto good = from_file(v, [](qslip::gguf_writer& f) {
        f.add_uint("tokenizer.ggml.bos_token_id", 1);
        f.add_uint("tokenizer.ggml.eos_token_id", 2);
        f.add_bool("tokenizer.ggml.add_bos_token", true);
    });
    REQUIRE_MESSAGE(good.ok(), good.status().message());
    CHECK(*good->encode("hello", {.add_bos_if_model_says = true}) == ids{1, 259});
    CHECK(good->is_end_of_generation(2));

    for (const char* key : {"model", "tokens", "token_type", "merges"}) {
        const auto made = from_file(v, nothing, key);
        CHECK(made.status().code() == errc::not_found);
        CHECK(std::string(made.status().message()).find(std::string("tokenizer.ggml.") + key) !=
              std::string::npos);
    }
    const auto no_pre = from_file(v, nothing, "pre");
    CHECK(no_pre.status().code() == errc::unsupported);
    CHECK(std::string(no_pre.status().message()).find("v.gguf: tokenizer.ggml.pre is missing") !=
          std::string::npos);
    CHECK(from_file(v, nothing, "pre", "gpt2").ok());
    CHECK(from_file(v, nothing, "", "foo-9").status().code() == errc::unsupported);

    const auto other = from_file(
        v, [](auto& f) { f.add_string("tokenizer.ggml.model", "bert"); }, "model");
    CHECK(other.status().code() == errc::unsupported);
    const auto wrong = from_file(
        v, [](auto& f) { f.add_string("tokenizer.ggml.merges", "a b"); }, "merges");
    CHECK(wrong.status().code() == errc::type);
    const auto flag = from_file(v, [](auto& f) { f.add_uint("tokenizer.ggml.add_bos_token", 1); });
    CHECK(flag.status().code() == errc::type);
    const auto far = from_file(v, [](auto& f) { f.add_uint("tokenizer.ggml.bos_token_id", 270); });
    CHECK(far.status().code() == errc::format);
    const auto text = from_file(v, [](auto& f) { f.add_string("tokenizer.ggml.eot_token_id", "x"); });
    CHECK(text.status().code() == errc::type);
}

TEST_CASE("parts of a text: control tokens only where the part allows them, words across parts") {
    const auto v = qslip_test::sample_vocabulary();
    const auto t = tokenizer::create(v.parts());
    REQUIRE(t.ok());
    const std::string text = "<s>he</s>llo <s>";
    const qslip::text_part parts[] = {{3, true}, {8, false}, {6, true}};
    REQUIRE(text.size() == 17 - 1);
    const qslip::text_part fitting[] = {{3, true}, {10, false}, {3, true}};
    const auto made = t->encode_parts(text, fitting);
    REQUIRE(made.ok());
    CHECK(made->front() == t->encode("<s>", {.parse_special = true})->front());
    CHECK(made->back() == made->front());
    CHECK(*t->decode(*made) == text);
    CHECK(std::count(made->begin(), made->end(), t->encode("</s>", {.parse_special = true})->front()) == 0);
    const qslip::text_part whole[] = {{text.size(), true}};
    CHECK(*t->encode_parts(text, whole) == *t->encode(text, {.parse_special = true}));
    const qslip::text_part plain[] = {{4, false}, {text.size() - 4, false}};
    CHECK(*t->encode_parts(text, plain) == *t->encode(text));
    CHECK(t->encode_parts(text, parts).status().code() == qslip::errc::arg);
    CHECK(t->encode_parts(text, std::span(fitting, 2)).status().code() == qslip::errc::arg);
}
