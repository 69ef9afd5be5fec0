#include "model/lockstep.hpp"

namespace qslip {

status lockstep::step(std::span<float> logits, const on_row& choose) {
    std::vector<reading> batch;
    batch.reserve(going_.size());
    for (const auto& s : going_) batch.push_back({s.id, *s.path, s.path->size() - 1});
    QSLIP_CHECK(reader_->read(batch));
    const std::size_t n_vocab = reader_->n_vocab();
    QSLIP_CHECK(reader_->logits(0, going_.size(), logits.first(going_.size() * n_vocab)));
    std::vector<sequence> still;
    for (std::size_t i = 0; i < going_.size(); ++i) {
        const row_view row{reader_->hidden(i, 1), logits.subspan(i * n_vocab, n_vocab)};
        const auto next = choose(going_[i].id, row);
        if (!next) continue;
        going_[i].path->push_back(*next);
        still.push_back(going_[i]);
    }
    going_ = std::move(still);
    return {};
}

}  // namespace qslip
