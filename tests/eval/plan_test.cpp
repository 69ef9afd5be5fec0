// What a run will be able to say, before anything runs.
#include <qslip/plan.hpp>

#include <doctest/doctest.h>

using namespace qslip;

/// A plan over `n` items of the slice "arith", judged.
static run_plan plan_of(const slice_registry& registry, std::size_t n, std::size_t cluster_size = 1) {
    run_plan plan(registry, {"arith", "prose"});
    const std::vector<std::string> tags{"arith"}, others{"prose"};
    const metric right[] = {metric::task_correct};
    for (std::size_t i = 0; i < n; ++i)
        plan.add_item(plan.slices_of({&tags, "en", "", 12}), right, i / cluster_size);
    plan.add_item(plan.slices_of({&others, "en", "", 12}), {}, n);
    REQUIRE(plan.finish().ok());
    return plan;
}

static std::vector<std::string> warnings(const slice_registry& registry) {
    return plan_warnings(plan_of(registry, 3), "prompts.jsonl");
}

TEST_CASE("a slice that no item is in is told, with the name that was likely meant") {
    slice_registry registry;
    registry.gate("arth", "task_correct").guard("all", "task_correct").info("nobody", "token_flip");
    CHECK(warnings(registry) ==
          std::vector<std::string>{"no slice \"arth\" in prompts.jsonl; did you mean arith?"});
    const auto missing = plan_of(registry, 3).missing_slices();
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].decides);
    CHECK(warnings(slice_registry::standard()).empty());
}

TEST_CASE("a declared slice may select positions, but not nothing") {
    slice_selector wrong_tag, digits, swahili;
    wrong_tag.tags = {"pros"};
    digits.digit_tokens = true;
    swahili.languages = {"sw"};
    slice_registry registry = slice_registry::standard();
    registry.define("texts", wrong_tag).define("digits", digits).define("sw", swahili);
    CHECK(warnings(registry) ==
          std::vector<std::string>{
              "no item of prompts.jsonl is in slice \"sw\"",
              "no item of prompts.jsonl is in slice \"texts\": no tag \"pros\"; did you mean prose?"});
    const auto plan = plan_of(registry, 3);
    for (const auto& missing : plan.missing_slices()) CHECK_FALSE(missing.decides);
}

TEST_CASE("the plan says what its verdict can be") {
    slice_registry registry;
    registry.gate("arith", "task_correct", {.budget = 0.05});
    CHECK(outlook(plan_of(registry, 58)) == "1 of 1 cells cannot pass at this n");
    CHECK(outlook(plan_of(registry, 59)) ==
          "1 of 1 cells have fewer answers than they need to pass reliably");
    CHECK(outlook(plan_of(registry, 2000)) == "all cells that decide have the answers they need");
    // 29 clusters are too few, however many answers they hold.
    CHECK(outlook(plan_of(registry, 29 * 50, 50)) == "1 of 1 cells cannot pass at this n");
    registry.gate("arth", "task_correct").guard("prose", "task_correct");
    CHECK(outlook(plan_of(registry, 2000)) == "2 of 3 cells cannot pass at this n");
}

TEST_CASE("a plan without a judged answer says that nothing decides") {
    CHECK(outlook(plan_of(slice_registry::standard(), 0)) == "nothing decides: the verdict will be MEASURED");
}

TEST_CASE("the table has the cells that decide first, and ends with the outlook") {
    slice_registry registry;
    registry.info("all", "task_correct").gate("arith", "task_correct");
    const auto table = plan_table(plan_of(registry, 10));
    CHECK(table.find("\narith") < table.find("\nall"));
    CHECK(table.ends_with("\n1 of 1 cells cannot pass at this n\n"));
}
