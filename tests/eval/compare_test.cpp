// The runner on tiny models: against a slow recomputation, against itself, for every number of threads.
#include <qslip/compare.hpp>
#include <qslip/decoder.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/detail/metrics/compare_position.hpp>
#include <qslip/report.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <simdjson.h>
#include <algorithm>
#include <functional>

#include "eval/prompt_encoder.hpp"
#include "eval/tasks/canonical_text.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

namespace {

class arms {
    test::temp_folder folder_;  // first: the models are written into it

public:
    model open(const std::string& name, const test::tiny_model_options& options,
               const model_options& how = {}) {
        return test::load_tiny_model(folder_.file(name), options, how);
    }
    model base = open("base.gguf", {});
    model twin = open("twin.gguf", {});
    model damaged = open("damaged.gguf", {.damage = 1.0f});
    model slightly = open("q8.gguf", {.type = dtype::q8_0});
};

arms& models() {
    static arms all;
    return all;
}

std::string prompt_of(std::size_t i) {
    return "the shared beginning of this prompt, then item " + std::to_string(i * 7919 % 1000) + " in";
}

/// `n` prompts; with answers, one item per answer that is not empty.
std::string suite_text(std::size_t n, unsigned max_tokens, const std::vector<std::string>& answers = {}) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) {
        if (!answers.empty() && canonical_text(answers[i], false).empty()) continue;
        json_writer w(text);
        w.begin_object().member("id", "i/" + std::to_string(i)).member("prompt", prompt_of(i));
        w.member("slice", i % 20 == 0 ? "thin" : "thick").member("max_tokens", max_tokens);
        if (!answers.empty())
            w.key("task").begin_object().member("type", "exact").member("answer", answers[i]).end_object();
        w.end_object();
        text += '\n';
    }
    return text;
}

suite load(const std::string& text) {
    auto s = suite::from_text(text);
    REQUIRE_MESSAGE(s.ok(), s.status().message());
    return *s;
}

/// In F32 on both sides: what the oracles of these tests compute. modes_test.cpp has the other modes.
compare_options in_f32(unsigned threads = 2) {
    compare_options options;
    options.threads = threads;
    options.mode = numerics::f32;
    return options;
}

run_result run(const model& base, const model& cand, const suite& items, const slice_registry& registry,
               unsigned threads = 2) {
    const auto options = in_f32(threads);
    auto r = compare(base, cand, items, registry, options);
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    return std::move(*r);
}

/// Prompts whose answer is what the base says: it is right everywhere.
const suite& answered_suite() {
    static const suite items = [] {
        constexpr std::size_t n = 600;
        const auto& base = models().base;
        const auto seen = run(base, base, load(suite_text(n, 1)), slice_registry::standard());
        std::vector<std::string> answers;
        for (const auto& item : seen.candidates[0].items) {
            const bool plain =
                std::ranges::all_of(item.base_text, [](char c) { return c >= ' ' && c < 0x7F; });
            answers.push_back(plain ? item.base_text : "");
        }
        return load(suite_text(n, 1, answers));
    }();
    return items;
}

slice_registry wide_registry() {
    slice_registry r;
    r.gate("all", "task_correct", {.budget = 0.10});
    r.guard("*", "task_correct", {.budget = 0.10});
    slice_selector digits;
    digits.digit_tokens = true;
    r.define("digit_tokens", digits);
    return r;
}

const cell_report& cell(const run_result& r, const std::string& slice, const std::string& metric) {
    const auto& cells = r.candidates[0].release.cells;
    const auto at =
        std::ranges::find_if(cells, [&](const auto& c) { return c.slice == slice && c.metric == metric; });
    REQUIRE(at != cells.end());
    return *at;
}

}  // namespace

