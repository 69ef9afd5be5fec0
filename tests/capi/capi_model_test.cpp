// Models through qslip.h, on a small file made by the test.
#include <cmath>
#include <limits>
#include <thread>

#include "capi_support.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_gguf.hpp"

using capi_test::expect;
using capi_test::guarded;
using qslip::test::tiny_gguf;

namespace {

/// An open model in a folder of its own.
struct tiny_model {
    explicit tiny_model(const std::string& bytes = tiny_gguf::bytes()) : path(folder.file("tiny.gguf")) {
        qslip::test::write_file(path, bytes);
        auto err = capi_test::fresh_error();
        const auto code = qslip_model_open(path.c_str(), nullptr, &handle, &err);
        INFO(err.message);
        REQUIRE(code == QSLIP_OK);
    }
    ~tiny_model() { CHECK(qslip_model_destroy(handle, nullptr) == QSLIP_OK); }

    qslip::test::temp_folder folder;
    std::string path;
    qslip_model* handle = nullptr;
};

using ids = std::vector<std::int32_t>;

ids tokenize(const tiny_model& m, const std::string& text, std::uint32_t flags = 0) {
    std::size_t n = 0;
    ids out(text.size() + 1);
    REQUIRE(qslip_model_tokenize(m.handle, text.data(), text.size(), flags, out.data(), out.size(), &n,
                                 nullptr) == QSLIP_OK);
    out.resize(n);
    return out;
}

std::vector<float> score(const tiny_model& m, const ids& tokens) {
    std::vector<float> logits(tokens.size() * tiny_gguf::n_vocab);
    std::size_t n = 0;
    auto err = capi_test::fresh_error();
    const auto code =
        qslip_model_score(m.handle, tokens.data(), tokens.size(), logits.data(), logits.size(), &n, &err);
    INFO(err.message);
    REQUIRE(code == QSLIP_OK);
    REQUIRE(n == logits.size());
    return logits;
}

}  // namespace

TEST_CASE("what a model says about itself") {
    const tiny_model m;
    qslip_model_info info = QSLIP_MODEL_INFO_INIT;
    REQUIRE(qslip_model_get_info(m.handle, &info, nullptr) == QSLIP_OK);
    CHECK(info.n_vocab == tiny_gguf::n_vocab);
    CHECK(info.n_ctx == tiny_gguf::n_ctx);
    CHECK(info.n_layers == tiny_gguf::n_layers);
    CHECK(info.d_model == tiny_gguf::d_model);
    CHECK(info.bos_token == tiny_gguf::bos);
    CHECK(info.eos_token == tiny_gguf::eos);
    CHECK(info.adds_bos == 1);
    CHECK(info.memory_bytes > 350000);
    CHECK(info.struct_size == sizeof(info));
}

TEST_CASE("text to ids and back") {
    const tiny_model m;
    CHECK(tokenize(m, "hello") == ids{258, 'o'});
    CHECK(tokenize(m, "hello", QSLIP_TOKENIZE_ADD_BOS) == ids{tiny_gguf::bos, 258, 'o'});
    CHECK(tokenize(m, "</s>").size() == 4);
    CHECK(tokenize(m, "</s>", QSLIP_TOKENIZE_PARSE_SPECIAL) == ids{tiny_gguf::eos});
    CHECK(tokenize(m, "").empty());
    const std::string text("h\0\xc3\xa4\xff\n", 6);
    const auto tokens = tokenize(m, text);
    char back[16] = {};
    std::size_t n = 0;
    CHECK(qslip_model_detokenize(m.handle, tokens.data(), tokens.size(), back, sizeof back, &n, nullptr) ==
          QSLIP_OK);
    CHECK(std::string(back, n) == text);
}

TEST_CASE("scores: shape, determinism, causality") {
    const tiny_model m;
    const auto tokens = tokenize(m, "hello, hello?", QSLIP_TOKENIZE_ADD_BOS);
    const auto logits = score(m, tokens);
    for (const float x : logits) REQUIRE(std::isfinite(x));
    CHECK(score(m, tokens) == logits);
    // A prefix gets the same bits: no position sees what follows it.
    const auto prefix = score(m, ids(tokens.begin(), tokens.begin() + 4));
    CHECK(std::equal(prefix.begin(), prefix.end(), logits.begin()));
    auto changed = tokens;
    changed.back() = 'x';
    const auto other = score(m, changed);
    const auto last_row = static_cast<std::ptrdiff_t>((tokens.size() - 1) * tiny_gguf::n_vocab);
    CHECK(std::equal(logits.begin(), logits.begin() + last_row, other.begin()));
    CHECK_FALSE(std::equal(logits.begin() + last_row, logits.end(), other.begin() + last_row));
}

TEST_CASE("one model, many threads, the same bits") {
    const tiny_model m;
    const auto tokens = tokenize(m, "hello from all sides", QSLIP_TOKENIZE_ADD_BOS);
    std::vector<std::vector<float>> got(6);
    std::vector<std::thread> threads;
    for (auto& mine : got)  // the first call loads the weights; all of them race for it
        threads.emplace_back([&m, &tokens, &mine] {
            for (int i = 0; i < 3; ++i) mine = score(m, tokens);
        });
    for (auto& thread : threads) thread.join();
    for (const auto& logits : got) CHECK(logits == got[0]);
}

