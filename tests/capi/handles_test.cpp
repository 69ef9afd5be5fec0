// The table itself: what a handle number can and cannot reach.
#include <doctest/doctest.h>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "../../capi/src/handles.hpp"

using namespace qslip::capi;

static std::shared_ptr<void> object(int value) { return std::make_shared<int>(value); }

TEST_CASE("a handle reaches its object, and nothing after removal") {
    handle_table table;
    const auto a = *table.insert(handle_kind::kl, object(1));
    const auto b = *table.insert(handle_kind::kl, object(2));
    CHECK(a != b);
    CHECK(*std::static_pointer_cast<int>(table.find(a, handle_kind::kl)) == 1);
    CHECK(*std::static_pointer_cast<int>(table.find(b, handle_kind::kl)) == 2);
    CHECK_FALSE(table.find(a, handle_kind::model));
    CHECK_FALSE(table.remove(a, handle_kind::model));
    CHECK(table.remove(a, handle_kind::kl));
    CHECK_FALSE(table.find(a, handle_kind::kl));
    CHECK_FALSE(table.remove(a, handle_kind::kl));
    CHECK(table.find(b, handle_kind::kl));
}

TEST_CASE("a reused slot does not answer to its old handles") {
    handle_table table;
    std::set<std::uintptr_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto handle = *table.insert(handle_kind::model, object(i));
        CHECK(seen.insert(handle).second);
        CHECK(table.remove(handle, handle_kind::model));
    }
    const auto last = *table.insert(handle_kind::model, object(0));
    for (const auto old : seen) CHECK_FALSE(table.find(old, handle_kind::model));
    CHECK(table.find(last, handle_kind::model));
}

TEST_CASE("forged numbers and addresses reach nothing") {
    handle_table table;
    const auto real = *table.insert(handle_kind::kl, object(1));
    std::mt19937_64 random(7);
    int n_hits = 0;
    for (int i = 0; i < 100000; ++i) {
        const auto forged = static_cast<std::uintptr_t>(random());
        if (forged != real && table.find(forged, handle_kind::kl)) ++n_hits;
    }
    for (unsigned bit = 0; bit < sizeof(real) * 8; ++bit)
        if (table.find(real ^ (std::uintptr_t{1} << bit), handle_kind::kl)) ++n_hits;
    if (table.find(reinterpret_cast<std::uintptr_t>(&table), handle_kind::kl)) ++n_hits;
    CHECK(n_hits == 0);
}

TEST_CASE("the object outlives its handle while someone holds it") {
    handle_table table;
    const auto handle = *table.insert(handle_kind::kl, object(5));
    const auto held = table.find(handle, handle_kind::kl);
    CHECK(table.remove(handle, handle_kind::kl));
    CHECK(*std::static_pointer_cast<int>(held) == 5);
    CHECK(held.use_count() == 1);
}

TEST_CASE("threads share the table") {
    handle_table table;
    std::vector<std::thread> threads;
    std::vector<int> failures(4);
    for (std::size_t t = 0; t < failures.size(); ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2000; ++i) {
                const auto handle = *table.insert(handle_kind::kl, object(i));
                const auto found = std::static_pointer_cast<int>(table.find(handle, handle_kind::kl));
                failures[t] += !found || *found != i || !table.remove(handle, handle_kind::kl);
            }
        });
    for (auto& thread : threads) thread.join();
    for (const int n : failures) CHECK(n == 0);
}
