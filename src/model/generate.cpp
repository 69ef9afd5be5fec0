#include <qslip/decoder.hpp>
#include <qslip/tokenizer.hpp>

namespace qslip {
namespace {

/// The items still going, and the hidden row that chooses each one's next token.
struct lockstep {
    scorer& engine;
    std::span<greedy_item> items;
    const greedy_observer& observer;
    std::vector<std::size_t> active = {};
    std::vector<float> rows = {}, logits = {};

    status prefill();
    status choose();
    status advance();
};

/// Runs every prompt; keeps the last hidden row of each.
status lockstep::prefill() {
    const std::size_t d = engine.owner().config().d_model;
    std::vector<batch_item> batch;
    std::size_t n_rows = 0;
    for (const greedy_item& item : items) {
        batch.push_back({item.prompt, item.cache});
        n_rows += item.prompt.size();
    }
    std::vector<float> hidden(n_rows * d);
    QSLIP_CHECK(engine.hidden(batch, hidden));
    std::size_t end = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        end += items[i].prompt.size();
        if (items[i].max_tokens == 0) continue;
        active.push_back(i);
        rows.insert(rows.end(), hidden.begin() + static_cast<std::ptrdiff_t>((end - 1) * d),
                    hidden.begin() + static_cast<std::ptrdiff_t>(end * d));
    }
    return {};
}

/// Appends each active item's next token; ended items leave.
status lockstep::choose() {
    const model_config& c = engine.owner().config();
    logits.resize(active.size() * c.n_vocab);
    QSLIP_CHECK(engine.logits(rows, logits));
    std::vector<std::size_t> going;
    for (std::size_t k = 0; k < active.size(); ++k) {
        greedy_item& item = items[active[k]];
        const auto row = std::span<const float>(logits).subspan(k * c.n_vocab, c.n_vocab);
        const std::size_t step = item.tokens.size();
        if (observer)
            observer(active[k], step, std::span<const float>(rows).subspan(k * c.d_model, c.d_model), row);
        const std::int32_t id = argmax(row);
        item.ended = engine.owner().vocab().is_end_of_generation(id);
        if (item.ended) continue;
        item.tokens.push_back(id);
        if (item.tokens.size() < item.max_tokens) going.push_back(active[k]);
    }
    active = std::move(going);
    return {};
}

/// Runs the last token of each active item.
status lockstep::advance() {
    std::vector<batch_item> batch;
    for (const std::size_t i : active)
        batch.push_back({std::span<const std::int32_t>(items[i].tokens).last(1), items[i].cache});
    rows.resize(active.size() * engine.owner().config().d_model);
    return engine.hidden(batch, rows);
}

}  // namespace

status generate_greedy(scorer& engine, std::span<greedy_item> items, const greedy_observer& observer) {
    for (greedy_item& item : items) {
        if (item.cache == nullptr) return status(errc::null, "generation needs a cache for every sequence");
        item.tokens.clear();
        item.ended = false;
    }
    lockstep run{engine, items, observer};
    QSLIP_CHECK(run.prefill());
    while (!run.active.empty()) {
        QSLIP_CHECK(run.choose());
        if (!run.active.empty()) QSLIP_CHECK(run.advance());
    }
    return {};
}

}  // namespace qslip
