#include <qslip/report.hpp>

#include <algorithm>
#include <tuple>

#include "eval/prompt_encoder.hpp"
#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

constexpr std::size_t example_bytes = 400, max_breaks = 10;

void write_slip(json_writer& w, const std::optional<first_slip>& slip) {
    w.key("first_slip");
    if (!slip) {
        w.null();
        return;
    }
    w.begin_object().member("token_index", slip->token_index).member("base_token", slip->base_token);
    w.member("cand_token", slip->cand_token).member("margin_nats", slip->margin_nats).end_object();
}

void write_break(json_writer& w, const located_break& at) {
    w.key("broken_at").begin_object().member("byte", at.byte);
    w.member("keyword", at.keyword).member("instance_location", at.instance_location);
    w.member("token_index", at.token_index).member("token", at.token).member("base_token", at.base_token);
    w.member("base_margin_nats", at.base_margin_nats).member("base_behind_nats", at.base_behind_nats);
    w.end_object();
}

void write_structured_answer(json_writer& w, const char* key, const metrics::structured_answer& a) {
    w.key(key).begin_object().member("level", a.level);
    if (a.may_call) w.member("called", a.called);
    w.key("faults").begin_array();
    for (std::size_t i = 0; i < metrics::n_format_faults; ++i)
        if (a.faults >> i & 1u) w.value(metrics::format_fault_ids[i]);
    w.end_array().end_object();
}

void write_numbers(json_writer& w, const item_result& r) {
    w.member("positions", r.positions).member("flips", r.flips);
    optional_member(
        w, "kl_fwd_nats_mean",
        r.positions ? std::optional(r.kl_sum_nats / static_cast<double>(r.positions)) : std::nullopt);
    w.member("kl_fwd_nats_max", r.kl_max_nats);
    if (r.has_task) w.member("base_right", r.base_right).member("cand_right", r.cand_right);
    if (r.base_structure) write_structured_answer(w, "base_structure", *r.base_structure);
    if (r.cand_structure) write_structured_answer(w, "cand_structure", *r.cand_structure);
    if (r.broken_at) write_break(w, *r.broken_at);
    write_slip(w, r.slip);
}

}  // namespace

void write_examples(json_writer& w, const candidate_result& c) {
    w.key("examples").begin_array();
    auto shown = worst_items(c);
    for (const auto i : located_breaks(c, max_breaks))
        if (std::ranges::find(shown, i) == shown.end()) shown.push_back(i);
    for (const auto i : shown) {
        const auto& r = c.items[i];
        w.begin_object().member("id", r.id);
        write_numbers(w, r);
        w.member("base_text", r.base_text.substr(0, example_bytes))
            .member("cand_text", r.cand_text.substr(0, example_bytes));
        w.end_object();
    }
    w.end_array();
}

std::vector<std::size_t> worst_items(const candidate_result& c, std::size_t most) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < c.items.size(); ++i)
        if (c.items[i].slip || c.items[i].newly_broken() || c.items[i].kl_max_nats > 0) order.push_back(i);
    const auto worse = [&](std::size_t a, std::size_t b) {
        const auto &x = c.items[a], &y = c.items[b];
        return std::tuple(!x.newly_broken(), -x.kl_max_nats, a) <
               std::tuple(!y.newly_broken(), -y.kl_max_nats, b);
    };
    const auto kept = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), kept, order.end(), worse);
    order.erase(kept, order.end());
    return order;
}

std::vector<std::size_t> located_breaks(const candidate_result& c, std::size_t most) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < c.items.size() && found.size() < most; ++i)
        if (c.items[i].broken_at) found.push_back(i);
    return found;
}

result<std::string> items_jsonl(const run_result& run) {
    constexpr std::size_t max_prompt_bytes = 16384;
    std::string out;
    for (std::size_t i = 0; i < run.candidates.front().items.size(); ++i) {
        json_writer w(out);
        const auto& first = run.candidates.front().items[i];
        w.begin_object().member("id", first.id);
        if (run.suite) {
            const auto item = run.suite->item(i);
            QSLIP_TRY(const auto prompt,
                      run.prompts ? run.prompts->text(item) : result<std::string>(std::string(item.content)));
            const auto cut = prompt.size() - std::min(prompt.size(), max_prompt_bytes);
            w.member(item.is_text ? "text" : "prompt", prompt.substr(cut)).member("cut_bytes", cut);
            if (const auto complexity = item.complexity())
                w.member("tier", complexity_class_name(class_of(*complexity)))
                    .member("complexity", complexity->points());
        }
        w.member("base_text", first.base_text).key("candidates").begin_array();
        for (const auto& c : run.candidates) {
            w.begin_object().member("cand_text", c.items[i].cand_text);
            write_numbers(w, c.items[i]);
            w.end_object();
        }
        w.end_array().end_object();
        out += '\n';
    }
    return out;
}

}  // namespace qslip::report