TEST_CASE("a model against itself: every divergence exactly 0, PASS where n suffices, thin slices never") {
    const auto& items = answered_suite();
    MESSAGE(items.size() << " answered items");
    REQUIRE(items.size() > 150);
    const auto r = run(models().base, models().twin, items, wide_registry());
    for (const auto& s : r.candidates[0].slices) {
        if (s.positions.n_positions() == 0) continue;
        for (const auto m : {metric::kl_fwd_nats, metric::kl_rev_nats, metric::js_nats, metric::tv,
                             metric::token_flip, metric::entropy_shift_nats, metric::dp})
            CHECK(s.positions.summary(m)->mean == 0);
        CHECK(s.positions.summary(metric::ppl_ratio)->mean == 1);
        const auto& right = s.outcomes.at(metric::task_correct).total();
        CHECK(right.n10 + right.n01 == 0);
    }
    const auto &all = cell(r, "all", "task_correct"), &thin = cell(r, "thin", "task_correct");
    CHECK(all.n == items.size());
    CHECK(*all.base == 1);
    CHECK(all.state == verdict::pass);
    CHECK(cell(r, "thick", "task_correct").state == verdict::pass);
    CHECK(thin.n < 29);  // below the floor of a budget of 0.10
    CHECK(thin.state == verdict::inconclusive);
    CHECK(r.exit_code() == 3);
    CHECK_FALSE(r.notes.empty());
    CHECK(run(models().base, models().twin, items, slice_registry::standard()).exit_code() == 3);
}

TEST_CASE("planted damage fails, and only what it touched counts") {
    const auto r = run(models().base, models().damaged, answered_suite(), wide_registry());
    const auto& all = cell(r, "all", "task_correct");
    CHECK(all.state == verdict::fail);
    CHECK(all.newly_broken > all.n / 4);
    CHECK(r.exit_code() == 1);
    CHECK(cell(r, "all", "token_flip").delta > 0.2);
    const auto& items = r.candidates[0].items;
    for (const auto i : report::worst_items(r.candidates[0])) {
        CHECK(items[i].newly_broken());
        CHECK(items[i].slip.has_value());
    }
}

TEST_CASE("the run equals prompts run one by one through generation and teacher forcing") {
    constexpr std::size_t n = 24;
    constexpr std::uint32_t max_tokens = 9;
    std::vector<std::string> answers(n, "x");
    const auto items = load(suite_text(n, max_tokens, answers));
    const auto r = run(models().base, models().damaged, items, slice_registry::standard());
    scorer base(models().base), cand(models().damaged);
    const auto& vocab = models().base.vocab();
    const std::size_t v = vocab.n_vocab();
    metrics::position_accumulator expected;
    const auto rows_of = [&](scorer& engine, const std::vector<std::int32_t>& tokens) {
        std::vector<float> hidden(tokens.size() * engine.owner().config().d_model), logits(tokens.size() * v);
        const batch_item once{tokens, nullptr};
        REQUIRE(engine.hidden(std::span(&once, 1), hidden).ok());
        REQUIRE(engine.logits(hidden, logits).ok());
        return logits;
    };
    const auto generated = [&](const model& m, const std::vector<std::int32_t>& prompt, bool& ended) {
        generation item{prompt, max_tokens};
        REQUIRE(generate(m, std::span(&item, 1)).ok());
        ended = item.ended;
        return item.tokens;
    };
    std::size_t n_left = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto item = items.item(i);
        const auto prompt = vocab.encode(item.content);
        bool ended = false, cand_ended = false;
        const auto path = generated(models().base, *prompt, ended);
        const auto own = generated(models().damaged, *prompt, cand_ended);
        const auto& seen = r.candidates[0].items[i];
        CHECK(seen.base_text == *vocab.decode(path));
        CHECK(seen.cand_text == *vocab.decode(own));
        CHECK(seen.positions == path.size() + (ended ? 1u : 0u));
        n_left += path != own ? 1u : 0u;
        auto sequence = *prompt;
        sequence.insert(sequence.end(), path.begin(), path.end());
        const auto a = rows_of(base, sequence), b = rows_of(cand, sequence);
        for (std::size_t t = 0; t < seen.positions; ++t) {
            const std::size_t row = prompt->size() - 1 + t;
            const auto of = [&](const std::vector<float>& all) { return std::span(all).subspan(row * v, v); };
            const auto target = t < path.size() ? path[t] : *vocab.eos();
            expected.add(metrics::compare_position(of(a), of(b), target), item.cluster);
        }
    }
    CHECK(n_left > n / 2);
    CHECK(r.candidates[0].slices[0].positions == expected);
}