TEST_CASE("a model destroyed during a call lives until the call returns") {
    qslip::test::temp_folder folder;
    const auto path = folder.file("tiny.gguf");
    qslip::test::write_file(path, tiny_gguf::bytes());
    for (int round = 0; round < 5; ++round) {
        qslip_model* model = nullptr;
        REQUIRE(qslip_model_open(path.c_str(), nullptr, &model, nullptr) == QSLIP_OK);
        qslip_status during = -1;
        std::thread user([&] {
            const ids tokens(64, 'a');
            std::vector<float> logits(tokens.size() * tiny_gguf::n_vocab);
            std::size_t n = 0;
            during = qslip_model_score(model, tokens.data(), tokens.size(), logits.data(), logits.size(), &n,
                                       nullptr);
        });
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        CHECK(qslip_model_destroy(model, nullptr) == QSLIP_OK);
        user.join();
        CHECK((during == QSLIP_OK || during == QSLIP_E_HANDLE));
    }
}

TEST_CASE("buffers of the model calls") {
    const tiny_model m;
    const std::string text = "hello!";
    const auto tokens = tokenize(m, text);
    for (const bool at_start : {false, true}) {
        guarded<char> in(text.size(), at_start);
        std::memcpy(in.data(), text.data(), text.size());
        guarded<std::int32_t> exact(tokens.size(), at_start);
        std::size_t n = 0;
        CHECK(qslip_model_tokenize(m.handle, in.data(), text.size(), 0, exact.data(), tokens.size(), &n,
                                   nullptr) == QSLIP_OK);
        CHECK(n == tokens.size());
        guarded<char> back(text.size(), at_start);
        CHECK(qslip_model_detokenize(m.handle, exact.data(), n, back.data(), text.size(), &n, nullptr) ==
              QSLIP_OK);
        CHECK(n == text.size());
        const auto n_logits = tokens.size() * tiny_gguf::n_vocab;
        guarded<float> logits(n_logits, at_start);
        CHECK(qslip_model_score(m.handle, exact.data(), tokens.size(), logits.data(), n_logits, &n,
                                nullptr) == QSLIP_OK);
        CHECK(n == n_logits);
    }
    std::int32_t id[2] = {-7, -7};
    std::size_t n = 0;
    expect(QSLIP_E_BUFFER, [&](qslip_error* e) {
        return qslip_model_tokenize(m.handle, text.data(), text.size(), 0, id, 1, &n, e);
    });
    CHECK(n == tokens.size());
    CHECK(id[0] == -7);
    expect(QSLIP_E_BUFFER, [&](qslip_error* e) {
        return qslip_model_detokenize(m.handle, tokens.data(), tokens.size(), nullptr, 0, &n, e);
    });
    CHECK(n == text.size());
    float logit = 42;
    expect(QSLIP_E_BUFFER, [&](qslip_error* e) {
        return qslip_model_score(m.handle, tokens.data(), tokens.size(), &logit, 1, &n, e);
    });
    CHECK(n == tokens.size() * tiny_gguf::n_vocab);
    CHECK(logit == 42);
}

