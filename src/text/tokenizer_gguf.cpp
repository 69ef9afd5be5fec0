#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/tokenizer.hpp>

#include "formats/gguf.hpp"

namespace qslip {
namespace {

/// The tokenizer.ggml.* keys of a file. The views of the parts live as long as the file.
class key_reader {
public:
    key_reader(const gguf_file& file, std::string_view pre_override) : file_(file) {
        parts_.pre = pre_override;
    }

    result<tokenizer_parts> read() {
        QSLIP_CHECK(read_family());
        if (parts_.pre.empty() && has("pre")) {
            QSLIP_TRY(parts_.pre, file_.get_string(key("pre")));
        }
        QSLIP_TRY(parts_.tokens, texts("tokens"));
        QSLIP_TRY(parts_.types, file_.get_i32_array(key("token_type")));
        if (parts_.family == tokenizer_family::bpe) {
            QSLIP_TRY(parts_.merges, texts("merges"));
        } else {
            QSLIP_TRY(const auto scores, file_.get_f32_array(key("scores")));
            parts_.scores.assign(scores.begin(), scores.end());
            QSLIP_CHECK(read_space_rules());
        }
        QSLIP_CHECK(read_marks());
        return std::move(parts_);
    }

private:
    static std::string key(std::string_view name) { return "tokenizer.ggml." + std::string(name); }
    bool has(std::string_view name) const { return file_.has(key(name)); }

    status read_family() {
        QSLIP_TRY(const auto model, file_.get_string(key("model")));
        if (model == "gemma4") {
            if (parts_.pre.empty()) parts_.pre = model;
        } else if (model == "llama") {
            parts_.family = tokenizer_family::spm;
        } else if (model == "t5") {
            parts_.family = tokenizer_family::unigram;
        } else if (model != "gpt2") {
            return {errc::unsupported,
                    "tokenizer.ggml.model = " + quoted(model) +
                        "; supported: \"gpt2\" and \"gemma4\" (BPE), \"llama\" (SPM), \"t5\" (Unigram)"};
        }
        return {};
    }

    result<std::vector<std::string_view>> texts(std::string_view name) const {
        QSLIP_TRY(const auto list, file_.get_string_array(key(name)));
        std::vector<std::string_view> all;
        all.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) all.push_back(list[i]);
        return all;
    }

    status read_space_rules() {
        QSLIP_CHECK(read_flag("add_space_prefix", parts_.add_space_prefix));
        std::optional<bool> squeeze;
        QSLIP_CHECK(read_flag("remove_extra_whitespaces", squeeze));
        parts_.remove_extra_whitespaces = squeeze.value_or(false);
        if (!has("precompiled_charsmap")) return {};
        QSLIP_TRY(parts_.char_map, file_.get_bytes(key("precompiled_charsmap")));
        return {};
    }

    status read_flag(std::string_view name, std::optional<bool>& flag) const {
        if (!has(name)) return {};
        QSLIP_TRY(flag, file_.get_bool(key(name)));
        return {};
    }

    status read_id(std::string_view name, std::optional<std::uint64_t>& id) const {
        if (!has(name)) return {};
        QSLIP_TRY(id, file_.get_uint(key(name)));
        return {};
    }

    status read_marks() {
        QSLIP_CHECK(read_flag("add_bos_token", parts_.add_bos));
        QSLIP_CHECK(read_id("bos_token_id", parts_.bos));
        QSLIP_CHECK(read_id("eos_token_id", parts_.eos));
        QSLIP_CHECK(read_id("eot_token_id", parts_.eot));
        QSLIP_CHECK(read_id("eom_token_id", parts_.eom));
        if (parts_.family != tokenizer_family::bpe) {
            QSLIP_CHECK(read_id("unknown_token_id", parts_.unknown));
        }
        for (const auto* name : {"fim_pad_token_id", "fim_rep_token_id", "fim_sep_token_id"}) {
            std::optional<std::uint64_t> end;
            QSLIP_CHECK(read_id(name, end));
            if (end) parts_.more_ends.push_back(*end);
        }
        return {};
    }

    const gguf_file& file_;
    tokenizer_parts parts_;
};

status in_file(const gguf_file& file, const status& why) {
    return {why.code(), escaped(file.file().path()) + ": " + why.message()};
}

}  // namespace

result<tokenizer> tokenizer::from_gguf(const gguf_file& file, const limits& limits,
                                       std::string_view pre_override) {
    auto parts = key_reader(file, pre_override).read();
    if (!parts) return in_file(file, parts.status());
    auto made = create(*parts, limits);
    if (!made) return in_file(file, made.status());
    return made;
}

result<tokenizer> tokenizer::open(const std::string& path, const limits& limits,
                                  std::string_view pre_override) {
    QSLIP_TRY(const auto file, gguf_file::open(path, limits));
    return from_gguf(file, limits, pre_override);
}

}  // namespace qslip
