// Every way to call qslip.h wrongly that has a documented answer.
#include <cmath>
#include <limits>

#include "capi_support.hpp"

using capi_test::expect;

namespace {

const float rows[] = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();

/// Handles no call may accept: never issued, addresses, freed, and one of the other kind.
template <class Handle>
std::vector<Handle*> bad_handles(const void* other_kind) {
    static int on_the_heap = 0;
    qslip_kl* freed = capi_test::small_kl(1);
    REQUIRE(qslip_kl_destroy(freed, nullptr) == QSLIP_OK);
    const auto number = reinterpret_cast<std::uintptr_t>(freed);
    const std::uintptr_t all[] = {0,
                                  1,
                                  4096,
                                  ~std::uintptr_t{0},
                                  reinterpret_cast<std::uintptr_t>(&on_the_heap),
                                  reinterpret_cast<std::uintptr_t>(other_kind),
                                  number,
                                  number + 1};
    std::vector<Handle*> out;
    for (const auto value : all) out.push_back(reinterpret_cast<Handle*>(value));
    return out;
}

template <class T>
T* off_by_one(T* pointer) {
    return reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(pointer) + 1);
}

}  // namespace

TEST_CASE("bad accumulator handles") {
    qslip_kl* kl = capi_test::small_kl();
    float logit = 0;
    std::size_t n = 0;
    unsigned char byte = 0;
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    for (auto* bad : bad_handles<qslip_kl>(nullptr)) {
        expect(QSLIP_E_HANDLE,
               [&](qslip_error* e) { return qslip_kl_add(bad, 1, rows, 4, rows, 4, 2, 4, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_merge(bad, kl, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_merge(kl, bad, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_save(bad, &byte, 1, &n, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_get_summary(bad, &summary, e); });
        if (bad) expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_destroy(bad, e); });
        // The right number in the hands of the wrong noun.
        auto* model = reinterpret_cast<qslip_model*>(bad);
        std::int32_t id = 0;
        qslip_model_info info = QSLIP_MODEL_INFO_INIT;
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_model_load(model, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_model_get_info(model, &info, e); });
        expect(QSLIP_E_HANDLE,
               [&](qslip_error* e) { return qslip_model_tokenize(model, "a", 1, 0, &id, 1, &n, e); });
        expect(QSLIP_E_HANDLE,
               [&](qslip_error* e) { return qslip_model_detokenize(model, &id, 1, nullptr, 0, &n, e); });
        expect(QSLIP_E_HANDLE,
               [&](qslip_error* e) { return qslip_model_score(model, &id, 1, &logit, 1, &n, e); });
        if (bad) expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_model_destroy(model, e); });
    }
    auto* as_model = reinterpret_cast<qslip_model*>(kl);
    expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_model_load(as_model, e); });
    expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_model_destroy(as_model, e); });
    expect(QSLIP_OK, [&](qslip_error* e) { return qslip_kl_destroy(nullptr, e); });
    expect(QSLIP_OK, [&](qslip_error* e) { return qslip_model_destroy(nullptr, e); });
    CHECK(byte == 0);
    CHECK(n == 0);
    CHECK(summary.n_positions == 0);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
    expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_kl_destroy(kl, e); });
}

TEST_CASE("missing pointers of an accumulator") {
    qslip_kl* kl = capi_test::small_kl();
    const auto before = capi_test::saved(kl);
    unsigned char bytes[4] = {};
    std::size_t n = 77;
    qslip_kl* made = nullptr;
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_create(nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_add(kl, 1, nullptr, 4, rows, 4, 1, 4, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, nullptr, 4, 1, 4, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_save(kl, nullptr, 4, &n, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_save(kl, bytes, 4, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_restore(nullptr, 4, &made, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_restore(bytes, 4, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_kl_get_summary(kl, nullptr, e); });
    CHECK(n == 77);
    CHECK(made == nullptr);
    CHECK(capi_test::saved(kl) == before);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("arguments out of range change nothing") {
    qslip_kl* kl = capi_test::small_kl();
    const auto before = capi_test::saved(kl);
    expect(QSLIP_E_EMPTY, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, rows, 4, 0, 4, e); });
    expect(QSLIP_E_EMPTY, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, rows, 4, 1, 0, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 3, rows, 4, 2, 4, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, rows, 0, 2, 4, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, huge, rows, 4, 2, 4, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, rows, 4, huge, 4, e); });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, rows, 4, huge / 16, 4, e); });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, huge, rows, huge, 1, huge, e); });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_kl_add(kl, 1, off_by_one(rows), 4, rows, 4, 1, 4, e); });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_kl_add(kl, 1, rows, 4, off_by_one(rows), 4, 1, 4, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_kl_merge(kl, kl, e); });
    CHECK(capi_test::saved(kl) == before);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);

    qslip_kl* empty = nullptr;
    REQUIRE(qslip_kl_create(&empty, nullptr) == QSLIP_OK);
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    expect(QSLIP_E_EMPTY, [&](qslip_error* e) { return qslip_kl_get_summary(empty, &summary, e); });
    CHECK(qslip_kl_destroy(empty, nullptr) == QSLIP_OK);
}

