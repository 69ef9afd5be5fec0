// An arm that only replays rows gives the run of the engine they were recorded from: nothing of a comparison
// goes around the reader.
#include <qslip/compare.hpp>
#include <qslip/report.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <map>
#include <mutex>

#include "eval/run/comparison.hpp"
#include "tiny_arms.hpp"

using namespace qslip;
using test::items_of, test::models;

namespace {

/// What one model said behind each beginning that it read, per numerics.
struct recording {
    std::map<std::pair<numerics, std::vector<std::int32_t>>, std::vector<float>> rows;
    numerics mode = numerics::f32;
    std::uint64_t bytes_per_token = 0;
    std::size_t n_vocab = 0;
    std::mutex one_at_a_time;
};

std::vector<std::vector<std::int32_t>> beginnings_of(std::span<const reading> batch) {
    std::vector<std::vector<std::int32_t>> all;
    for (const auto& r : batch)
        for (auto n = r.first_row + 1; n <= r.path.size(); ++n)
            all.emplace_back(r.path.begin(), r.path.begin() + static_cast<std::ptrdiff_t>(n));
    return all;
}

class recording_reader final : public sequence_reader {
public:
    recording_reader(std::unique_ptr<sequence_reader> of, numerics mode, recording& to)
        : of_(std::move(of)), mode_(mode), to_(to) {}

    std::size_t n_vocab() const noexcept override { return of_->n_vocab(); }
    status begin(std::size_t id, std::span<const std::int32_t> prompt, std::size_t room) override {
        return of_->begin(id, prompt, room);
    }
    status read(std::span<const reading> batch) override {
        beginnings_ = beginnings_of(batch);
        return of_->read(batch);
    }
    status logits(std::size_t first, std::size_t n, std::span<float> out) override {
        QSLIP_CHECK(of_->logits(first, n, out));
        const std::lock_guard hold(to_.one_at_a_time);
        for (std::size_t i = 0; i < n; ++i) {
            const auto row = out.subspan(i * n_vocab(), n_vocab());
            to_.rows[{mode_, beginnings_[first + i]}].assign(row.begin(), row.end());
        }
        return {};
    }
    std::span<const float> hidden(std::size_t first, std::size_t n) const override {
        return of_->hidden(first, n);
    }
    status rewind(std::size_t id, std::size_t n) override { return of_->rewind(id, n); }
    void end(std::size_t id) noexcept override { of_->end(id); }
    std::uint64_t forward_tokens() const noexcept override { return of_->forward_tokens(); }

private:
    std::unique_ptr<sequence_reader> of_;
    numerics mode_;
    recording& to_;
    std::vector<std::vector<std::int32_t>> beginnings_;
};

/// Knows no model: only rows by what was read before them.
class replaying_reader final : public sequence_reader {
public:
    replaying_reader(numerics mode, const recording& from) : mode_(mode), from_(from) {}

    std::size_t n_vocab() const noexcept override { return from_.n_vocab; }
    status begin(std::size_t, std::span<const std::int32_t>, std::size_t) override { return {}; }
    status read(std::span<const reading> batch) override {
        beginnings_ = beginnings_of(batch);
        return {};
    }
    status logits(std::size_t first, std::size_t n, std::span<float> out) override {
        for (std::size_t i = 0; i < n; ++i) {
            const auto found = from_.rows.find({mode_, beginnings_[first + i]});
            if (found == from_.rows.end()) return {errc::not_found, "a row that was not recorded"};
            std::ranges::copy(found->second, out.subspan(i * n_vocab()).begin());
        }
        return {};
    }
    std::span<const float> hidden(std::size_t, std::size_t) const override { return {}; }
    status rewind(std::size_t, std::size_t) override { return {}; }
    void end(std::size_t) noexcept override {}
    std::uint64_t forward_tokens() const noexcept override { return 0; }

private:
    numerics mode_;
    const recording& from_;
    std::vector<std::vector<std::int32_t>> beginnings_;
};

class recording_arm final : public arm {
public:
    recording_arm(std::unique_ptr<arm> of, recording& to) : of_(std::move(of)), to_(to) {
        to_.mode = of_->mode();
        to_.bytes_per_token = of_->bytes_per_token();
    }
    result<std::unique_ptr<sequence_reader>> open_reader(std::size_t max_cached_tokens,
                                                         std::optional<numerics> mode) const override {
        QSLIP_TRY(auto reader, of_->open_reader(max_cached_tokens, mode));
        const std::lock_guard hold(to_.one_at_a_time);
        to_.n_vocab = reader->n_vocab();
        return std::unique_ptr<sequence_reader>(
            std::make_unique<recording_reader>(std::move(reader), mode.value_or(of_->mode()), to_));
    }
    numerics mode() const noexcept override { return of_->mode(); }
    std::uint64_t bytes_per_token() const noexcept override { return of_->bytes_per_token(); }

private:
    std::unique_ptr<arm> of_;
    recording& to_;
};

class replaying_arm final : public arm {
public:
    explicit replaying_arm(const recording& from) : from_(from) {}
    result<std::unique_ptr<sequence_reader>> open_reader(std::size_t,
                                                         std::optional<numerics> mode) const override {
        return std::unique_ptr<sequence_reader>(
            std::make_unique<replaying_reader>(mode.value_or(from_.mode), from_));
    }
    numerics mode() const noexcept override { return from_.mode; }
    std::uint64_t bytes_per_token() const noexcept override { return from_.bytes_per_token; }

private:
    const recording& from_;
};

std::string run(const suite& items, unsigned threads, const arm_wrapper& wrap) {
    compare_options options;
    options.threads = threads;
    const auto r = compare_wrapped(models().base, std::span(&models().damaged, 1), items,
                                   slice_registry::standard(), options, wrap);
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    const auto lines = report::items_jsonl(*r);
    REQUIRE(lines.ok());
    return report::result_json(*r) + *lines;
}

}  // namespace

TEST_CASE("a replay of recorded rows gives the bytes of the engine's run") {
    const auto items = items_of(40, 6, true);
    const auto wanted = run(items, 2, {});
    recording recordings[2];  // of base and candidate, in the order arms are made
    std::size_t n_made = 0;
    const auto recorded = run(items, 2, [&](std::unique_ptr<arm> of) {
        return std::make_unique<recording_arm>(std::move(of), recordings[n_made++]);
    });
    CHECK(recorded == wanted);
    REQUIRE(n_made == 2);
    CHECK(recordings[0].rows.size() > 100);
    n_made = 0;
    const auto replayed = run(items, 1, [&](std::unique_ptr<arm>) {
        return std::make_unique<replaying_arm>(recordings[n_made++]);
    });
    CHECK(replayed == wanted);
}
