#include "model/batch_plan.hpp"

#include <algorithm>
#include <string>

#include "model/kv_impl.hpp"

namespace qslip {
namespace {

std::size_t n_past(const batch_item& item) { return item.cache != nullptr ? item.cache->n_past() : 0; }

status check_item(const model_config& c, const batch_item& item) {
    if (item.tokens.empty()) return status(errc::empty, "a sequence without new tokens");
    if (item.cache != nullptr && !same_shape(item.cache->internals().config, c))
        return status(errc::shape, "the cache belongs to a model of another shape");
    for (const std::int32_t id : item.tokens)
        if (id < 0 || static_cast<std::size_t>(id) >= c.n_vocab)
            return status(errc::arg, "token id " + std::to_string(id) + ": the vocabulary has " +
                                         std::to_string(c.n_vocab));
    const std::size_t room = item.cache != nullptr ? item.cache->capacity() : c.context_length;
    if (item.tokens.size() > room - std::min(room, n_past(item)))
        return status(errc::arg, std::to_string(n_past(item)) + " + " + std::to_string(item.tokens.size()) +
                                     " tokens: the " + (item.cache != nullptr ? "cache" : "context") +
                                     " ends at " + std::to_string(room));
    return {};
}

void cut_into_tiles(std::span<const batch_item> batch, batch_plan& plan) {
    const std::size_t n_tiles = (plan.n_rows + max_tile_rows - 1) / max_tile_rows;
    const std::size_t even = (plan.n_rows + n_tiles - 1) / n_tiles;
    plan.max_rows = std::min(max_tile_rows, (even + 11) / 12 * 12);
    std::size_t row = 0;
    for (std::size_t i = 0; i < batch.size(); ++i)
        for (std::size_t done = 0; done < batch[i].tokens.size();) {
            const std::size_t at = row % plan.max_rows;
            if (at == 0) plan.tiles.push_back({row, std::min(plan.max_rows, plan.n_rows - row), {}});
            const std::size_t n = std::min(batch[i].tokens.size() - done, plan.max_rows - at);
            plan.tiles.back().segments.push_back({i, n_past(batch[i]) + done, at, n});
            done += n;
            row += n;
        }
}

}  // namespace

result<batch_plan> plan_batch(const model_config& config, std::span<const batch_item> batch,
                              std::size_t n_out) {
    batch_plan plan;
    for (const batch_item& item : batch) {
        QSLIP_CHECK(check_item(config, item));
        plan.scratch_start.push_back(plan.scratch_tokens);
        if (item.cache == nullptr) plan.scratch_tokens += whole_tiles(item.tokens.size());
        plan.n_rows += item.tokens.size();
        plan.max_positions = std::max(plan.max_positions, n_past(item) + item.tokens.size());
    }
    if (n_out != plan.n_rows * config.d_model)
        return status(errc::shape, "room for " + std::to_string(n_out) + " numbers, needed " +
                                       std::to_string(plan.n_rows) + " x " + std::to_string(config.d_model));
    if (plan.n_rows > 0) cut_into_tiles(batch, plan);
    return plan;
}

}  // namespace qslip
