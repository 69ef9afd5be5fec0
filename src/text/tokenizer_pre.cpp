// The splitting rules, one table. A rule is what the model's authors published in tokenizer.json; which name
// stands for which rule is a convention of GGUF converters. Normalizers (Qwen 2: NFC) are not in GGUF and not
// applied, as in llama.cpp. Where llama.cpp approximates a published rule (upper and lower case outside ASCII
// in tekken, gpt-4o and kimi-k2) the published one stands here.
#include "text/tokenizer_pre.hpp"

#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <array>

namespace qslip {

// Unicode White_Space inside a class. Not \s, which in PCRE2 has U+180E too.
#define QSLIP_WS R"(\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define QSLIP_LAST_SPACES "[" QSLIP_WS "]+(?![^" QSLIP_WS "])"
// ASCII case only, as in llama.cpp. (?i) of the published rule also folds U+017F into s.
#define QSLIP_CONTRACTIONS_ANY_CASE R"('(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL]))"

static constexpr std::string_view gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^)" QSLIP_WS R"(\p{L}\p{N}]+|)" QSLIP_LAST_SPACES;

static constexpr std::string_view one_digit = R"(\p{N})";

static constexpr std::array gpt2 = {gpt2_words};
static constexpr std::array digits_then_gpt2 = {one_digit, gpt2_words};

#define QSLIP_SPACES QSLIP_LAST_SPACES "|[" QSLIP_WS "]+"
#define QSLIP_LINE_ENDS_THEN_SPACES "[" QSLIP_WS R"(]*[\r\n]+|)" QSLIP_SPACES
// A word with the character in front of it; digits in groups of up to three (Llama 3) or one by one (Qwen 2);
// the rest is common.
#define QSLIP_LETTERS(marks) R"([^\r\n\p{L}\p{N}]?[\p{L})" marks "]+"
#define QSLIP_OTHERS(marks) " ?[^" QSLIP_WS R"(\p{L}\p{N})" marks "]+"
#define QSLIP_UNCONTRACTED_WORDS(digits, marks) \
    QSLIP_LETTERS(marks) "|" digits "|" QSLIP_OTHERS(marks) R"([\r\n]*|)" QSLIP_LINE_ENDS_THEN_SPACES
#define QSLIP_LLAMA3_WORDS(digits, marks) \
    QSLIP_CONTRACTIONS_ANY_CASE "|" QSLIP_UNCONTRACTED_WORDS(digits, marks)
static constexpr std::array llama3 = {std::string_view(QSLIP_LLAMA3_WORDS(R"(\p{N}{1,3})", ""))};
static constexpr std::array qwen2 = {std::string_view(QSLIP_LLAMA3_WORDS(R"(\p{N})", ""))};
static constexpr std::array qwen35 = {std::string_view(QSLIP_LLAMA3_WORDS(R"(\p{N})", R"(\p{M})"))};

static constexpr std::string_view line_ends = R"([\r\n])";
static constexpr std::string_view cjk_words = R"([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)";
static constexpr std::array deepseek_coder = {line_ends,
                                              std::string_view("[" QSLIP_WS "]?"
                                                               R"(\p{L}+)"),
                                              std::string_view("[" QSLIP_WS "]?"
                                                               R"(\p{P}+)"),
                                              cjk_words, one_digit};

static constexpr std::string_view deepseek_letters =
    "[" QSLIP_WS
    "]?["
    R"(A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293})"
    R"(\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A})"
    R"(\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556})"
    R"(\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF})"
    R"(\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D})"
    R"(\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D})"
    R"(\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC})"
    R"(\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC})"
    R"(\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128})"
    R"(\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183})"
    R"(\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D})"
    R"(\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF})"
    R"(\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F})"
    R"(\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2})"
    R"(\x{118A0}-\x{118DF}\x{1E900}-\x{1E943})"
    "]+";
static constexpr std::array deepseek_llm = {
    line_ends, deepseek_letters,
    std::string_view("[" QSLIP_WS
                     R"(]?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)"),
    // Published as \s+$. The lookbehind finds the same match without a search from each space of a long run.
    std::string_view("(?<![" QSLIP_WS "])[" QSLIP_WS R"(]++\z)"), cjk_words, std::string_view(R"(\p{N}+)")};

// Upper case then lower case is one word; `upper` and `lower` are the insides of character classes.
#define QSLIP_UPPER R"(\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M})"
#define QSLIP_LOWER R"(\p{Ll}\p{Lm}\p{Lo}\p{M})"
#define QSLIP_CASED(upper, lower, ending)                                                              \
    R"([^\r\n\p{L}\p{N}]?[)" upper "]*[" lower "]+" ending R"(|[^\r\n\p{L}\p{N}]?[)" upper "]+[" lower \
    "]*" ending
