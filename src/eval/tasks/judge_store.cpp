#include "eval/tasks/judge_store.hpp"

#include <qslip/detail/core/quote.hpp>

#include <algorithm>
#include <iterator>

#include "eval/tasks/all_tasks.hpp"

namespace qslip {
namespace {

struct task_type {
    std::string_view name;
    std::unique_ptr<const judge> (*read)(task_fields&);
};
constexpr task_type all_types[] = {
#define QSLIP_TASK(name) {#name, &read_##name},
#include "eval/tasks/task.inc"
#undef QSLIP_TASK
};

std::string type_list() {
    std::string list = "none";
    for (const auto& type : all_types) list += ", " + std::string(type.name);
    return list;
}

std::string unknown_type(std::string_view name) {
    for (const std::string_view later : {"refusal", "injection"})
        if (name == later)
            return "is " + quoted(name) + ", which is not supported yet; supported: " + type_list();
    return "must be one of " + type_list() + ", is string " + quoted(name);
}

/// What the judge depends on.
std::string key_of(const json_node& task, json_fields& item) {
    auto key = simdjson::minify(task.element());
    if (const auto gold = item.find("gold")) key += "\n" + simdjson::minify(gold->element());
    return key;
}

}  // namespace

const judge* judge_store::read(const json_node& task, json_fields& item) {
    auto key = key_of(task, item);
    if (const auto known = judges_.find(key); known != judges_.end()) return known->second.get();
    const auto n_faults = faults_.count();
    auto made = make(task, item);
    if (made == nullptr || faults_.count() > n_faults) return nullptr;
    return judges_.emplace(std::move(key), std::move(made)).first->second.get();
}

std::unique_ptr<const judge> judge_store::make(const json_node& task, json_fields& item) {
    task_fields fields(task, item, faults_, schemas_, limits_);
    fields.need("type", "; it must be one of " + type_list());
    const auto name = fields.text("type", 1);
    if (!name) return nullptr;
    const auto type = std::ranges::find(all_types, *name, &task_type::name);
    if (type == std::end(all_types) && *name != "none") {
        fields.fault("type", unknown_type(*name));
        return nullptr;
    }
    auto made = *name == "none" ? nullptr : type->read(fields);
    fields.finish();
    return made;
}

std::vector<std::unique_ptr<const judge>> judge_store::release() {
    std::vector<std::unique_ptr<const judge>> all;
    all.reserve(judges_.size());
    for (auto& [key, made] : judges_) all.push_back(std::move(made));
    judges_.clear();
    return all;
}

}  // namespace qslip
