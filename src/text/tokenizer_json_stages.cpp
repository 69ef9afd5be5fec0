#include "text/tokenizer_json_stages.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "text/base64.hpp"
#include "text/tokenizer_pattern.hpp"

namespace qslip {
namespace {

using behaviour = split_step::behaviour;
using edit = text_edit::kind;

status not_understood(const json_node& stage, std::string_view what) {
    return {errc::unsupported, std::string(stage.fault(what).message())};
}

result<std::string_view> type_of(const json_node& stage) {
    QSLIP_TRY(const auto type, stage.need("type"));
    return type.text();
}

status unknown_type(const json_node& stage, std::string_view type) {
    return not_understood(stage, "has the type " + quoted(type) + ", which is not understood");
}

/// A boolean member that may be missing or null.
result<bool> flag(const json_node& node, std::string_view key, bool otherwise) {
    const auto found = node.find(key);
    if (!found || found->is_null()) return otherwise;
    return found->boolean();
}

result<std::string> text_of(const json_node& node, std::string_view key) {
    QSLIP_TRY(const auto member, node.need(key));
    QSLIP_TRY(const auto text, member.text());
    return std::string(text);
}

/// {"String": s} or {"Regex": s} in Oniguruma's syntax.
struct json_pattern {
    std::string text;
    bool is_regex = false;
};

result<json_pattern> pattern_of(const json_node& stage) {
    QSLIP_TRY(const auto pattern, stage.need("pattern"));
    QSLIP_CHECK(only_members(pattern, {"String", "Regex"}));
    json_pattern made;
    made.is_regex = pattern.find("Regex").has_value();
    QSLIP_TRY(made.text, text_of(pattern, made.is_regex ? "Regex" : "String"));
    if (made.text.empty()) return not_understood(pattern, "is empty");
    return made;
}

result<std::string> compiled_form(const json_pattern& pattern) {
    return pattern.is_regex ? pcre2_pattern(pattern.text) : literal_pattern(pattern.text);
}

/// Each member of a Sequence.
template <class Read>
status each_stage(const json_node& stage, std::string_view key, Read read) {
    QSLIP_CHECK(only_members(stage, {"type", key}));
    QSLIP_TRY(const auto list, stage.need(key));
    QSLIP_TRY(const auto items, list.items());
    for (const auto& item : items) QSLIP_CHECK(read(item));
    return {};
}

std::optional<edit> normal_form(std::string_view type) {
    if (type == "NFC") return edit::nfc;
    if (type == "NFD") return edit::nfd;
    if (type == "NFKC") return edit::nfkc;
    if (type == "NFKD") return edit::nfkd;
    return {};
}

result<behaviour> behaviour_of(const json_node& stage) {
    QSLIP_TRY(const auto name, text_of(stage, "behavior"));
    QSLIP_TRY(const bool invert, flag(stage, "invert", false));
    if (name == "Isolated") return behaviour::isolated;
    if (name == "Removed") return invert ? behaviour::only_matches : behaviour::removed;
    if (name == "MergedWithPrevious" && !invert) return behaviour::merged_with_previous;
    return not_understood(stage, "has the behavior " + qslip::quoted(name) + (invert ? ", inverted" : "") +
                                     ", which is not understood");
}

}  // namespace

status only_members(const json_node& node, std::initializer_list<std::string_view> known) {
    QSLIP_TRY(const auto members, node.members());
    for (const auto& [key, value] : members)
        if (std::find(known.begin(), known.end(), key) == known.end())
            return not_understood(value, "is not understood");
    return {};
}

status stage_reader::read_normalizer(const json_node& stage) {
    if (stage.is_null()) return {};
    QSLIP_TRY(const auto type, type_of(stage));
    if (type == "Sequence")
        return each_stage(stage, "normalizers", [&](const json_node& s) { return read_normalizer(s); });
    only_published_ = false;
    if (type == "Replace") return read_replace(stage);
    if (type == "Precompiled") return read_charsmap(stage);
    if (type == "Prepend") {
        QSLIP_CHECK(only_members(stage, {"type", "prepend"}));
        QSLIP_TRY(auto text, text_of(stage, "prepend"));
        plan_.normalizer.add({.what = edit::prepend, .to = std::move(text)});
        return {};
    }
    const auto form = normal_form(type);
    if (!form) return unknown_type(stage, type);
    QSLIP_CHECK(only_members(stage, {"type"}));
    plan_.normalizer.add({.what = *form});
    return {};
}

status stage_reader::read_replace(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "pattern", "content"}));
    QSLIP_TRY(auto pattern, pattern_of(stage));
    QSLIP_TRY(auto content, text_of(stage, "content"));
    text_edit made{.what = edit::replace, .from = std::move(pattern.text), .to = std::move(content)};
    if (pattern.is_regex) {
        QSLIP_TRY(const auto translated, pcre2_pattern(made.from));
        QSLIP_TRY(made.pattern,
                  regex::program::compile(translated, limits_, regex::program::engine::jit_if_available));
        made.what = edit::replace_matches;
    }
    plan_.normalizer.add(std::move(made));
    return {};
}