#define QSLIP_MARKS_AND_SPACES QSLIP_OTHERS("") R"([\r\n/]*|)" QSLIP_LINE_ENDS_THEN_SPACES
#define QSLIP_CONTRACTION_ENDING "(?:" QSLIP_CONTRACTIONS_ANY_CASE ")?"
static constexpr std::string_view gpt4o_words =
    QSLIP_CASED(QSLIP_UPPER, QSLIP_LOWER, QSLIP_CONTRACTION_ENDING) R"(|\p{N}{1,3}|)" QSLIP_MARKS_AND_SPACES;
static constexpr std::array gpt4o = {gpt4o_words};
static constexpr std::array tiny_aya = {digits_in_threes, gpt4o_words};
static constexpr std::array tekken = {
    std::string_view(QSLIP_CASED(QSLIP_UPPER, QSLIP_LOWER, "") R"(|\p{N}|)" QSLIP_MARKS_AND_SPACES)};
static constexpr std::array youtu = {
    std::string_view(
        R"([\x{AC00}-\x{D7A3}\x{3131}-\x{318E}]+|[\x{FF01}\x{2026}\x{201C}\x{201D}\x{2018}\x{2019}\x{2014})"
        R"(\x{FF1A}\x{FF1B}\x{FF0C}\x{3001}-\x{303F}\x{FE30}-\x{FE4F}]+|[\x{3105}-\x{312F}]+)"
        R"(|[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)"),
    std::string_view(
        QSLIP_CASED(QSLIP_UPPER, QSLIP_LOWER, QSLIP_CONTRACTION_ENDING) R"(|\p{N}|)" QSLIP_MARKS_AND_SPACES)};

// As gpt-4o, with Han characters in words of their own: the classes say what they leave out.
#define QSLIP_NOT_IN_WORDS R"(\p{Han}\p{N}\p{P}\p{S}\p{Z}\p{C})"
static constexpr std::array kimi_k2 = {std::string_view(R"(\p{Han}+|)" QSLIP_CASED(
    R"(^\p{Ll})" QSLIP_NOT_IN_WORDS, R"(^\p{Lu}\p{Lt})" QSLIP_NOT_IN_WORDS,
    QSLIP_CONTRACTION_ENDING) R"(|\p{N}{1,3}|)" QSLIP_OTHERS("") R"([\r\n]*|)" QSLIP_LINE_ENDS_THEN_SPACES)};

static constexpr std::string_view han_and_kana = R"([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)";
static constexpr std::string_view up_to_three_digits = R"(\p{N}{1,3})";
#define QSLIP_PUNCTUATED_LETTERS \
    R"([!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+)"
static constexpr std::string_view deepseek3_words =
    QSLIP_PUNCTUATED_LETTERS R"([\r\n]*|)" QSLIP_LINE_ENDS_THEN_SPACES;
static constexpr std::array deepseek3 = {up_to_three_digits, han_and_kana, deepseek3_words};
static constexpr std::array spark = {up_to_three_digits, han_and_kana,
                                     std::string_view(QSLIP_PUNCTUATED_LETTERS R"(|[\r\n]|)" QSLIP_SPACES),
                                     one_digit};
static constexpr std::array afmoe = {
    digits_in_threes,
    std::string_view(
        R"([\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{F900}-\x{FAFF}\x{3040}-\x{309F}\x{30A0}-\x{30FF})"
        R"(\x{FF65}-\x{FF9F}\x{2F00}-\x{2FDF}\x{E40}-\x{E7F}\x{E80}-\x{EFF}\x{1780}-\x{17FF})"
        R"(\x{1000}-\x{109F}\x{AA60}-\x{AA7F}\x{A9E0}-\x{A9FF}\x{AC00}-\x{D7AF}\x{1100}-\x{11FF}]+)"),
    deepseek3_words};

static constexpr std::array falcon = {std::string_view(R"([\p{P}\$\+<=>\^~\|`]+)"), gpt2_words,
                                      std::string_view("[0-9][0-9][0-9]")};
static constexpr std::string_view unpunctuated =
    " ?[^(" QSLIP_WS R"(|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+)";
static constexpr std::array bloom = {unpunctuated};
static constexpr std::array viking = {unpunctuated, one_digit};
static constexpr std::array chameleon = {
    std::string_view("<sentinel:[0-9]+>"),       std::string_view("IMGIMG[A-I]{1,4}Z"),
    std::string_view(R"([\t\n]|    |  )"),       one_digit,
    std::string_view(R"([\p{P}!-/:-@\[-`{-~])"), gpt2_words};
static constexpr std::array superbpe = {std::string_view(R"(\p{N}+)"), digits_in_threes};
static constexpr std::array bailingmoe = {std::string_view(QSLIP_CONTRACTIONS_ANY_CASE "|" QSLIP_LETTERS(
    "") R"(|\p{N}|)" QSLIP_OTHERS("") R"([\r\n]*|[)" QSLIP_WS R"(]*[\r\n]|)" QSLIP_SPACES)};
