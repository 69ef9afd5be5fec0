#include <qslip/detail/core/quote.hpp>

#include <algorithm>

#include "eval/tasks/all_tasks.hpp"
#include "eval/tasks/canonical_text.hpp"

namespace qslip {
namespace {

class choice final : public judge {
public:
    explicit choice(task_fields& task) : judge(task), ignores_case_(task.ignores_case()) {
        constexpr std::size_t min_options = 2, max_options = 64;
        task.need("options");
        const auto options =
            task.texts("options", 1, task.limits().text_bytes, min_options, max_options, false);
        task_fields::refuse_blank(task, "options", options);
        const auto answers = task.answers(1);
        if (options.empty() || answers.empty()) return;
        if (std::ranges::find(options, answers[0]) == options.end())
            task.fault("answer", "must be one of the options, is string " + qslip::quoted(answers[0]));
        for (const auto& option : options) options_.push_back(canonical_text(option, ignores_case_));
        answer_ = canonical_text(answers[0], ignores_case_);
    }

private:
    judgement judge_answer(std::string_view answer, bool) const override {
        auto chosen = first_option(canonical_text(answer, ignores_case_));
        const bool is_right = !chosen.empty() && chosen == answer_;
        return right_or_wrong(std::move(chosen), is_right);
    }

    /// The option whose first whole-word occurrence is earliest; the longest of those that start together.
    std::string first_option(const std::string& text) const {
        std::string best;
        std::size_t best_at = std::string::npos;
        for (const auto& option : options_) {
            const auto at = find_word(text, option);
            if (at == std::string::npos || at > best_at || (at == best_at && option.size() <= best.size()))
                continue;
            best_at = at;
            best = option;
        }
        return best;
    }

    bool ignores_case_;
    std::vector<std::string> options_;
    std::string answer_;
};

}  // namespace

std::unique_ptr<const judge> read_choice(task_fields& task) { return std::make_unique<choice>(task); }

}  // namespace qslip