TEST_CASE("windows of a text: the rows of metrics, all or the second half") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "the ring " + std::to_string(i * 37 % 101) + " is there; ";
    const auto tokens = models().base.vocab().encode(text);
    REQUIRE(tokens.ok());
    constexpr std::size_t window = 64;
    const std::size_t n = tokens->size() / window;
    scorer base(models().base), cand(models().slightly);
    const std::size_t v = models().base.vocab().n_vocab(), d = models().base.config().d_model;
    for (const auto part : {score_part::all, score_part::second_half}) {
        auto options = in_f32();
        options.window = window;
        options.score = part;
        const auto r = compare(models().base, std::span(&models().slightly, 1), text_source{text, "t"},
                               slice_registry::standard(), options);
        REQUIRE_MESSAGE(r.ok(), r.status().message());
        CHECK(r->verdict() == verdict::measured);
        CHECK(r->exit_code() == 0);
        CHECK(r->candidates[0].exclusions[metrics::exclusion::tail_tokens] == tokens->size() - n * window);
        metrics::position_accumulator expected;
        for (std::size_t w = 0; w < n; ++w) {
            const auto ids = std::span(*tokens).subspan(w * window, window);
            std::vector<float> hidden(window * d), a(window * v), b(window * v);
            const batch_item once{ids, nullptr};
            REQUIRE(base.hidden(std::span(&once, 1), hidden).ok());
            REQUIRE(base.logits(hidden, a).ok());
            REQUIRE(cand.hidden(std::span(&once, 1), hidden).ok());
            REQUIRE(cand.logits(hidden, b).ok());
            for (std::size_t row = part == score_part::all ? 0 : window / 2; row + 1 < window; ++row)
                expected.add(metrics::compare_position(std::span(a).subspan(row * v, v),
                                                       std::span(b).subspan(row * v, v), ids[row + 1]),
                             w);
        }
        const auto& seen = r->candidates[0].slices[0].positions;
        CHECK(seen.n_positions() == n * (part == score_part::all ? window - 1 : window / 2 - 1));
        CHECK(seen == expected);
        CHECK(seen.summary(metric::kl_fwd_nats)->mean > 0);
    }
    const auto short_text = compare(models().base, std::span(&models().twin, 1), text_source{"the", "t"},
                                    slice_registry::standard());
    CHECK(short_text.status().code() == errc::empty);
}

TEST_CASE("result.json has the same bytes for 1, 2 and 7 threads, and reads back") {
    const auto& items = answered_suite();
    const auto one = report::result_json(run(models().base, models().slightly, items, wide_registry(), 1));
    CHECK(one == report::result_json(run(models().base, models().slightly, items, wide_registry(), 2)));
    CHECK(one == report::result_json(run(models().base, models().slightly, items, wide_registry(), 7)));
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    REQUIRE(parser.parse(one).get(root) == simdjson::SUCCESS);
    CHECK(std::string_view(root.at_pointer("/candidates/0/slices/0/name")) == "all");
    CHECK(std::uint64_t(root.at_pointer("/candidates/0/slices/0/prompts")) == items.size());
    CHECK(double(root.at_pointer("/candidates/0/slices/0/metrics/kl_fwd_nats/mean")) > 0);
    CHECK(std::string_view(root.at_pointer("/manifest/suite_sha256")) == items.digest());
    CHECK(simdjson::dom::array(root.at_pointer("/candidates/0/slices/0/flips_by_margin")).size() == 9);
    for (const char* key : {"slice", "metric", "role", "state", "reason", "base", "cand", "change", "lower",
                            "upper", "budget", "n", "clusters", "n_needed", "n_needed_observed"})
        CHECK(root.at_pointer(std::string("/candidates/0/gates/0/") + key).error() == simdjson::SUCCESS);
}

TEST_CASE("two candidates: each an object, alpha shared, the worst one's verdict") {
    const std::vector<model> both{models().twin, models().damaged};
    const auto r = compare(models().base, both, answered_suite(), wide_registry());
    REQUIRE(r.ok());
    CHECK(r->candidates[0].release.verdict == verdict::inconclusive);
    CHECK(r->candidates[1].release.verdict == verdict::fail);
    CHECK(r->exit_code() == 1);
    CHECK(r->candidates[0].release.cells[0].alpha_pass == 0.025);
    const auto json = report::result_json(*r);
    CHECK(json.find("\"ranking\"") != std::string::npos);
    const test::temp_folder folder;
    const auto paths = report::write_all(*r, folder.file("out"));
    REQUIRE_MESSAGE(paths.ok(), paths.status().message());
    CHECK(test::read_file(folder.file("out/result.json")) == json);
    for (const char* name : {"items.jsonl", "run_info.json", "report.md", "junit.xml", "qslip.prom"})
        CHECK(std::filesystem::file_size(folder.file(std::string("out/") + name)) > 0);
}

