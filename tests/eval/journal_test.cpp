// An interrupted comparison: continued to the same bytes wherever it was cut, refused when of another run.
#include <qslip/compare.hpp>
#include <qslip/report.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstring>

#include "eval/run/run_journal.hpp"
#include "tiny_arms.hpp"

using namespace qslip;
using test::items_of, test::models;

namespace {

struct seen {
    std::string bytes;
    std::uint64_t resumed_items = 0;
};

result<run_result> run(const suite& items, const std::string& journal,
                       std::span<const model> candidates = std::span(&models().damaged, 1)) {
    compare_options options;
    options.threads = 3;  // more bundles than one thread would get
    options.journal = journal;
    options.measure = {"attention"};
    return compare(models().base, candidates, items, slice_registry::standard(), options);
}

seen look(const result<run_result>& r) {
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    return {report::result_json(*r) + *report::items_jsonl(*r), r->facts.resumed_items};
}

}  // namespace

TEST_CASE("a run that continues says how many items it has before it works on the others") {
    const auto items = items_of(40, 4, true);
    const test::temp_folder folder;
    const auto path = folder.file("run.qrun");
    look(run(items, path));
    const auto whole = test::read_file(path);
    test::write_file(path, std::string_view(whole).substr(0, whole.size() / 2));
    std::vector<std::string> told;
    compare_options options;
    options.threads = 3;
    options.journal = path;
    options.measure = {"attention"};
    options.on_resume = [&](std::uint64_t done, std::uint64_t all) {
        CHECK(done > 0);
        CHECK(done < all);
        CHECK(all == 41);
        told.push_back("resumed");
    };
    options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
        CHECK(total > 0);
        told.push_back(done == 0 ? "start" : "more");
    };
    REQUIRE(compare(models().base, models().damaged, items, slice_registry::standard(), options).ok());
    REQUIRE(told.size() > 2);
    CHECK(told[0] == "resumed");
    CHECK(told[1] == "start");
    CHECK(told[2] == "more");
    CHECK(std::ranges::count(told, "resumed") == 1);
}

TEST_CASE("a comparison continues from every record, and counts nothing twice") {
    const auto items = items_of(40, 4, true);
    const test::temp_folder folder;
    const auto path = folder.file("made/run.qrun");
    const std::vector<model> both{models().slightly, models().damaged};
    const auto wanted = look(run(items, "", both)).bytes;
    CHECK(look(run(items, path, both)).bytes == wanted);
    const auto whole = test::read_file(path);
    const auto again = look(run(items, path, both));
    CHECK(again.bytes == wanted);
    CHECK(again.resumed_items == 41);
    CHECK(test::read_file(path) == whole);
    std::uint64_t most = 0;
    std::size_t n_steps = 0;
    for (std::size_t n = 0; n < whole.size(); n += 1 + whole.size() / 60) {
        test::write_file(path, std::string_view(whole).substr(0, n));
        const auto resumed = look(run(items, path, both));
        if (resumed.bytes != wanted) FAIL("cut at " << n);
        CHECK(resumed.resumed_items >= most);
        n_steps += resumed.resumed_items > most ? 1u : 0u;
        most = resumed.resumed_items;
    }
    CHECK(n_steps >= 3);
    CHECK(most < 41);
}

TEST_CASE("a damaged record and what follows it are made again") {
    const auto items = items_of(20, 3, false);
    const test::temp_folder folder;
    const auto path = folder.file("run.qrun");
    const auto wanted = look(run(items, path)).bytes;
    const auto whole = test::read_file(path);
    for (std::size_t i = whole.size() - 1; i > whole.size() / 2; i -= whole.size() / 20) {
        auto bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
        test::write_file(path, bytes);
        const auto resumed = look(run(items, path));
        if (resumed.bytes != wanted) FAIL("byte " << i);
        CHECK(resumed.resumed_items < 20);
    }
    // A whole record of nonsense, or of items that are done: no less.
    auto journal_of = [&](std::string_view record, int times) {
        test::write_file(path, whole);
        const auto header = whole.size();
        auto bytes = whole;
        byte_writer frame;
        for (int k = 0; k < times; ++k) {
            byte_writer one;
            one.u64(record.size());
            one.raw(std::as_bytes(std::span(record)));
            one.u64(crc64(one.bytes()));
            frame.raw(one.bytes());
        }
        bytes.append(reinterpret_cast<const char*>(frame.bytes().data()), frame.bytes().size());
        test::write_file(path, bytes);
        CHECK(look(run(items, path)).bytes == wanted);
        CHECK(test::read_file(path).size() == header);
    };
    journal_of("", 1);
    journal_of("nonsense", 2);
    journal_of(std::string(64, '\xff'), 1);
    const auto first = whole.size() - 8;  // the last record once more
    std::size_t at = 0, size = 0;
    std::memcpy(&size, whole.data() + 12, 4);
    for (at = 16 + size + 8; at < first;) {
        std::memcpy(&size, whole.data() + at, 8);
        if (at + 16 + size >= whole.size()) break;
        at += 16 + size;
    }
    journal_of(std::string_view(whole).substr(at + 8, size), 1);
}

TEST_CASE("what another comparison left unfinished is refused, naming the field; an empty one is not") {
    const auto items = items_of(10, 2, false);
    const test::temp_folder folder;
    const auto path = folder.file("run.qrun");
    (void)look(run(items, path));
    const auto refusal = [&](const suite& other, const model& candidate) {
        const auto r = run(other, path, std::span(&candidate, 1));
        CHECK(r.status().code() == errc::conflict);
        return std::string(r.status().message());
    };
    CHECK(refusal(items, models().slightly).find("candidate_1_sha256") != std::string::npos);
    CHECK(refusal(items_of(10, 3, false), models().damaged).find("suite_sha256") != std::string::npos);
    compare_options without_attention;
    without_attention.journal = path;
    const auto less = compare(models().base, std::span(&models().damaged, 1), items,
                              slice_registry::standard(), without_attention);
    CHECK(less.status().code() == errc::conflict);
    CHECK(std::string(less.status().message()).find("measure is \"attention\" there") != std::string::npos);
    const auto whole = test::read_file(path);
    std::uint32_t field_bytes = 0;
    std::memcpy(&field_bytes, whole.data() + 12, sizeof field_bytes);
    test::write_file(path, std::string_view(whole).substr(0, 16 + field_bytes + 8));
    CHECK(look(run(items, path, std::span(&models().slightly, 1))).resumed_items == 0);
    test::write_file(path, "no journal at all, and longer than a header's beginning");
    CHECK(run(items, path).status().code() == errc::conflict);
}

TEST_CASE("a journal whose states are of another version is refused, naming the accumulator") {
    const auto items = items_of(5, 2, false);
    const test::temp_folder folder;
    const auto path = folder.file("run.qrun");
    (void)look(run(items, path));
    auto bytes = test::read_file(path);
    std::uint32_t field_bytes = 0;
    std::memcpy(&field_bytes, bytes.data() + 12, sizeof field_bytes);
    const auto version = bytes.find("version 2", bytes.find("position metrics state"));
    REQUIRE(version < 16 + field_bytes);
    bytes[version + 8] = '1';
    const auto sum = crc64(std::as_bytes(std::span(bytes)).first(16 + field_bytes));
    std::memcpy(bytes.data() + 16 + field_bytes, &sum, sizeof sum);
    test::write_file(path, bytes);
    const auto refused = run(items, path);
    CHECK(refused.status().code() == errc::conflict);
    CHECK(std::string(refused.status().message())
              .find("position metrics state is \"version 1\" there, \"version 2\" here") !=
          std::string::npos);
}