TEST_CASE("sizes of structs") {
    qslip_kl* kl = capi_test::small_kl();
    struct longer {
        qslip_kl_summary summary;
        std::uint64_t tail[2];
    } out = {QSLIP_KL_SUMMARY_INIT, {0, 0}};
    constexpr std::uint32_t known = sizeof(qslip_kl_summary);
    for (const std::uint32_t size :
         {0U, 1U, 4U, 7U, known - 8, known - 1, known + 1, known + 4, 1U << 20, ~0U}) {
        out.summary.struct_size = size;
        expect(QSLIP_E_STRUCT_SIZE,
               [&](qslip_error* e) { return qslip_kl_get_summary(kl, &out.summary, e); });
        CHECK(out.summary.n_positions == 0);
    }
    out.summary.struct_size = sizeof(longer);
    expect(QSLIP_OK, [&](qslip_error* e) { return qslip_kl_get_summary(kl, &out.summary, e); });
    CHECK(out.summary.n_positions == 6);
    CHECK(out.summary.struct_size == sizeof(longer));
    CHECK((out.tail[0] == 0 && out.tail[1] == 0));
    out.tail[1] = 1;
    expect(QSLIP_E_STRUCT_SIZE, [&](qslip_error* e) { return qslip_kl_get_summary(kl, &out.summary, e); });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_kl_get_summary(kl, off_by_one(&out.summary), e); });

    qslip_model* model = nullptr;
    for (const std::uint32_t size : {0U, 8U, 31U, 33U, 4096U + 8U}) {
        qslip_model_options options = QSLIP_MODEL_OPTIONS_INIT;
        options.struct_size = size;
        expect(QSLIP_E_STRUCT_SIZE,
               [&](qslip_error* e) { return qslip_model_open("x.gguf", &options, &model, e); });
    }
    qslip_model_options options = QSLIP_MODEL_OPTIONS_INIT;
    options.mode = 3;
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_model_open("x.gguf", &options, &model, e); });
    CHECK(model == nullptr);
    CHECK(qslip_kl_destroy(kl, nullptr) == QSLIP_OK);
}

TEST_CASE("the error struct itself") {
    for (const std::uint32_t size : {0U, 4U, 8U, 503U}) {
        ++capi_test::n_misuses();
        auto err = capi_test::fresh_error();
        err.struct_size = size;
        err.code = 1234;
        CHECK(qslip_kl_create(nullptr, &err) == QSLIP_E_STRUCT_SIZE);
        CHECK(err.code == 1234);
        CHECK(err.message[0] == '\0');
    }
    struct longer {
        qslip_error err;
        char tail[8];
    } newer = {QSLIP_ERROR_INIT, "abcdefg"};
    newer.err.struct_size = sizeof(newer);
    CHECK(qslip_kl_create(nullptr, &newer.err) == QSLIP_E_NULL);
    CHECK(std::string(newer.tail) == "abcdefg");

    // A used struct is clean after a success.
    auto err = capi_test::fresh_error();
    CHECK(qslip_kl_create(nullptr, &err) == QSLIP_E_NULL);
    CHECK(err.message[0] != '\0');
    CHECK(qslip_kl_destroy(nullptr, &err) == QSLIP_OK);
    CHECK(err.code == QSLIP_OK);
    CHECK(err.message[0] == '\0');
}

TEST_CASE("files that are no models") {
    qslip_model* model = nullptr;
    auto open = [&](const char* path) {
        return [&model, path](qslip_error* e) { return qslip_model_open(path, nullptr, &model, e); };
    };
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_open(nullptr, nullptr, &model, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_model_open("x.gguf", nullptr, nullptr, e); });
    expect(QSLIP_E_NOT_FOUND, open("no/such/model.gguf"));
    expect(QSLIP_E_ARG, open(""));
    expect(QSLIP_E_NOT_FOUND, open("\xff\xfe\n\x01 not UTF-8"));
    expect(QSLIP_E_NOT_REGULAR, open("/"));
    expect(QSLIP_E_NOT_REGULAR, open("/dev/null"));
    CHECK(model == nullptr);
}

TEST_CASE("long messages are cut between characters") {
    std::string path(2, 'a');
    while (path.size() < 900) path += "\xc3\xa4";
    for (int shift = 0; shift < 2; ++shift, path += 'a', path.insert(0, 1, 'a')) {
        auto err = capi_test::fresh_error();
        qslip_model* model = nullptr;
        CHECK(qslip_model_open(path.c_str(), nullptr, &model, &err) != QSLIP_OK);
        const std::string message = err.message;
        CHECK(message.size() >= 400);
        CHECK(message.size() <= sizeof(err.message) - 1);
        CHECK((message.back() == '\xa4' || static_cast<unsigned char>(message.back()) < 0x80));
    }
}

// doctest runs files in the order of their names: this one is the last.
TEST_CASE("the misuse suite is as large as promised") {
    MESSAGE("misuse calls with documented codes: " << capi_test::n_misuses());
    CHECK(capi_test::n_misuses() >= 150);
}
