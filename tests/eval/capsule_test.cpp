// Baseline capsules: the same report as with the model, refused when of another run, damaged or unfinished.
#include <qslip/baseline.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/report.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "eval/capsule_state.hpp"
#include "eval/capsule_writer.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"
#include "tiny_arms.hpp"

using namespace qslip;
using test::items_of, test::models;

namespace {

capsule reopen(const std::string& path) {
    auto c = capsule::open(path);
    REQUIRE_MESSAGE(c.ok(), c.status().message());
    return *c;
}

std::string result_of(const suite& items, std::span<const model> candidates, const capsule* baseline,
                      numerics mode_base, unsigned threads) {
    compare_options options;
    options.baseline = baseline;
    options.mode_base = mode_base;
    options.threads = threads;
    const auto r = compare(models().base, candidates, items, slice_registry::standard(), options);
    REQUIRE_MESSAGE(r.ok(), r.status().message());
    return report::result_json(*r) + *report::items_jsonl(*r);
}

/// A capsule of few bytes, and its file's name.
struct small_capsule {
    test::temp_folder folder;
    std::string path = folder.file("small.qbase");
    suite items = items_of(2, 2, true);
    small_capsule() {
        const auto made = write_baseline(models().base, items, path);
        REQUIRE_MESSAGE(made.ok(), made.status().message());
    }
};

/// A file that never reaches a disk.
class memory_file {
    int fd_ = ::memfd_create("capsule", 0);

public:
    const std::string path = "/proc/self/fd/" + std::to_string(fd_);
    memory_file() = default;
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;
    ~memory_file() { ::close(fd_); }
    void hold(std::string_view bytes) const {
        REQUIRE(::ftruncate(fd_, 0) == 0);
        REQUIRE(::pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    }
};

bool reads_as_whole(const std::string& path) {
    const auto c = capsule::open(path);
    if (!c) CHECK(c.status().message()[0] != '\0');
    return c && c->check_all().ok();
}

}  // namespace

TEST_CASE("a capsule gives the bytes of the model: suites, modes, kept logits, threads, two candidates") {
    const auto items = items_of(40, 6, true);
    const test::temp_folder folder;
    const std::vector<model> both{models().slightly, models().damaged};
    for (const auto mode : {numerics::f32, numerics::a8})
        for (const bool keep_logits : {false, true}) {
            CAPTURE(keep_logits);
            const auto path = folder.file("base.qbase");
            baseline_options options;
            options.mode_base = mode;
            options.keep_logits = keep_logits;
            options.threads = keep_logits ? 7 : 1;
            const auto made = write_baseline(models().base, items, path, options);
            REQUIRE_MESSAGE(made.ok(), made.status().message());
            CHECK(made->items == 41);
            CHECK(made->size_bytes == std::filesystem::file_size(path));
            CHECK_FALSE(std::filesystem::exists(path + ".part"));
            const auto stored = reopen(path);
            const auto wanted = result_of(items, both, nullptr, mode, 2);
            for (const unsigned threads : {1u, 2u, 7u})
                CHECK(result_of(items, both, &stored, mode, threads) == wanted);
        }
}

TEST_CASE("windows of a text through a capsule; its size per scored position") {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "the ring " + std::to_string(i * 37 % 101) + " is there; ";
    const test::temp_folder folder;
    const auto path = folder.file("text.qbase");
    const text_source source{text, "t"};
    baseline_options written;
    written.window = 64;
    written.score = score_part::second_half;
    const auto made = write_baseline(models().base, source, path, written);
    REQUIRE_MESSAGE(made.ok(), made.status().message());
    const auto stored = reopen(path);
    compare_options options;
    options.window = 64;
    options.score = score_part::second_half;
    const auto run = [&] {
        const auto r = compare(models().base, std::span(&models().slightly, 1), source,
                               slice_registry::standard(), options);
        REQUIRE_MESSAGE(r.ok(), r.status().message());
        CHECK(r->candidates.front().slices.front().positions.n_positions() == made->positions);
        return report::result_json(*r);
    };
    const auto wanted = run();
    options.baseline = &stored;
    CHECK(run() == wanted);
    const auto d_model = models().base.config().d_model, overhead = std::size_t{32} * made->items + 2048;
    CHECK(made->size_bytes <= made->positions * (4 + 4 * d_model) + overhead);
}

TEST_CASE("a capsule of another run is refused, naming the field") {
    const small_capsule small;
    const auto stored = reopen(small.path);
    compare_options options;
    options.baseline = &stored;
    const auto refusal = [&](const model& base, const suite& items) {
        const auto r = compare(base, models().slightly, items, slice_registry::standard(), options);
        CHECK(r.status().code() == errc::not_comparable);
        return std::string(r.status().message());
    };
    CHECK(refusal(models().base, items_of(3, 2, true)).find("suite_sha256") != std::string::npos);
    CHECK(refusal(models().slightly, small.items).find("base_sha256") != std::string::npos);
    options.mode_base = numerics::a8;
    CHECK(refusal(models().base, small.items).find("mode_base is \"a16\" there, \"a8\" here") !=
          std::string::npos);
    auto other =
        model::open(models().folder.file("base.gguf"), {.limits = {}, .isa = {}, .pre = "llama-bpe"});
    REQUIRE(other.ok());
    auto cand = model::open(models().folder.file("q5.gguf"), {.limits = {}, .isa = {}, .pre = "llama-bpe"});
    options.mode_base = {};
    const auto r = compare(*other, *cand, small.items, slice_registry::standard(), options);
    CHECK(std::string(r.status().message()).find("tokenizer_sha256") != std::string::npos);

    std::string text;
    for (int i = 0; i < 60; ++i) text += "the ring " + std::to_string(i) + "; ";
    const auto path = small.folder.file("text.qbase");
    baseline_options written;
    written.window = 64;
    REQUIRE(write_baseline(models().base, text_source{text, "t"}, path, written).ok());
    const auto of_text = reopen(path);
    options.baseline = &of_text;
    const auto text_refusal = [&](const std::string& what, std::uint64_t window, score_part score) {
        options.window = window;
        options.score = score;
        const auto seen = compare(models().base, std::span(&models().slightly, 1), text_source{what, "t"},
                                  slice_registry::standard(), options);
        return std::string(seen.status().message());
    };
    CHECK(text_refusal(text, 32, score_part::all).find("window is \"64\" there, \"32\" here") !=
          std::string::npos);
    CHECK(text_refusal(text, 64, score_part::second_half).find("score is \"all\" there") !=
          std::string::npos);
    CHECK(text_refusal(text + " ", 64, score_part::all).find("text_sha256") != std::string::npos);
    CHECK(refusal(models().base, small.items).find("token_path") != std::string::npos);
}

TEST_CASE("the base's file is found where it was or beside the capsule, else asked for") {
    const small_capsule small;
    const auto elsewhere = small.folder.file("moved.qbase");
    CHECK(*reopen(small.path).find_base() == models().folder.file("base.gguf"));
    const test::temp_folder first_home;
    const auto model_path = first_home.file("m.gguf"), path = small.folder.file("m.qbase");
    REQUIRE(test::write_tiny_model(model_path, {}).ok());
    {
        const auto m = model::open(model_path);
        REQUIRE(m.ok());
        REQUIRE(write_baseline(*m, small.items, path).ok());
    }
    std::filesystem::rename(model_path, small.folder.file("m.gguf"));
    CHECK(*reopen(path).find_base() == small.folder.file("m.gguf"));
    std::filesystem::remove(small.folder.file("m.gguf"));
    const auto lost = reopen(path).find_base();
    CHECK(lost.status().code() == errc::not_found);
    CHECK(std::string(lost.status().message()).find("put it there") != std::string::npos);
}

TEST_CASE("truncation at every byte and every flipped bit: an error, never other numbers") {
    const small_capsule small;
    const auto whole = test::read_file(small.path);
    const memory_file copy;
    copy.hold(whole);
    REQUIRE(reads_as_whole(copy.path));
    MESSAGE(whole.size() << " bytes");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        copy.hold(std::string_view(whole).substr(0, n));
        if (reads_as_whole(copy.path)) FAIL("cut at " << n);
    }
    auto bytes = whole;
    for (std::size_t i = 0; i < 8 * whole.size(); ++i) {
        bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
        copy.hold(bytes);
        if (reads_as_whole(copy.path)) FAIL("bit " << i);
        bytes[i / 8] = whole[i / 8];
    }
    copy.hold(whole + "x");
    CHECK_FALSE(reads_as_whole(copy.path));
    bytes[8] = 2;
    copy.hold(bytes);
    CHECK(capsule::open(copy.path).status().code() == errc::unsupported);
}