TEST_CASE("misuse of a good model") {
    const tiny_model m;
    constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
    std::int32_t id[4] = {0, 1, 2, 3};
    std::vector<float> logits(4 * tiny_gguf::n_vocab + 4);
    char text[16];
    std::size_t n = 77;
    auto* h = m.handle;
    const auto cap = logits.size();
    float* out = logits.data();
    auto* odd = reinterpret_cast<std::int32_t*>(text + (reinterpret_cast<std::uintptr_t>(text) % 2 == 0));
    expect(QSLIP_E_HANDLE,
           [&](qslip_error* e) { return qslip_kl_destroy(reinterpret_cast<qslip_kl*>(h), e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_get_info(h, nullptr, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_tokenize(h, nullptr, 1, 0, id, 4, &n, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_tokenize(h, "a", 1, 0, nullptr, 4, &n, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_tokenize(h, "a", 1, 0, id, 4, nullptr, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_tokenize(h, "a", 1, 4, id, 4, &n, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_tokenize(h, "a", 1, ~0U, id, 4, &n, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_tokenize(h, "a", 1, 0, odd, 1, &n, e); });
    expect(QSLIP_E_LIMIT,
           [&](qslip_error* e) { return qslip_model_tokenize(h, "a", huge / 2, 0, id, 4, &n, e); });
    expect(QSLIP_E_LIMIT,
           [&](qslip_error* e) { return qslip_model_tokenize(h, "a", huge, 0, id, 4, &n, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_detokenize(h, nullptr, 1, text, 16, &n, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_detokenize(h, id, 1, nullptr, 16, &n, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_model_detokenize(h, id, 1, text, 16, nullptr, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_detokenize(h, id, huge, text, 16, &n, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_score(h, nullptr, 1, out, cap, &n, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_score(h, id, 1, nullptr, cap, &n, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_score(h, id, 1, out, cap, nullptr, e); });
    expect(QSLIP_E_EMPTY, [&](qslip_error* e) { return qslip_model_score(h, id, 0, out, cap, &n, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_score(h, id, huge, out, cap, &n, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_score(h, odd, 1, out, cap, &n, e); });
    auto* inside = reinterpret_cast<std::int32_t*>(out + 1);
    std::memset(inside, 0, 4);
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_score(h, inside, 1, out, cap, &n, e); });
    for (const std::int32_t wrong :
         {-1, static_cast<std::int32_t>(tiny_gguf::n_vocab), INT32_MAX, INT32_MIN}) {
        id[1] = wrong;
        expect(QSLIP_E_ARG,
               [&](qslip_error* e) { return qslip_model_detokenize(h, id, 2, text, 16, &n, e); });
        expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_score(h, id, 2, out, cap, &n, e); });
    }
    const ids long_text(tiny_gguf::n_ctx + 1, 'a');
    std::vector<float> large(long_text.size() * tiny_gguf::n_vocab);
    expect(QSLIP_E_ARG, [&](qslip_error* e) {
        return qslip_model_score(h, long_text.data(), long_text.size(), large.data(), large.size(), &n, e);
    });
    CHECK(n == 77);
}

TEST_CASE("options and damaged files") {
    qslip::test::temp_folder folder;
    const auto path = folder.file("tiny.gguf"), broken = folder.file("broken.gguf");
    const auto bytes = tiny_gguf::bytes();
    qslip::test::write_file(path, bytes);
    qslip_model* model = nullptr;
    qslip_model_options options = QSLIP_MODEL_OPTIONS_INIT;
    auto open = [&](const std::string& file) {
        return [&, file](qslip_error* e) { return qslip_model_open(file.c_str(), &options, &model, e); };
    };
    options.isa = "mmx";
    expect(QSLIP_E_ARG, open(path));
#if defined(__x86_64__)
    options.isa = "neon";
    expect(QSLIP_E_NO_ISA, open(path));
#endif
    options.isa = nullptr;
    options.pre = "foo-9";
    expect(QSLIP_E_UNSUPPORTED, open(path));
    options.pre = nullptr;
    qslip::test::write_file(broken, bytes.substr(0, bytes.size() - 1));
    expect(QSLIP_E_TRUNCATED, open(broken));
    qslip::test::write_file(broken, bytes.substr(0, 20));
    expect(QSLIP_E_TRUNCATED, open(broken));
    qslip::test::write_file(broken, "GGUX" + bytes.substr(4));
    expect(QSLIP_E_FORMAT, open(broken));
    qslip::test::write_file(broken, "");
    expect(QSLIP_E_TRUNCATED, open(broken));
    CHECK(model == nullptr);

    options.max_model_bytes = 1000;
    REQUIRE(qslip_model_open(path.c_str(), &options, &model, nullptr) == QSLIP_OK);
    expect(QSLIP_E_LIMIT, [&](qslip_error* e) { return qslip_model_load(model, e); });
    CHECK(qslip_model_destroy(model, nullptr) == QSLIP_OK);

    options = QSLIP_MODEL_OPTIONS_INIT;
    options.isa = "scalar";
    const tiny_model best;
    REQUIRE(qslip_model_open(path.c_str(), &options, &model, nullptr) == QSLIP_OK);
    const ids tokens = {'a', 'b', 'c'};
    std::vector<float> logits(tokens.size() * tiny_gguf::n_vocab);
    std::size_t n = 0;
    CHECK(qslip_model_score(model, tokens.data(), 3, logits.data(), logits.size(), &n, nullptr) == QSLIP_OK);
    CHECK(logits == score(best, tokens));
    CHECK(qslip_model_destroy(model, nullptr) == QSLIP_OK);
}

TEST_CASE("weights that are no numbers are refused at load, naming the tensor") {
    auto bytes = tiny_gguf::bytes();
    const std::uint32_t nan = 0x7FC00000;
    std::memcpy(bytes.data() + bytes.size() - 64, &nan, sizeof nan);  // in the last tensor
    const tiny_model m(bytes);
    auto err = capi_test::fresh_error();
    CHECK(qslip_model_load(m.handle, &err) == QSLIP_E_NONFINITE);
    CHECK(std::string(err.message).find("blk.1.ffn_down.weight") != std::string::npos);
    float logit[tiny_gguf::n_vocab];
    const std::int32_t id = 'a';
    std::size_t n = 0;
    CHECK(qslip_model_score(m.handle, &id, 1, logit, tiny_gguf::n_vocab, &n, &err) == QSLIP_E_NONFINITE);
    CHECK(tokenize(m, "hello").size() == 2);
}

TEST_CASE("a file cut while open is an error, not a signal") {
    const tiny_model m;
    qslip::test::rewrite_file(m.path, tiny_gguf::bytes().substr(0, 5000));
    auto err = capi_test::fresh_error();
    const auto code = qslip_model_load(m.handle, &err);
    CHECK((code == QSLIP_E_CHANGED || code == QSLIP_E_TRUNCATED));
}
