#include <algorithm>
#include <tuple>

#include "eval/prompt_encoder.hpp"
#include "report/collect.hpp"
#include "report/document.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t example_bytes = 400, max_examples = 20, max_breaks = 10;

void add_slip(fact& to, const first_slip& slip) {
    to.set("token_index", slip.token_index).set("base_token", slip.base_token);
    to.set("cand_token", slip.cand_token).set("margin_nats", slip.margin_nats);
}

fact slip_facts(const std::optional<first_slip>& slip) {
    fact out;
    if (slip) add_slip(out, *slip);
    return out;
}

fact break_facts(const located_break& at) {
    fact out;
    out.set("byte", at.byte).set("keyword", at.keyword).set("instance_location", at.instance_location);
    out.set("token_index", at.token_index).set("token", at.token).set("base_token", at.base_token);
    out.set("base_margin_nats", at.base_margin_nats);
    return out.set("base_behind_nats", at.base_behind_nats);
}

fact structure_facts(const metrics::structured_answer& a) {
    fact out;
    out.set("level", a.level);
    if (a.may_call) out.set("called", a.called);
    fact::list faults;
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        if (a.faults >> i & 1u) faults.emplace_back(metrics::format_fault_ids[i]);
    return out.set("faults", std::move(faults));
}

fact example_facts(const item_result& item) {
    fact out;
    out.set("id", item.id);
    add_item_facts(out, item);
    out.set("base_text", item.base_text.substr(0, example_bytes));
    return out.set("cand_text", item.cand_text.substr(0, example_bytes));
}

/// Of the items the candidate newly breaks, else of all, the first one in suite order that slips.
fact first_slip_facts(const candidate_result& c) {
    const item_result* found = nullptr;
    for (const auto& item : c.items)
        if (item.slip && (!found || (item.newly_broken() && !found->newly_broken()))) found = &item;
    fact out;
    if (!found) return out;
    add_slip(out.set("id", found->id), *found->slip);
    return out;
}

status add_prompt(const run_result& run, std::size_t i, fact& to) {
    constexpr std::size_t max_prompt_bytes = 16384;
    const auto item = run.suite->item(i);
    QSLIP_TRY(const auto prompt,
              run.prompts ? run.prompts->text(item) : result<std::string>(std::string(item.content)));
    const auto cut = prompt.size() - std::min(prompt.size(), max_prompt_bytes);
    to.set(item.is_text ? "text" : "prompt", prompt.substr(cut)).set("cut_bytes", cut);
    if (const auto complexity = item.complexity())
        to.set("tier", complexity_class_name(class_of(*complexity))).set("complexity", complexity->points());
    return {};
}

}  // namespace

void add_item_facts(fact& to, const item_result& r) {
    to.set("positions", r.positions).set("flips", r.flips);
    to.set("kl_fwd_nats_mean",
           r.positions ? std::optional(r.kl_sum_nats / static_cast<double>(r.positions)) : std::nullopt);
    to.set("kl_fwd_nats_max", r.kl_max_nats);
    if (r.has_task) to.set("base_right", r.base_right).set("cand_right", r.cand_right);
    if (r.base_structure) to.set("base_structure", structure_facts(*r.base_structure));
    if (r.cand_structure) to.set("cand_structure", structure_facts(*r.cand_structure));
    if (r.broken_at) to.set("broken_at", break_facts(*r.broken_at));
    to.set("first_slip", slip_facts(r.slip));
}

void describe_items(const candidate_result& c, fact& to) {
    auto shown = worst_items(c, max_examples);
    for (const auto i : located_breaks(c, max_breaks))
        if (std::ranges::find(shown, i) == shown.end()) shown.push_back(i);
    fact::list examples;
    for (const auto i : shown) examples.push_back(example_facts(c.items[i]));
    to.set("examples", std::move(examples)).set("first_slip", first_slip_facts(c));
}

std::vector<std::size_t> worst_items(const candidate_result& c, std::size_t max_items) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < c.items.size(); ++i)
        if (c.items[i].slip || c.items[i].newly_broken() || c.items[i].kl_max_nats > 0) order.push_back(i);
    const auto worse = [&](std::size_t a, std::size_t b) {
        const auto &x = c.items[a], &y = c.items[b];
        return std::tuple(!x.newly_broken(), -x.kl_max_nats, a) <
               std::tuple(!y.newly_broken(), -y.kl_max_nats, b);
    };
    const auto kept = order.begin() + static_cast<std::ptrdiff_t>(std::min(max_items, order.size()));
    std::partial_sort(order.begin(), kept, order.end(), worse);
    order.erase(kept, order.end());
    return order;
}

std::vector<std::size_t> located_breaks(const candidate_result& c, std::size_t max_items) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < c.items.size() && found.size() < max_items; ++i)
        if (c.items[i].broken_at) found.push_back(i);
    return found;
}

result<std::string> items_jsonl(const run_result& run) {
    std::string out;
    for (std::size_t i = 0; i < run.candidates.front().items.size(); ++i) {
        const auto& first = run.candidates.front().items[i];
        fact line;
        line.set("id", first.id);
        if (run.suite) QSLIP_CHECK(add_prompt(run, i, line));
        fact::list candidates;
        for (const auto& c : run.candidates) {
            fact one;
            add_item_facts(one.set("cand_text", c.items[i].cand_text), c.items[i]);
            candidates.push_back(std::move(one));
        }
        line.set("base_text", first.base_text).set("candidates", std::move(candidates));
        out += json_of(line, 0);
    }
    return out;
}

}  // namespace qslip::report
