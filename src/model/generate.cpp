#include <qslip/decoder.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <optional>

#include "model/engine_reader.hpp"
#include "model/lockstep.hpp"

namespace qslip {
namespace {

std::size_t room_of(const generation& item) { return item.prompt.size() + item.max_tokens; }

std::size_t tokens_in(std::uint64_t bytes, const model_config& config) {
    constexpr std::size_t many = 1024;  // a cache grows in tiles: one token's share of many
    return static_cast<std::size_t>(bytes /
                                    std::max<std::uint64_t>(1, kv_cache::bytes_for(config, many) / many));
}

/// Waiting prompts enter while there is room; ended ones leave.
class generator {
public:
    generator(const model& m, std::span<generation> items, const generate_options& options)
        : options_(options),
          items_(items),
          vocab_(m.vocab()),
          max_tokens_(tokens_in(options.cache_bytes, m.config())),
          reader_(m, max_tokens_, options.threads),
          decoder_(reader_),
          paths_(items.size()) {}

    status run() {
        while (next_ < items_.size() || !decoder_.empty()) {
            QSLIP_CHECK(admit());
            logits_.resize(decoder_.size() * reader_.n_vocab());
            if (decoder_.empty()) continue;
            QSLIP_CHECK(
                decoder_.step(logits_, [&](std::size_t i, const row_view& row) { return choose(i, row); }));
        }
        return {};
    }

private:
    bool has_room(const generation& item) const {
        return decoder_.empty() ||
               (decoder_.size() < options_.max_batch && used_tokens_ + room_of(item) <= max_tokens_);
    }

    status admit() {
        for (; next_ < items_.size() && has_room(items_[next_]); ++next_) {
            auto& item = items_[next_];
            item.tokens.clear();
            item.ended = false;
            if (item.prompt.empty()) return {errc::empty, "a prompt without tokens"};
            if (item.max_tokens == 0) continue;
            QSLIP_CHECK(reader_.begin(next_, item.prompt, room_of(item)));
            paths_[next_] = item.prompt;
            used_tokens_ += room_of(item);
            decoder_.add(next_, paths_[next_]);
        }
        return {};
    }

    std::optional<std::int32_t> choose(std::size_t i, const row_view& row) {
        auto& item = items_[i];
        if (options_.on_row) options_.on_row(i, item.tokens.size(), row.hidden, row.logits);
        const auto token = argmax(row.logits);
        item.ended = vocab_.is_end_of_generation(token);
        if (!item.ended) item.tokens.push_back(token);
        if (!item.ended && item.tokens.size() < item.max_tokens) return token;
        reader_.end(i);
        used_tokens_ -= room_of(item);
        return std::nullopt;
    }

    const generate_options& options_;
    std::span<generation> items_;
    const tokenizer& vocab_;
    std::size_t max_tokens_;
    engine_reader reader_;
    lockstep decoder_;
    std::vector<std::vector<std::int32_t>> paths_;
    std::vector<float> logits_;
    std::size_t next_ = 0, used_tokens_ = 0;
};

}  // namespace

status generate(const model& m, std::span<generation> items, const generate_options& options) {
    return generator(m, items, options).run();
}

}  // namespace qslip