TEST_CASE("what cannot be compared is refused before anything runs") {
    arms other;
    const auto foreign = other.open("pre.gguf", {}, {.limits = {}, .isa = {}, .pre = "llama-bpe"});
    const auto items = load(suite_text(2, 2));
    const auto r = compare(models().base, foreign, items, slice_registry::standard());
    CHECK(r.status().code() == errc::not_comparable);
    CHECK(std::string(r.status().message()).starts_with("vocabularies differ: "));
    const auto long_prompt = load("{\"id\":\"a\",\"prompt\":\"x\",\"max_tokens\":600}\n");
    CHECK(std::string(compare(models().base, models().twin, long_prompt, slice_registry::standard())
                          .status()
                          .message()) ==
          "suite: item \"a\" needs 601 tokens of context, the model has 512: shorten it or lower max_tokens");
    slice_registry wrong;
    wrong.gate("a", "nonsense");
    CHECK(compare(models().base, models().twin, items, wrong).status().code() == errc::schema);
}

TEST_CASE("a required slice that the suite lacks never passes; no tasks at all is a measurement") {
    auto registry = wide_registry();
    registry.gate("gone", "task_correct", {.budget = 0.10});
    auto r = run(models().base, models().twin, answered_suite(), registry);
    CHECK(cell(r, "gone", "task_correct").state == verdict::inconclusive);
    registry.set_missing_fails(true);
    r = run(models().base, models().twin, answered_suite(), registry);
    CHECK(cell(r, "gone", "task_correct").state == verdict::fail);
    r = run(models().base, models().twin, load(suite_text(4, 2)), slice_registry::standard());
    CHECK(r.verdict() == verdict::measured);
}

TEST_CASE("a gate on a slice that the suite lacks blocks a PASS and is named; the plan tells before") {
    auto registry = wide_registry();
    registry.gate("thinn", "task_correct");
    auto options = in_f32();
    int n_plans = 0;
    options.on_plan = [&](const run_plan& plan) {
        ++n_plans;
        CHECK(plan_warnings(plan, "s.jsonl") ==
              std::vector<std::string>{"no slice \"thinn\" in s.jsonl; did you mean thin?"});
    };
    const auto r = compare(models().base, models().twin, answered_suite(), registry, options);
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    CHECK(n_plans == 1);
    CHECK(r->verdict() == verdict::inconclusive);
    CHECK(r->candidates[0].release.missing_slices == std::vector<std::string>{"thinn"});
    registry.set_missing_fails(true);
    CHECK(run(models().base, models().twin, answered_suite(), registry).verdict() == verdict::fail);
}

static const char* const plain_template =
    "{% for m in messages %}<|endoftext|>{{ m.role }}: {{ m.content }}{% endfor %}<|endoftext|>";

TEST_CASE("messages: rendered by the base's template; control tokens come from the template alone") {
    const test::temp_folder folder;
    REQUIRE(test::write_tiny_model(folder.file("chat.gguf"), {.chat_template = plain_template}).ok());
    const auto m = model::open(folder.file("chat.gguf"));
    REQUIRE(m.ok());
    const auto items =
        load(R"({"id":"a","messages":[{"role":"user","content":"the <|endoftext|> end"}],"max_tokens":2})");
    const auto prompts = prompt_encoder::create(*m, items);
    REQUIRE_MESSAGE(prompts.ok(), prompts.status().message());
    const auto item = items.item(0);
    CHECK(*prompts->text(item) == "<|endoftext|>user: the <|endoftext|> end<|endoftext|>");
    const auto tokens = prompts->encode(item);
    REQUIRE(tokens.ok());
    CHECK(std::ranges::count(*tokens, *m->vocab().eos()) == 2);
    CHECK(*m->vocab().decode(*tokens) == *prompts->text(item));
    CHECK(prompts->template_digest().size() == 64);

    const auto finished = prompt_encoder::create(*m, items, true);
    REQUIRE(finished.ok());
    CHECK(finished->encode(item).status().code() == errc::arg);
    suite_item plain;
    plain.content = "<|endoftext|>x";
    CHECK(finished->encode(plain)->front() == *m->vocab().eos());
    CHECK(prompts->encode(plain)->size() > finished->encode(plain)->size());
    const auto none = prompt_encoder::create(models().base, items);
    CHECK(none.status().code() == errc::not_found);
    CHECK(std::string(none.status().message()).find("--rendered") != std::string::npos);

    const auto r = run(*m, *m, items, slice_registry::standard());
    CHECK(r.manifest.chat_template == prompts->template_digest());
    CHECK(report::items_jsonl(r)->find("user: the <|endoftext|> end") != std::string::npos);
    const auto renamed =
        load(R"({"id":"b","messages":[{"role":"user","content":"the <|endoftext|> end"}],"max_tokens":2})");
    CHECK(run(*m, *m, renamed, slice_registry::standard()).manifest.prompts_digest !=
          r.manifest.prompts_digest);
}