status stage_reader::read_charsmap(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "precompiled_charsmap"}));
    QSLIP_TRY(const auto text, text_of(stage, "precompiled_charsmap"));
    const auto bytes = base64_decoded(text);
    if (!bytes) return stage.member_fault("precompiled_charsmap", "is not base64");
    QSLIP_TRY(auto map, char_map::create(*bytes));
    plan_.normalizer.add({.what = edit::charsmap, .map = std::move(map)});
    return {};
}

status stage_reader::read_pre_tokenizer(const json_node& stage) {
    if (stage.is_null()) return {};
    QSLIP_TRY(const auto type, type_of(stage));
    if (type == "Sequence")
        return each_stage(stage, "pretokenizers", [&](const json_node& s) { return read_pre_tokenizer(s); });
    if (plan_.byte_letters) return not_understood(stage, "follows ByteLevel, which is not understood");
    if (type == "ByteLevel") return read_byte_level(stage);
    if (type == "Split") return read_split(stage);
    if (type == "Digits") return read_digits(stage);
    if (type == "Punctuation") return read_punctuation(stage);
    if (type == "Metaspace") return read_metaspace(stage);
    if (type == "WhitespaceSplit") {
        splits_on_spaces_ = true;
        return add_split(R"(\s)", behaviour::removed);
    }
    if (type == "Whitespace") return add_split(R"(\w+|[^\w\s]+)", behaviour::only_matches);
    return unknown_type(stage, type);
}

/// Splitting of our own making: a pattern in Oniguruma's syntax that takes linear time.
status stage_reader::add_split(std::string_view pattern, behaviour keep) {
    only_published_ = false;
    QSLIP_TRY(const auto translated, pcre2_pattern(pattern));
    QSLIP_TRY(auto step, split_step::ours(translated, keep));
    plan_.splits.push_back(std::move(step));
    return {};
}

status stage_reader::add_published(std::string_view pattern) {
    patterns_.emplace_back(pattern);
    const bool so_far = only_published_;
    QSLIP_CHECK(add_split(pattern, behaviour::isolated));
    only_published_ = so_far;
    return {};
}

status stage_reader::read_byte_level(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    QSLIP_TRY(const bool prefix, flag(stage, "add_prefix_space", true));
    QSLIP_TRY(const bool splits, flag(stage, "use_regex", true));
    plan_.byte_letters = true;
    if (prefix) {
        if (!plan_.splits.empty())
            return not_understood(stage, "adds spaces after a split, which is not understood");
        only_published_ = false;
        plan_.before_splitting.add({.what = edit::prepend_if_absent, .to = " "});
    }
    return splits ? add_published(byte_level_pattern) : status();
}

status stage_reader::read_split(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "pattern", "behavior", "invert"}));
    QSLIP_TRY(const auto pattern, pattern_of(stage));
    QSLIP_TRY(const auto keep, behaviour_of(stage));
    QSLIP_TRY(const auto translated, compiled_form(pattern));
    QSLIP_TRY(auto step, split_step::of_file(translated, keep, limits_));
    plan_.splits.push_back(std::move(step));
    patterns_.push_back(pattern.text);
    only_published_ &= pattern.is_regex && keep == behaviour::isolated;
    return {};
}

status stage_reader::read_digits(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "individual_digits"}));
    QSLIP_TRY(const bool each, flag(stage, "individual_digits", false));
    return add_published(each ? R"(\p{N})" : R"(\p{N}+)");
}

status stage_reader::read_punctuation(const json_node& stage) {
    QSLIP_CHECK(only_members(stage, {"type", "behavior"}));
    QSLIP_TRY(const auto name, text_of(stage, "behavior"));
    constexpr std::string_view mark = R"([!-/:-@\[-`{-~\p{P}])";
    if (name == "Contiguous") return add_published(std::string(mark) + "+");
    QSLIP_TRY(const auto keep, behaviour_of(stage));
    return add_split(mark, keep);
}

