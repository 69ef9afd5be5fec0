// The splitting rules, one table. A rule is what the model's authors published in tokenizer.json; which name
// stands for which rule is a convention of GGUF converters. Normalizers (Qwen 2: NFC) are not in GGUF and not
// applied, as in llama.cpp.
#include "text/tokenizer_pre.hpp"

#include <qslip/tokenizer.hpp>

#include <array>

namespace qslip {

// Unicode White_Space inside a class. Not \s, which in PCRE2 has U+180E too.
#define QSLIP_WS R"(\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define QSLIP_LAST_SPACES "[" QSLIP_WS "]+(?![^" QSLIP_WS "])"
// ASCII case only, as in llama.cpp. (?i) of the published rule also folds U+017F into s.
#define QSLIP_CONTRACTIONS_ANY_CASE R"('(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL]))"

static constexpr std::string_view gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^)" QSLIP_WS R"(\p{L}\p{N}]+|)" QSLIP_LAST_SPACES;

static constexpr std::array gpt2 = {gpt2_words};
static constexpr std::array digits_then_gpt2 = {std::string_view(R"(\p{N})"), gpt2_words};

// Digits in groups of up to three (Llama 3) or one by one (Qwen 2); the rest is common.
#define QSLIP_LLAMA3_WORDS(digits, marks)                                                                \
    QSLIP_CONTRACTIONS_ANY_CASE R"(|[^\r\n\p{L}\p{N}]?[\p{L})" marks R"(]+|)" digits R"(| ?[^)" QSLIP_WS \
                                R"(\p{L}\p{N})" marks R"(]+[\r\n]*|[)" QSLIP_WS                          \
                                R"(]*[\r\n]+|)" QSLIP_LAST_SPACES "|[" QSLIP_WS "]+"
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
                                              cjk_words, std::string_view(R"(\p{N})")};

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

static constexpr std::array falcon = {std::string_view(R"([\p{P}\$\+<=>\^~\|`]+)"), gpt2_words,
                                      std::string_view("[0-9][0-9][0-9]")};

template <class... Names>
static constexpr auto names(Names... each) {
    return std::array<std::string_view, sizeof...(each)>{each...};
}
static constexpr auto gpt2_names = names("gpt-2", "gpt2", "phi-2", "gigachat", "a.x-4.0", "mellum", "exaone4",
                                         "mpt", "olmo", "jais", "trillion", "granite-docling");
static constexpr auto smollm_names =
    names("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2");
static constexpr auto llama3_names =
    names("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2");
static constexpr auto dbrx_names = names("dbrx", "smaug-bpe", "chatglm-bpe");
static constexpr auto glm4_names = names("glm4", "glm5");
static constexpr auto qwen2_names =
    names("qwen2", "deepseek-r1-qwen", "kormo", "megrez", "hunyuan", "solar-open", "stablelm2");
static constexpr auto qwen35_names = names("qwen35");
static constexpr auto deepseek_coder_names = names("deepseek-coder");
static constexpr auto deepseek_llm_names = names("deepseek-llm");
static constexpr auto falcon_names = names("falcon");

static constexpr std::array rules = {
    pre_rule{"gpt-2", gpt2_names, gpt2, false, false},
    pre_rule{"smollm", smollm_names, digits_then_gpt2, false, false},
    pre_rule{"llama-bpe", llama3_names, llama3, true, true},
    pre_rule{"dbrx", dbrx_names, llama3, false, false},
    pre_rule{"glm4", glm4_names, llama3, true, false},
    pre_rule{"qwen2", qwen2_names, qwen2, false, false},
    pre_rule{"qwen35", qwen35_names, qwen35, false, false},
    pre_rule{"deepseek-coder", deepseek_coder_names, deepseek_coder, false, false},
    pre_rule{"deepseek-llm", deepseek_llm_names, deepseek_llm, false, false},
    pre_rule{"falcon", falcon_names, falcon, false, false},
};

const pre_rule* find_pre_rule(std::string_view name) {
    for (const auto& rule : rules)
        for (const auto known : rule.names)
            if (known == name) return &rule;
    return nullptr;
}

std::vector<std::string_view> known_pre_tokenizers() {
    std::vector<std::string_view> all;
    for (const auto& rule : rules) all.insert(all.end(), rule.names.begin(), rule.names.end());
    return all;
}

}  // namespace qslip
