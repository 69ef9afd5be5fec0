#include "eval/tasks/all_tasks.hpp"
#include "eval/well_formed_utf8.hpp"
#include "text/regex.hpp"

namespace qslip {
namespace {

class regex_judge final : public judge {
public:
    explicit regex_judge(task_fields& task) : judge(task) {
        const std::string options = task.ignores_case() ? "(?i)" : "";
        task.need("pattern");
        const auto pattern = task.text("pattern", 1);
        if (!pattern) return;
        auto compiled = regex::compile(options + *pattern, task.limits());
        if (compiled)
            pattern_ = *std::move(compiled);
        else
            task.fault("pattern",
                       std::string("must be a regular expression: ") + compiled.status().message());
    }

private:
    judgement judge_answer(std::string_view answer, bool) const override {
        auto text = well_formed_utf8(answer);
        const auto found = pattern_->find(text);
        auto j = right_or_wrong(std::move(text), found.ok() && found->has_value());
        j.budget_hit = !found.ok();
        return j;
    }

    std::optional<regex> pattern_;
};

}  // namespace

std::unique_ptr<const judge> read_regex(task_fields& task) { return std::make_unique<regex_judge>(task); }

}  // namespace qslip