/// Spaces become visible marks, and each begins a word.
status stage_reader::read_metaspace(const json_node& stage) {
    QSLIP_CHECK(only_members(
        stage, {"type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep"}));
    QSLIP_TRY(const auto mark, text_of(stage, "replacement"));
    if (mark != space_mark)
        return not_understood(stage, "marks spaces with " + qslip::quoted(mark) + ", not U+2581");
    QSLIP_TRY(const bool old_prefix, flag(stage, "add_prefix_space", true));
    std::string scheme = old_prefix ? "always" : "never";
    if (stage.find("prepend_scheme")) {
        QSLIP_TRY(scheme, text_of(stage, "prepend_scheme"));
    }
    QSLIP_CHECK(prefix_words(stage, scheme, mark));
    QSLIP_TRY(const bool splits, flag(stage, "split", true));
    only_published_ = false;
    return splits ? add_split("\xE2\x96\x81[^\xE2\x96\x81]*", behaviour::isolated) : status();
}

status stage_reader::prefix_words(const json_node& stage, std::string_view scheme, const std::string& mark) {
    if (scheme != "always" && scheme != "first" && scheme != "never")
        return not_understood(stage,
                              "has the prepend_scheme " + quoted(scheme) + ", which is not understood");
    if (!plan_.splits.empty()) {
        if (!splits_on_spaces_ || scheme != "always")
            return not_understood(stage, "follows a split that keeps spaces, which is not understood");
        plan_.word_prefix = mark;
        return {};
    }
    plan_.before_splitting.add({.what = edit::replace, .from = " ", .to = mark});
    if (scheme == "always") plan_.before_splitting.add({.what = edit::prepend_if_absent, .to = mark});
    if (scheme == "first") plan_.before_splitting.add({.what = edit::prepend_at_start, .to = mark});
    return {};
}

/// Decoding joins the bytes of tokens: byte letters, or visible spaces and byte tokens. White space that a
/// decoder would strip from the ends of a text stays.
status stage_reader::read_decoder(const json_node& stage) {
    if (stage.is_null()) {
        if (plan_.byte_letters) return {};
        return not_understood(stage, "is null: tokens would be joined with spaces, which is not understood");
    }
    QSLIP_TRY(const auto type, type_of(stage));
    if (type == "Sequence")
        return each_stage(stage, "decoders", [&](const json_node& s) { return read_decoder(s); });
    if (type == "ByteLevel") {
        if (!plan_.byte_letters) return not_understood(stage, "is ByteLevel, but the pre_tokenizer is not");
        return {};
    }
    if (plan_.byte_letters) return unknown_type(stage, type);
    if (type == "Metaspace" || type == "ByteFallback" || type == "Fuse" || type == "Strip") return {};
    if (type == "Replace") return read_replace_decoder(stage);
    return unknown_type(stage, type);
}

status stage_reader::read_replace_decoder(const json_node& stage) {
    QSLIP_TRY(const auto pattern, pattern_of(stage));
    QSLIP_TRY(const auto content, text_of(stage, "content"));
    if (pattern.text == space_mark && content == " ") return {};
    return not_understood(stage, "replaces something other than U+2581 by a space, which is not understood");
}

status stage_reader::read_post_processor(const json_node& stage) {
    if (stage.is_null()) return {};
    QSLIP_TRY(const auto type, type_of(stage));
    if (type == "Sequence")
        return each_stage(stage, "processors", [&](const json_node& s) { return read_post_processor(s); });
    if (type == "ByteLevel") return {};
    if (type == "TemplateProcessing") return read_template(stage);
    return unknown_type(stage, type);
}

/// What stands in front of a single text: nothing or one token. Tokens after it are never added.
status stage_reader::read_template(const json_node& stage) {
    QSLIP_TRY(const auto single, stage.need("single"));
    QSLIP_TRY(const auto items, single.items());
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto special = items[i].find("SpecialToken");
        if (!special) return {};  // the text itself
        if (i > 0) return not_understood(single, "begins with several tokens, which is not understood");
        QSLIP_TRY(const auto name, text_of(*special, "id"));
        QSLIP_TRY(const auto tokens, stage.need("special_tokens"));
        QSLIP_TRY(const auto token, tokens.need(name));
        QSLIP_TRY(const auto ids, token.need("ids"));
        QSLIP_TRY(const auto list, ids.items());
        if (list.size() != 1) return not_understood(ids, "is not one token");
        QSLIP_TRY(bos_, list[0].count());
        plan_.adds_bos = true;
    }
    return {};
}

status stage_reader::finish() {
    if (!only_published_) return {};
    const pre_rule* rule = find_published_rule(patterns_, plan_.ignore_merges);
    if (!rule) return {};
    plan_.family = rule->family;
    QSLIP_TRY(plan_.splits, compile_split(*rule));
    return {};
}

}  // namespace qslip
