#include "tool/files.hpp"

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "files/input_file.hpp"
#include "json/json_read.hpp"

namespace qslip::tool {
namespace {

result<token_list> token_list_of(const json_node& node) {
    QSLIP_TRY(const auto items, node.items());
    token_list ids;
    ids.reserve(items.size());
    for (const auto& item : items) {
        QSLIP_TRY(const auto id, item.count());
        if (id > std::numeric_limits<std::int32_t>::max()) return item.wrong("be a token id");
        ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
}

/// The limit called `name`; nullptr when there is none.
std::uint64_t* limit_named(limits& limits, std::string_view name) {
#define QSLIP_LIMIT(field, default_value, text) \
    if (name == #field) return &limits.field;
#include <qslip/detail/core/limits.inc>
#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#undef QSLIP_LIMIT
    return nullptr;
}

status unknown_limit(const std::string& path, std::string_view name) {
    static constexpr std::string_view names[] = {
#define QSLIP_LIMIT(field, default_value, text) #field,
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    };
    const auto near = nearest_name(name, names);
    return {errc::schema, path + ": no limit is called " + quoted(name) +
                              (near.empty() ? "" : "; did you mean " + near + "?")};
}

}  // namespace

result<std::string> read_text(const input_file& file, const limits& limits) {
    if (file.size_bytes() > limits.text_bytes)
        return status(errc::limit, file.path() + ": " + grouped(file.size_bytes()) +
                                       " bytes; the limit text_bytes is " + grouped(limits.text_bytes));
    std::string text(file.size_bytes(), '\0');
    QSLIP_CHECK(file.read_at(0, std::as_writable_bytes(std::span(text))));
    return text;
}

result<std::string> read_text_file(const std::string& path, const limits& limits) {
    QSLIP_TRY(const auto file, input_file::open(path));
    return read_text(file, limits);
}

result<token_list> parse_token_list(const std::string& json, const std::string& where, const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(json);
    QSLIP_TRY(const auto root, reader.parse(text, where));
    return token_list_of(root);
}

result<std::vector<token_list>> read_token_lists(const std::string& path, const limits& limits) {
    json_reader reader(limits);
    QSLIP_TRY(const auto text, json_text::read_file(path, limits));
    QSLIP_TRY(const auto root, reader.parse(text, path));
    QSLIP_TRY(const auto items, root.items());
    std::vector<token_list> lists;
    for (const auto& item : items) {
        QSLIP_TRY(auto ids, token_list_of(item));
        lists.push_back(std::move(ids));
    }
    return lists;
}

result<text_options> text_options_of(std::uint64_t window, const std::string& score) {
    if (score == "all") return text_options{window, score_part::all};
    if (score == "second-half") return text_options{window, score_part::second_half};
    return status(errc::usage, "--score must be all or second-half, is " + score);
}

status read_limits(const std::string& path, limits& limits) {
    if (path.empty()) return {};
    json_reader reader(limits);
    QSLIP_TRY(const auto text, json_text::read_file(path, limits));
    QSLIP_TRY(const auto root, reader.parse(text, path));
    QSLIP_TRY(const auto members, root.members());
    for (const auto& [name, node] : members) {
        auto* field = limit_named(limits, name);
        if (!field) return unknown_limit(path, name);
        QSLIP_TRY(*field, node.count());
    }
    return {};
}

}  // namespace qslip::tool