static constexpr std::array seed_coder = {std::string_view(QSLIP_CONTRACTIONS_ANY_CASE "|" QSLIP_LETTERS(
    "") R"(|\p{N}|)" QSLIP_OTHERS(R"(\r\n)") "|" QSLIP_LINE_ENDS_THEN_SPACES)};
static constexpr std::array ufakzeka = {std::string_view(QSLIP_UNCONTRACTED_WORDS(R"(\p{N})", ""))};
static constexpr std::array minicpm5 = {up_to_three_digits,
                                        std::string_view(QSLIP_LLAMA3_WORDS(R"(\p{N}+)", ""))};
static constexpr std::string_view lines = R"([^\n]+|\n+)";
static constexpr std::array laguna = {lines, std::string_view(QSLIP_LLAMA3_WORDS(R"(\p{N})", ""))};
static constexpr std::array only_lines = {lines};
static constexpr std::array exaone_moe = {
    std::string_view(QSLIP_CONTRACTIONS_ANY_CASE
                     R"(|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*+(?: \p{L}\p{M}*+)*+)++|\p{N}|)" QSLIP_OTHERS(
                         "") R"([\r\n/]?|[)" QSLIP_WS R"(]*[\r\n]|)" QSLIP_SPACES)};
#define QSLIP_SPACES_OF(n) "[" QSLIP_WS "]{" n "}(?![^" QSLIP_WS "])|"
static constexpr std::array jais2 = {std::string_view(
    QSLIP_CONTRACTIONS_ANY_CASE "|" QSLIP_LETTERS("") R"(|\p{N}{1,3}|)" QSLIP_OTHERS(
        "") R"([\r\n]*|[)" QSLIP_WS R"(]*[\r\n]+|)" QSLIP_SPACES_OF("512") QSLIP_SPACES_OF("256")
        QSLIP_SPACES_OF("128") QSLIP_SPACES_OF("64") QSLIP_SPACES_OF("32") QSLIP_SPACES_OF("16")
            QSLIP_SPACES_OF("8") QSLIP_SPACES_OF("4") QSLIP_SPACES_OF("1,2") "[" QSLIP_WS "]")};

template <class... Names>
static constexpr auto names(Names... each) {
    return std::array<std::string_view, sizeof...(each)>{each...};
}
static constexpr auto gpt2_names =
    names("gpt-2", "gpt2", "phi-2", "gigachat", "a.x-4.0", "mellum", "exaone4", "mpt", "olmo", "jais",
          "trillion", "granite-docling", "modern-bert", "roberta-bpe", "jina-es", "jina-de", "jina-v2-es",
          "jina-v2-de", "jina-v1-en", "jina-v2-code");
static constexpr auto smollm_names =
    names("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2");
