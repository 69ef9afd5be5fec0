// The n-th `operator new` of a call fails, once and from there on, for every n: the call says no_memory
// and works when repeated. Nothing leaks (the sanitizer build tells).
#include <qslip.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "../support/temp_folder.hpp"
#include "../support/tiny_gguf.hpp"

namespace {
long countdown = 0;  // allocations left before the failure; 0: none planned
bool stays_broken = false, has_failed = false;
int n_failures = 0, n_calls = 0;

bool must_fail() {
    if (countdown == 0 || --countdown > 0) return false;
    if (stays_broken) countdown = 1;
    return has_failed = true;
}
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t n) {
    void* block = must_fail() ? nullptr : std::malloc(n ? n : 1);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
[[gnu::noinline]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return must_fail() ? nullptr : std::malloc(n ? n : 1);
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t alignment) {
    const auto a = static_cast<std::size_t>(alignment);
    void* block = must_fail() ? nullptr : std::aligned_alloc(a, (n + a - 1) / a * a);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    std::free(block);
}

static void require(bool condition, const char* what, qslip_status code) {
    if (condition) return;
    std::printf("FAILED: %s gave %s\n", what, qslip_status_name(code));
    ++n_failures;
}

/// Fails every allocation of `call` in turn. `undo` puts things back after a success.
static void sweep(
    const char* what, const std::function<qslip_status(qslip_error*)>& call,
    const std::function<void()>& undo = [] {}) {
    long n_allocations = 0;
    for (const bool broken : {false, true})
        for (long n = 1;; ++n) {
            qslip_error err = QSLIP_ERROR_INIT;
            countdown = n;
            stays_broken = broken;
            has_failed = false;
            const auto code = call(&err);
            countdown = 0;
            ++n_calls;
            if (code == QSLIP_OK) {
                undo();
                if (!has_failed) break;  // the sweep is through
                continue;                // the call can do without that one
            }
            require(code == QSLIP_E_NO_MEMORY, what, code);
            require(std::strlen(err.message) > 0, "the message", code);
            n_allocations = n;
            if (n > 20000) return require(false, "a sweep that never ends", code);
        }
    const auto again = call(nullptr);
    require(again == QSLIP_OK, what, again);
    undo();
    std::printf("%-12s %5ld allocations, each failed once and for good\n", what, n_allocations);
}

static void sweep_kl() {
    const float a[] = {1, 2, 3, 4}, b[] = {1, 2, 4, 3};
    qslip_kl *kl = nullptr, *other = nullptr;
    sweep(
        "kl_create", [&](qslip_error* e) { return qslip_kl_create(&kl, e); },
        [&] { qslip_kl_destroy(kl, nullptr); });
    qslip_kl_create(&kl, nullptr);
    qslip_kl_create(&other, nullptr);
    std::uint64_t cluster = 0;
    sweep("kl_add", [&](qslip_error* e) { return qslip_kl_add(kl, ++cluster, a, 4, b, 4, 1, 4, e); });
    for (std::uint64_t i = 0; i < 40; ++i) qslip_kl_add(other, 1000 + i, a, 4, b, 4, 1, 4, nullptr);
    sweep("kl_merge", [&](qslip_error* e) { return qslip_kl_merge(kl, other, e); });
    std::vector<char> bytes(1 << 16);
    std::size_t n = 0;
    sweep("kl_save", [&](qslip_error* e) { return qslip_kl_save(kl, bytes.data(), bytes.size(), &n, e); });
    qslip_kl* restored = nullptr;
    sweep(
        "kl_restore", [&](qslip_error* e) { return qslip_kl_restore(bytes.data(), n, &restored, e); },
        [&] { qslip_kl_destroy(restored, nullptr); });
    qslip_kl_summary summary = QSLIP_KL_SUMMARY_INIT;
    sweep("kl_get_summary", [&](qslip_error* e) { return qslip_kl_get_summary(kl, &summary, e); });
    qslip_kl_destroy(kl, nullptr);
    qslip_kl_destroy(other, nullptr);
}

static void sweep_model() {
    using qslip::test::tiny_gguf;
    const qslip::test::temp_folder folder;
    const auto path = folder.file("tiny.gguf");
    qslip::test::write_file(path, tiny_gguf::bytes());
    qslip_model* model = nullptr;
    auto open = [&](qslip_error* e) { return qslip_model_open(path.c_str(), nullptr, &model, e); };
    sweep("model_open", open, [&] { qslip_model_destroy(model, nullptr); });
    if (open(static_cast<qslip_error*>(nullptr)) != QSLIP_OK) return;
    std::int32_t ids[16];
    std::size_t n_ids = 0, n = 0;
    sweep("tokenize",
          [&](qslip_error* e) { return qslip_model_tokenize(model, "hello", 5, 0, ids, 16, &n_ids, e); });
    char text[16];
    sweep("detokenize",
          [&](qslip_error* e) { return qslip_model_detokenize(model, ids, n_ids, text, 16, &n, e); });
    std::vector<float> logits(16 * tiny_gguf::n_vocab);
    sweep("load", [&](qslip_error* e) { return qslip_model_load(model, e); });
    sweep("score", [&](qslip_error* e) {
        return qslip_model_score(model, ids, n_ids, logits.data(), logits.size(), &n, e);
    });
    qslip_model_destroy(model, nullptr);
}

static void sweep_schema() {
    const std::string text =
        R"({"$defs":{"t":{"type":"object","properties":{"a":{"$ref":"#/$defs/t"},"b":{"pattern":"^a+b|c$"},)"
        R"("c":{"anyOf":[{"enum":[1,"x",[2]]},{"uniqueItems":true,"multipleOf":0.1}]}}}},"$ref":"#/$defs/t",)"
        R"("unevaluatedProperties":false,"format":"date"})";
    const std::string instance = R"({"a":{"b":"nope","c":[1,1]},"b":"aab","c":7.25,"d":"2020-01-01"})";
    qslip_schema_options options = QSLIP_SCHEMA_OPTIONS_INIT;
    options.format_mode = QSLIP_FORMAT_ASSERTION;
    const char* uris[] = {"http://example.org/a"};
    const char* texts[] = {R"({"$id":"http://example.org/a","type":"null"})"};
    options.document_uris = uris;
    options.document_texts = texts;
    options.n_documents = 1;
    qslip_schema* schema = nullptr;
    auto compile = [&](qslip_error* e) {
        return qslip_schema_compile(text.data(), text.size(), &options, &schema, e);
    };
    sweep("compile", compile, [&] { qslip_schema_destroy(schema, nullptr); });
    if (compile(static_cast<qslip_error*>(nullptr)) != QSLIP_OK) return;
    std::uint32_t valid = 0;
    sweep("check", [&](qslip_error* e) {
        return qslip_schema_check(schema, instance.data(), instance.size(), &valid, e);
    });
    qslip_validation* validation = nullptr;
    auto validate = [&](qslip_error* e) {
        return qslip_schema_validate(schema, instance.data(), instance.size(), &validation, e);
    };
    sweep("validate", validate, [&] { qslip_validation_destroy(validation, nullptr); });
    qslip_schema_complexity complexity = QSLIP_SCHEMA_COMPLEXITY_INIT;
    sweep("get_complexity",
          [&](qslip_error* e) { return qslip_schema_get_complexity(schema, &complexity, e); });
    if (validate(static_cast<qslip_error*>(nullptr)) == QSLIP_OK) {
        qslip_validation_info info = QSLIP_VALIDATION_INFO_INIT;
        sweep("get_info", [&](qslip_error* e) { return qslip_validation_get_info(validation, &info, e); });
        require(info.valid == 0 && info.n_faults > 3, "the validation", QSLIP_OK);
        qslip_validation_destroy(validation, nullptr);
    }
    qslip_schema_destroy(schema, nullptr);
}

int main() {
    sweep_kl();
    sweep_schema();
    sweep_model();
    std::printf("%d calls, %d wrong\n", n_calls, n_failures);
    return n_failures == 0 ? 0 : 1;
}
