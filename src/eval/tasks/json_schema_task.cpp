#include "eval/tasks/all_tasks.hpp"
#include "eval/tasks/structured_judge.hpp"

namespace qslip {
namespace {

class json_schema final : public structured_judge {
public:
    explicit json_schema(task_fields& task) : structured_judge(task, {.demanded = true}) {
        read_schema(task);
    }

private:
    void read_schema(task_fields& task) {
        const auto given = task.need("schema");
        if (!given) return;
        if (!is_schema(*given)) return task.wrong("schema", "be a JSON Schema");
        schema_ = compiled(task, "schema", simdjson::minify(given->element()));
        if (schema_) measure(task, "schema", *schema_);
    }

    const schema::compiled& schema_for(std::string_view) const override { return *schema_; }

    std::optional<schema::compiled> schema_;
};

}  // namespace

std::unique_ptr<const judge> read_json_schema(task_fields& task) {
    return std::make_unique<json_schema>(task);
}

}  // namespace qslip
