#pragma once
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "eval/observers/observer.hpp"
#include "eval/run/item_run.hpp"
#include "eval/run/run_setup.hpp"
#include "model/lockstep.hpp"

namespace qslip {

/// One thread's engine: takes batches of items through the base, then along the base's path through the
/// candidates. Every number depends on the item alone, never on its batch.
class batch_runner {
public:
    /// Errors: those of arm::open_reader.
    static result<std::unique_ptr<batch_runner>> create(const run_setup& setup);

    /// All prompts, or all texts. `results[c]` is indexed by item.
    status run(std::span<const std::size_t> items, std::span<std::vector<item_result>> results);

    /// What the batches since the last call came to, one set a candidate.
    std::vector<observer_set> take_observers();
    std::uint64_t forward_tokens() const;

private:
    /// A candidate as this thread runs it.
    struct engine_state {
        std::unique_ptr<sequence_reader> reader;
        std::vector<float> logits;  ///< one tile of rows
        lockstep speaking;          ///< answers that left the base's path
    };
    /// A scored position whose candidates' rows are due.
    struct due_row {
        item_run* of;
        std::size_t index;       ///< among the item's positions
        std::size_t window_row;  ///< of the base's logits
    };
    using items_under_way = std::span<item_run* const>;

    batch_runner(const run_setup& setup, std::unique_ptr<sequence_reader> base,
                 std::vector<engine_state> candidates);
    std::unique_ptr<item_run> start(work_item item) const;
    std::span<const float> base_row(std::size_t window_row) const;

    // texts, and prompts whose base is stored: the path is known
    status run_texts(std::vector<work_item> items);
    status read_stored(item_run& r, bool& is_stored);
    status compare_known(items_under_way items);
    status keep_base_rows(items_under_way items);

    // prompts
    status run_prompts(std::vector<work_item> items);
    bool has_room(const work_item& item) const;
    status admit();
    status decode_base();
    std::optional<std::int32_t> record_base_token(std::size_t id, const row_view& row);
    status compare_window();
    status settle_ended();
    status settle(item_run& r);
    status continue_answers();
    std::optional<std::int32_t> record_own_token(std::size_t id, std::size_t candidate, const row_view& row);

    // both
    status compare_rows(std::span<const due_row> rows, bool from_base_reader);
    status compare_row(const due_row& row, std::size_t tile_row);
    void take(item_run& r, std::int32_t token, std::size_t candidate, const position_values& values);
    status check_stored(const item_run& r, std::int32_t token, const position_values& values) const;
    status finish(item_run& r);
    status release(item_run& r);

    const run_setup& setup_;
    std::size_t tile_rows_, window_rows_, max_live_;
    std::unique_ptr<sequence_reader> base_;
    std::vector<engine_state> candidates_;
    std::vector<observer_set> observers_;
    lockstep decoding_;                  ///< the base
    std::vector<float> window_;          ///< its logits that no candidate was compared with yet
    std::vector<due_row> due_;           ///< the rows of the window
    std::vector<std::size_t> answered_;  ///< items whose last speaking candidate just ended
    std::vector<work_item> waiting_;
    std::size_t next_ = 0, used_tokens_ = 0;
    std::map<std::size_t, std::unique_ptr<item_run>> live_;
    std::vector<position_values> values_;
    std::span<std::vector<item_result>> results_;
};

}  // namespace qslip
