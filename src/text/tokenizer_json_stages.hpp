#pragma once
#include <qslip/limits.hpp>

#include <optional>
#include <string>
#include <vector>

#include "json/json_read.hpp"
#include "text/tokenizer_plan.hpp"

namespace qslip {

/// Refuses a member of `node` that is not in `known`, by name.
status only_members(const json_node& node, std::initializer_list<std::string_view> known);

/// The stages of a tokenizer.json around its model, read into a plan.
/// Errors: unsupported (by name), schema.
class stage_reader {
public:
    stage_reader(tokenizer_plan& plan, const limits& limits) : plan_(plan), limits_(limits) {}

    status read_normalizer(const json_node& stage);
    status read_pre_tokenizer(const json_node& stage);
    /// Needs: the pre-tokenizer has been read.
    status read_decoder(const json_node& stage);
    status read_post_processor(const json_node& stage);
    /// Needs: everything else has been read. Takes the compiled rule of a known family where there is one.
    status finish();

    /// The token that the post-processor puts in front of a text.
    std::optional<std::uint64_t> bos() const noexcept { return bos_; }

private:
    status read_replace(const json_node& stage);
    status read_charsmap(const json_node& stage);
    status read_byte_level(const json_node& stage);
    status read_split(const json_node& stage);
    status read_digits(const json_node& stage);
    status read_punctuation(const json_node& stage);
    status read_metaspace(const json_node& stage);
    status prefix_words(const json_node& stage, std::string_view scheme, const std::string& mark);
    status read_template(const json_node& stage);
    status read_replace_decoder(const json_node& stage);

    status add_split(std::string_view pattern, split_step::behaviour keep);
    status add_published(std::string_view pattern);

    tokenizer_plan& plan_;
    const limits& limits_;
    std::vector<std::string> patterns_;  // of isolated splits, as the file writes them
    bool only_published_ = true;         // patterns_ says all that happens before words are merged
    bool splits_on_spaces_ = false;
    std::optional<std::uint64_t> bos_;
};

}  // namespace qslip