static constexpr auto llama3_names = names("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1",
                                           "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
static constexpr auto dbrx_names = names("dbrx", "smaug-bpe", "chatglm-bpe");
static constexpr auto glm4_names = names("glm4", "glm5");
static constexpr auto qwen2_names = names("qwen2", "deepseek-r1-qwen", "kormo", "megrez", "hunyuan",
                                          "solar-open", "stablelm2", "grok-2", "f2llmv2");
static constexpr auto qwen35_names = names("qwen35");
static constexpr auto deepseek_coder_names = names("deepseek-coder");
static constexpr auto deepseek_llm_names = names("deepseek-llm");
static constexpr auto deepseek3_names = names("deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4");
static constexpr auto falcon_names = names("falcon");
static constexpr auto gpt4o_names = names("gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
static constexpr auto granite_names = names("granite-embed-multi-97m");
static constexpr auto tiny_aya_names = names("tiny_aya", "cohere2moe");
static constexpr auto tekken_names = names("tekken");
static constexpr auto kimi_k2_names = names("kimi-k2");
static constexpr auto youtu_names = names("youtu");
static constexpr auto spark_names = names("spark2_5");
static constexpr auto afmoe_names = names("afmoe");
static constexpr auto bloom_names = names("bloom", "poro-chat", "gpt3-finnish");
static constexpr auto viking_names = names("viking");
static constexpr auto chameleon_names = names("chameleon");
static constexpr auto superbpe_names = names("superbpe");
static constexpr auto bailingmoe_names = names("bailingmoe", "bailingmoe2", "llada-moe");
static constexpr auto seed_coder_names = names("seed-coder");
static constexpr auto ufakzeka_names = names("ufakzeka");
static constexpr auto minicpm5_names = names("minicpm5");
static constexpr auto laguna_names = names("laguna");
static constexpr auto exaone_moe_names = names("exaone-moe");
static constexpr auto jais2_names = names("jais-2");
static constexpr auto gemma4_names = names("gemma4", "granite-embed-multi-311m");
static constexpr auto sarvam_names = names("sarvam-moe");

#define QSLIP_PUBLISHED_SPACES R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
#define QSLIP_PUBLISHED_LLAMA3(digits)                                 \
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)" digits \
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|)" QSLIP_PUBLISHED_SPACES
#define QSLIP_PUBLISHED_CASED(ending)                                                        \
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)" ending \
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)" ending
#define QSLIP_PUBLISHED_MARKS R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" QSLIP_PUBLISHED_SPACES
constexpr std::string_view byte_level_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
static constexpr std::array published_gpt2 = {byte_level_pattern};
static constexpr std::array published_smollm = {one_digit, byte_level_pattern};
static constexpr std::array published_llama3 = {std::string_view(QSLIP_PUBLISHED_LLAMA3(R"(\p{N}{1,3})"))};
static constexpr std::array published_qwen2 = {std::string_view(QSLIP_PUBLISHED_LLAMA3(R"(\p{N})"))};
static constexpr std::array published_gpt4o = {std::string_view(
    QSLIP_PUBLISHED_CASED(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)") R"(|\p{N}{1,3})" QSLIP_PUBLISHED_MARKS)};
static constexpr std::array published_tekken = {
    std::string_view(QSLIP_PUBLISHED_CASED("") R"(|\p{N})" QSLIP_PUBLISHED_MARKS)};

static constexpr std::array rules = {
    pre_rule{"gpt-2", gpt2_names, gpt2, false, false, false, published_gpt2},
    pre_rule{"smollm", smollm_names, digits_then_gpt2, false, false, false, published_smollm},
    pre_rule{"llama-bpe", llama3_names, llama3, true, true, false, published_llama3},
    pre_rule{"dbrx", dbrx_names, llama3, false, false, false, published_llama3},
    pre_rule{"glm4", glm4_names, llama3, true, false, false, published_llama3},
    pre_rule{"qwen2", qwen2_names, qwen2, false, false, false, published_qwen2},
    pre_rule{"qwen35", qwen35_names, qwen35},
    pre_rule{"deepseek-coder", deepseek_coder_names, deepseek_coder},
    pre_rule{"deepseek-llm", deepseek_llm_names, deepseek_llm},
    pre_rule{"deepseek-v3", deepseek3_names, deepseek3},
    pre_rule{"falcon", falcon_names, falcon},
    pre_rule{"gpt-4o", gpt4o_names, gpt4o, false, false, false, published_gpt4o},
    pre_rule{"granite-embed-multi-97m", granite_names, gpt4o, true, false, false, published_gpt4o},
    pre_rule{"tiny_aya", tiny_aya_names, tiny_aya},
    pre_rule{"tekken", tekken_names, tekken, true, true, false, published_tekken},
    pre_rule{"kimi-k2", kimi_k2_names, kimi_k2},
    pre_rule{"youtu", youtu_names, youtu, true},
    pre_rule{"spark2_5", spark_names, spark},
    pre_rule{"afmoe", afmoe_names, afmoe},
    pre_rule{"bloom", bloom_names, bloom},
    pre_rule{"viking", viking_names, viking},
    pre_rule{"chameleon", chameleon_names, chameleon, false, true},
    pre_rule{"superbpe", superbpe_names, superbpe},
    pre_rule{"bailingmoe", bailingmoe_names, bailingmoe},
    pre_rule{"seed-coder", seed_coder_names, seed_coder},
    pre_rule{"ufakzeka", ufakzeka_names, ufakzeka},
    pre_rule{"minicpm5", minicpm5_names, minicpm5, true},
    pre_rule{"laguna", laguna_names, laguna},
    pre_rule{"exaone-moe", exaone_moe_names, exaone_moe},
    pre_rule{"jais-2", jais2_names, jais2},
    pre_rule{"gemma4", gemma4_names, only_lines, false, true, true},
    pre_rule{"sarvam-moe", sarvam_names, only_lines, false, false, true},
};

const pre_rule* find_pre_rule(std::string_view name) {
    for (const auto& rule : rules)
        for (const auto known : rule.names)
            if (known == name) return &rule;
    return nullptr;
}

const pre_rule* find_published_rule(std::span<const std::string> patterns, bool ignore_merges) {
    for (const auto& rule : rules)
        if (!rule.published.empty() && rule.ignore_merges == ignore_merges &&
            std::ranges::equal(rule.published, patterns))
            return &rule;
    return nullptr;
}

std::vector<std::string_view> known_pre_tokenizers() {
    std::vector<std::string_view> all;
    for (const auto& rule : rules) all.insert(all.end(), rule.names.begin(), rule.names.end());
    return all;
}

}  // namespace qslip