/// Answers of one token that must be a JSON number: now and then a model says one.
static suite number_suite() {
    std::string text;
    for (std::size_t i = 0; i < 900; ++i) {
        json_writer w(text);
        w.begin_object()
            .member("id", "n/" + std::to_string(i))
            .member("prompt", prompt_of(i) + std::to_string(i));
        w.member("max_tokens", 1).key("task").begin_object().member("type", "json_schema");
        w.key("schema").begin_object().member("type", "integer").end_object().end_object().end_object();
        text += '\n';
    }
    return load(text);
}

TEST_CASE("a broken answer is located, and the base's margin is that of its row there") {
    const auto items = number_suite();
    slice_registry registry;
    registry.gate("json/S0", "json_valid", {.budget = 0.10}).guard("json/S3", "json_valid", {.budget = 0.10});
    registry.info("all", "tool_called");
    const auto r = run(models().base, models().damaged, items, registry);
    const auto& c = r.candidates[0];
    const auto& total = c.slices[0].outcomes.at(metric::json_valid).total();
    CHECK(total.n() == items.size());
    REQUIRE(total.n10 > 0);
    CHECK(cell(r, "json/S0", "json_valid").n == items.size());
    CHECK(cell(r, "json/S0", "json_valid").newly_broken == total.n10);
    CHECK(cell(r, "json/S3", "json_valid").why == verdict_reason::coverage);
    CHECK(cell(r, "all", "tool_called").n == 0);
    CHECK(r.exit_code() != 0);
    scorer base(models().base);
    const std::size_t v = models().base.vocab().n_vocab(), d = models().base.config().d_model;
    std::size_t n = 0;
    for (std::size_t i = 0; i < c.items.size(); ++i) {
        const auto& item = c.items[i];
        CHECK(item.broken_at.has_value() == (item.base_structure->valid() && !item.cand_structure->valid()));
        if (!item.broken_at) continue;
        const auto tokens = models().base.vocab().encode(items.item(i).content);
        std::vector<float> hidden(tokens->size() * d), row(v);
        const batch_item once{*tokens, nullptr};
        REQUIRE(base.hidden(std::span(&once, 1), hidden).ok());
        REQUIRE(base.logits(std::span(hidden).last(d), row).ok());
        const auto best = argmax(row);
        std::ranges::sort(row, std::greater<>());
        if (item.broken_at->token_index == 0) {
            ++n;
            CHECK(item.broken_at->byte == 0);
            CHECK(item.broken_at->token == item.cand_text);
            CHECK(item.broken_at->base_token == models().base.vocab().token_bytes(best));
            CHECK(item.broken_at->base_margin_nats ==
                  static_cast<double>(row[0]) - static_cast<double>(row[1]));
            CHECK(item.broken_at->base_behind_nats >= item.broken_at->base_margin_nats);
        }
    }
    CHECK(n > 0);
    const auto one = report::result_json(run(models().base, models().damaged, items, registry, 1));
    CHECK(one == report::result_json(run(models().base, models().damaged, items, registry, 7)));
    CHECK(one.find("\"broken_at\"") != std::string::npos);
    CHECK(report::markdown(r).find("Where answers broke") != std::string::npos);
    CHECK(report::prometheus(r).find("qslip_json_valid_lower_ratio{model=\"damaged\",slice=\"json/S0\"") !=
          std::string::npos);
}
