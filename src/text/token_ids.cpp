#include <qslip/tokenizer.hpp>

#include <limits>

#include "json/json_read.hpp"

namespace qslip {
namespace {

result<std::vector<std::int32_t>> ids_of(const json_node& list) {
    QSLIP_TRY(const auto items, list.items());
    std::vector<std::int32_t> ids;
    ids.reserve(items.size());
    for (const auto& item : items) {
        QSLIP_TRY(const auto id, item.count());
        if (id > std::numeric_limits<std::int32_t>::max()) return item.wrong("be a token id");
        ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
}

}  // namespace

result<std::vector<std::int32_t>> parse_token_ids(std::string_view json, const std::string& name,
                                                  const limits& limits) {
    json_reader reader(limits);
    const auto text = json_text::copy_of(json);
    QSLIP_TRY(const auto root, reader.parse(text, name));
    return ids_of(root);
}

result<std::vector<std::vector<std::int32_t>>> read_token_lists(const std::string& path,
                                                                const limits& limits) {
    json_reader reader(limits);
    QSLIP_TRY(const auto text, json_text::read_file(path, limits));
    QSLIP_TRY(const auto root, reader.parse(text, path));
    QSLIP_TRY(const auto items, root.items());
    std::vector<std::vector<std::int32_t>> lists;
    for (const auto& item : items) {
        QSLIP_TRY(auto ids, ids_of(item));
        lists.push_back(std::move(ids));
    }
    return lists;
}

}  // namespace qslip
