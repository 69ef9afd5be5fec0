// Files often name one end mark only, while chat models write another, and converters give control tokens the
// type of ordinary text. The texts are conventions of model families; the treatment is llama.cpp's.
#include "text/tokenizer_ends.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <unordered_map>

namespace qslip {
namespace {

enum class role { end, control, visible };
struct known_token {
    std::string_view text;
    role as;
};

#define QSLIP_BAR "\xEF\xBD\x9C"   // U+FF5C
#define QSLIP_MARK "\xE2\x96\x81"  // U+2581
constexpr known_token known_tokens[] = {
    {"<|eot_id|>", role::end},
    {"<|im_end|>", role::end},
    {"<|end|>", role::end},
    {"<|return|>", role::end},
    {"<|call|>", role::end},
    {"<|flush|>", role::end},
    {"<|calls|>", role::end},
    {"<end_of_turn>", role::end},
    {"<|endoftext|>", role::end},
    {"</s>", role::end},
    {"<|eom_id|>", role::end},
    {"<EOT>", role::end},
    {"<|EOT|>", role::end},
    {"_<EOT>", role::end},
    {"[EOT]", role::end},
    {"[EOS]", role::end},
    {"<|end_of_text|>", role::end},
    {"<end_of_utterance>", role::end},
    {"<eos>", role::end},
    {"<turn|>", role::end},
    {"<|tool_response>", role::end},
    {"<" QSLIP_BAR "end" QSLIP_MARK "of" QSLIP_MARK "sentence" QSLIP_BAR ">", role::end},
    {"[e~[", role::end},
    // Padding, repository and file marks of code models end what is generated.
    {"<|fim_pad|>", role::end},
    {"<fim-pad>", role::end},
    {"<fim_pad>", role::end},
    {"<PAD>", role::end},
    {"[PAD]", role::end},
    {"<|fim_repo|>", role::end},
    {"<|repo_name|>", role::end},
    {"<fim-repo>", role::end},
    {"<REPO>", role::end},
    {"<reponame>", role::end},
    {"<|file_sep|>", role::end},
    {"<|fim_prefix|>", role::control},
    {"<fim-prefix>", role::control},
    {"<fim_prefix>", role::control},
    {"<" QSLIP_BAR "fim" QSLIP_MARK "begin" QSLIP_BAR ">", role::control},
    {"<PRE>", role::control},
    {QSLIP_MARK "<PRE>", role::control},
    {"<|code_prefix|>", role::control},
    {"<|fim_suffix|>", role::control},
    {"<fim-suffix>", role::control},
    {"<fim_suffix>", role::control},
    {"<" QSLIP_BAR "fim" QSLIP_MARK "hole" QSLIP_BAR ">", role::control},
    {"<SUF>", role::control},
    {QSLIP_MARK "<SUF>", role::control},
    {"<|code_suffix|>", role::control},
    {"<|fim_middle|>", role::control},
    {"<fim-middle>", role::control},
    {"<fim_middle>", role::control},
    {"<" QSLIP_BAR "fim" QSLIP_MARK "end" QSLIP_BAR ">", role::control},
    {"<MID>", role::control},
    {QSLIP_MARK "<MID>", role::control},
    {"<|code_middle|>", role::control},
    // Parts of an answer that readers want to see.
    {"<|channel|>", role::visible},
    {"<|message|>", role::visible},
    {"<|start|>", role::visible},
    {"<|constrain|>", role::visible},
};

class mark_finder {
public:
    mark_finder(const std::vector<std::string_view>& tokens, std::vector<token_type>& types)
        : tokens_(tokens), types_(types) {
        for (const auto& known : known_tokens) roles_.emplace(known.text, known.as);
    }

    customary_marks find() {
        for (std::size_t i = 0; i < tokens_.size(); ++i)
            if (const auto known = roles_.find(tokens_[i]); known != roles_.end())
                found_.emplace(known->first, i);
        drop_false_ends();
        for (const auto& [text, as] : known_tokens)
            if (const auto found = found_.find(text); found != found_.end()) mark(found->second, as);
        return std::move(marks_);
    }

private:
    bool has(std::string_view text) const { return found_.contains(text); }

    /// Some families use a customary end mark inside their answers.
    void drop_false_ends() {
        const bool harmony = has("<|return|>") && has("<|call|>");
        const bool solar = has("<|flush|>") && (has("<|call|>") || has("<|calls|>"));
        if ((harmony || solar) && has("<|end|>")) {
            types_[found_.at("<|end|>")] = token_type::user_defined;
            found_.erase("<|end|>");
        }
        if (has("<|tool_response>") && has("</s>")) {
            types_[found_.at("</s>")] = token_type::normal;
            found_.erase("</s>");
        }
    }

    void mark(std::size_t i, role as) {
        if (as == role::visible) {
            types_[i] = token_type::user_defined;
            return;
        }
        if (as == role::end) marks_.ends.push_back(static_cast<std::int32_t>(i));
        if (types_[i] == token_type::control || types_[i] == token_type::unknown) return;
        types_[i] = token_type::control;
        marks_.notes.push_back("token " + std::to_string(i) + " (" + quoted(tokens_[i]) +
                               ") is ordinary text by its type in the file; taken as a control token" +
                               (as == role::end ? ", which ends an answer" : ""));
    }

    const std::vector<std::string_view>& tokens_;
    std::vector<token_type>& types_;
    std::unordered_map<std::string_view, role> roles_;
    std::unordered_map<std::string_view, std::size_t> found_;
    customary_marks marks_;
};

}  // namespace

customary_marks find_customary_marks(const std::vector<std::string_view>& tokens,
                                     std::vector<token_type>& types) {
    return mark_finder(tokens, types).find();
}

}  // namespace qslip