TEST_CASE("an interrupted baseline continues, wherever it was cut, and counts nothing twice") {
    const small_capsule small;
    const auto whole = test::read_file(small.path);
    const auto stored = reopen(small.path);
    const auto resumed = small.folder.file("resumed.qbase"), part = resumed + ".part";
    std::string partial;  // the records in another order, one of them twice
    {
        auto writer = capsule_writer::open(resumed, stored.fields(), {});
        REQUIRE_MESSAGE(writer.ok(), writer.status().message());
        for (const std::size_t i : {2u, 0u, 2u}) {
            base_rows rows;
            REQUIRE(stored.internals().read(i, rows).ok());
            REQUIRE(writer->add(i, rows).ok());
        }
    }
    partial = test::read_file(part);
    std::size_t most = 0;
    for (std::size_t n = 0; n <= partial.size(); ++n) {
        test::write_file(part, std::string_view(partial).substr(0, n));
        auto writer = capsule_writer::open(resumed, stored.fields(), {});
        REQUIRE_MESSAGE(writer.ok(), writer.status().message());
        std::size_t had = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            had += writer->has(i) ? 1u : 0u;
            base_rows rows;
            REQUIRE(stored.internals().read(i, rows).ok());
            if (!writer->has(i)) REQUIRE(writer->add(i, rows).ok());
        }
        CHECK(had >= most);
        const bool one_more = had > most;
        most = had;
        if (!one_more && n % 256 != 0 && n != partial.size()) continue;  // each finish waits for the disk
        REQUIRE(writer->finish().ok());
        if (test::read_file(resumed) != whole) FAIL("cut at " << n);
    }
    CHECK(most == 2);
    // The run itself takes it over.
    test::write_file(part, partial);
    const auto made = write_baseline(models().base, small.items, resumed);
    REQUIRE_MESSAGE(made.ok(), made.status().message());
    CHECK(made->resumed_items == 2);
    CHECK(test::read_file(resumed) == whole);
}

TEST_CASE("what another baseline left unfinished is refused, and two writers of one capsule") {
    const small_capsule small;
    const auto path = small.folder.file("other.qbase");
    auto fields = reopen(small.path).fields();
    for (auto& [name, value] : fields)
        if (name == "mode_base") value = "f32";
    {
        auto writer = capsule_writer::open(path, fields, {});
        REQUIRE(writer.ok());
        CHECK(write_baseline(models().base, small.items, path).status().code() == errc::busy);
        base_rows rows;
        REQUIRE(reopen(small.path).internals().read(0, rows).ok());
        REQUIRE(writer->add(0, rows).ok());
    }
    const auto refused = write_baseline(models().base, small.items, path);
    CHECK(refused.status().code() == errc::conflict);
    CHECK(std::string(refused.status().message()).find("mode_base") != std::string::npos);
}
