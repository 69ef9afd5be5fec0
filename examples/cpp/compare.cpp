#include <qslip/qslip.hpp>

#include <cstdio>

static int could_not_run(const qslip::status& why) { return std::fprintf(stderr, "%s\n", why.message()), 2; }

int main() {
    auto base = qslip::model::open("base.gguf"), cand = qslip::model::open("int4.gguf");
    if (!base) return could_not_run(base.status());
    if (!cand) return could_not_run(cand.status());
    auto suite = qslip::suite::load("prompts.jsonl");  // one JSON object a line: docs/suite.md
    if (!suite) return could_not_run(suite.status());

    auto registry = qslip::slice_registry::standard();  // every slice with a task: at most 5 points lost
    registry.gate("json", "json_valid", {.budget = 0.01});
    registry.tripwire("*", "token_flip", {.limit = 0.10});  // a slice that flips more cannot pass unseen

    auto run = qslip::compare(*base, *cand, *suite, registry, {.threads = 4});
    if (!run) return could_not_run(run.status());
    for (const auto& gate : run->gates())
        std::printf("%s %s: %s (n=%zu)\n", gate.slice(), gate.metric(), gate.state_name(), gate.n());
    if (auto written = qslip::report::write_all(*run, "out"); !written)
        return could_not_run(written.status());
    return run->exit_code();  // 0 PASS, 1 FAIL, 3 INCONCLUSIVE, 4 NOT_COMPARABLE
}
