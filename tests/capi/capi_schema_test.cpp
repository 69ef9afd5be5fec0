// JSON Schema through qslip.h: answers, faults, and every wrong call.
#include <atomic>
#include <thread>

#include "capi_support.hpp"

using capi_test::expect;

namespace {

const std::string person =
    R"({"type":"object","required":["name"],"properties":{"name":{"type":"string","minLength":2},"tags":)"
    R"({"type":"array","items":{"enum":["a","b"]}},"a\u0000b":{"const":1}}})";

struct schema_handle {
    explicit schema_handle(const std::string& text = person, const qslip_schema_options* options = nullptr) {
        auto err = capi_test::fresh_error();
        const auto code = qslip_schema_compile(text.data(), text.size(), options, &handle, &err);
        REQUIRE_MESSAGE(code == QSLIP_OK, err.message);
    }
    ~schema_handle() { CHECK(qslip_schema_destroy(handle, nullptr) == QSLIP_OK); }
    schema_handle(const schema_handle&) = delete;
    schema_handle& operator=(const schema_handle&) = delete;

    bool valid(const std::string& instance) const {
        std::uint32_t answer = 7;
        auto err = capi_test::fresh_error();
        const auto code = qslip_schema_check(handle, instance.data(), instance.size(), &answer, &err);
        REQUIRE_MESSAGE(code == QSLIP_OK, err.message);
        return answer == 1;
    }
    qslip_validation* validate(const std::string& instance) const {
        qslip_validation* validation = nullptr;
        REQUIRE(qslip_schema_validate(handle, instance.data(), instance.size(), &validation, nullptr) ==
                QSLIP_OK);
        return validation;
    }
    qslip_schema* handle = nullptr;
};

auto compiling(const std::string& text, const qslip_schema_options* options = nullptr) {
    return [text, options](qslip_error* e) {
        qslip_schema* made = nullptr;
        const auto code = qslip_schema_compile(text.data(), text.size(), options, &made, e);
        CHECK((made == nullptr) == (code != QSLIP_OK));
        qslip_schema_destroy(made, nullptr);
        return code;
    };
}

}  // namespace

TEST_CASE("schema: yes, no, and every fault with its place") {
    const schema_handle s;
    CHECK(s.valid(R"({"name":"Al"})"));
    CHECK_FALSE(s.valid(R"({"name":"A"})"));
    auto* good = s.validate(R"({"name":"Al"})");
    auto* bad = s.validate(R"({"tags":["a",3],"a\u0000b":2})");
    qslip_validation_info info = QSLIP_VALIDATION_INFO_INIT;
    REQUIRE(qslip_validation_get_info(good, &info, nullptr) == QSLIP_OK);
    CHECK((info.valid == 1 && info.n_faults == 0 && info.has_more_faults == 0));
    REQUIRE(qslip_validation_get_info(bad, &info, nullptr) == QSLIP_OK);
    CHECK((info.valid == 0 && info.n_faults == 3 && info.has_more_faults == 0));
    bool saw_item = false, saw_zero = false, saw_missing = false;
    for (std::uint32_t i = 0; i < info.n_faults; ++i) {
        qslip_validation_fault fault = QSLIP_VALIDATION_FAULT_INIT;
        REQUIRE(qslip_validation_get_fault(bad, i, &fault, nullptr) == QSLIP_OK);
        const std::string where(fault.instance_location, fault.instance_location_bytes);
        CHECK(fault.instance_location[fault.instance_location_bytes] == '\0');
        CHECK(std::strlen(fault.message) == fault.message_bytes);
        CHECK(fault.message_bytes > 0);
        saw_item |= where == "/tags/1" && std::string(fault.keyword) == "enum" &&
                    std::string(fault.keyword_location) == "/properties/tags/items/enum" &&
                    std::string(fault.schema_location) == "#/properties/tags/items/enum";
        saw_zero |= where == std::string("/a\0b", 4);
        saw_missing |= where.empty() && std::string(fault.keyword) == "required";
    }
    CHECK((saw_item && saw_zero && saw_missing));
    CHECK(qslip_validation_destroy(good, nullptr) == QSLIP_OK);
    CHECK(qslip_validation_destroy(bad, nullptr) == QSLIP_OK);
}

TEST_CASE("schema: options") {
    qslip_schema_options options = QSLIP_SCHEMA_OPTIONS_INIT;
    const char* uris[] = {"http://example.org/a", "http://example.org/b"};
    const char* texts[] = {R"({"$ref":"b"})", R"({"type":"integer"})"};
    options.document_uris = uris;
    options.document_texts = texts;
    options.n_documents = 2;
    {
        const schema_handle s(R"({"$ref":"http://example.org/a"})", &options);
        CHECK((s.valid("1") && !s.valid("\"x\"")));
    }
    options.base_uri = "http://example.org/root";
    CHECK_FALSE(schema_handle(R"({"$ref":"a"})", &options).valid("null"));
    options.n_documents = 1;
    expect(QSLIP_E_SCHEMA, compiling(R"({"$ref":"a"})", &options));

    options = QSLIP_SCHEMA_OPTIONS_INIT;
    for (const std::uint32_t dialect :
         {QSLIP_DIALECT_V1, QSLIP_DIALECT_DRAFT4, QSLIP_DIALECT_DRAFT6, QSLIP_DIALECT_DRAFT7,
          QSLIP_DIALECT_2019_09, QSLIP_DIALECT_2020_12, QSLIP_DIALECT_DEFAULT}) {
        options.default_dialect = dialect;
        const bool prefixes = dialect == QSLIP_DIALECT_V1 || dialect == QSLIP_DIALECT_2020_12 ||
                              dialect == QSLIP_DIALECT_DEFAULT;
        CHECK(schema_handle(R"({"prefixItems":[false]})", &options).valid("[1]") == !prefixes);
    }
    options.default_dialect = QSLIP_DIALECT_DRAFT7;
    for (const std::uint32_t mode :
         {QSLIP_FORMAT_BY_DIALECT, QSLIP_FORMAT_ANNOTATION, QSLIP_FORMAT_ASSERTION}) {
        options.format_mode = mode;
        CHECK(schema_handle(R"({"format":"ipv4"})", &options).valid("\"x\"") ==
              (mode != QSLIP_FORMAT_ASSERTION));
    }
    options = QSLIP_SCHEMA_OPTIONS_INIT;
    options.max_faults = 2;
    const schema_handle few(R"({"items":{"type":"null"}})", &options);
    auto* validation = few.validate("[1,2,3,4]");
    qslip_validation_info info = QSLIP_VALIDATION_INFO_INIT;
    CHECK(qslip_validation_get_info(validation, &info, nullptr) == QSLIP_OK);
    CHECK((info.n_faults == 2 && info.has_more_faults == 1));
    CHECK(qslip_validation_destroy(validation, nullptr) == QSLIP_OK);

    options.max_steps = 50;
    const schema_handle busy(R"({"items":{"anyOf":[{"minimum":0},{"maximum":9}]}})", &options);
    std::string many = "[0";
    for (int i = 0; i < 500; ++i) many += ",0";
    many += "]";
    std::uint32_t valid = 7;
    expect(QSLIP_E_BUDGET, [&](qslip_error* e) {
        return qslip_schema_check(busy.handle, many.data(), many.size(), &valid, e);
    });
    CHECK(valid == 7);
    CHECK(busy.valid("[0]"));
}

TEST_CASE("schema: complexity") {
    qslip_schema_complexity c = QSLIP_SCHEMA_COMPLEXITY_INIT;
    const schema_handle s;
    REQUIRE(qslip_schema_get_complexity(s.handle, &c, nullptr) == QSLIP_OK);
    CHECK((c.depth == 2 && c.n_arrays == 1 && c.n_required == 1 && c.n_recursions == 0));
    CHECK(c.points > 0);
    const schema_handle any("true");
    REQUIRE(qslip_schema_get_complexity(any.handle, &c, nullptr) == QSLIP_OK);
    CHECK(c.complexity_class == 0);
}

TEST_CASE("schema: what does not compile says why") {
    expect(QSLIP_E_FORMAT, compiling("{"));
    expect(QSLIP_E_FORMAT, compiling(""));
    expect(QSLIP_E_FORMAT, compiling("\"\xff\""));
    expect(QSLIP_E_SCHEMA, compiling(R"({"type":1})"));
    expect(QSLIP_E_SCHEMA, compiling(R"({"type":"null","type":"null"})"));
    expect(QSLIP_E_SCHEMA, compiling(R"({"$ref":"#"})"));
    expect(QSLIP_E_SCHEMA, compiling(R"({"$ref":"file:///etc/passwd"})"));
    expect(QSLIP_E_SCHEMA, compiling(R"({"pattern":"("})"));
    expect(QSLIP_E_UNSUPPORTED, compiling(R"({"$schema":"http://example.org/none"})"));
    expect(QSLIP_E_LIMIT, compiling(std::string(100000, '[')));
    qslip_schema_options options = QSLIP_SCHEMA_OPTIONS_INIT;
    options.default_dialect = 5;
    expect(QSLIP_E_ARG, compiling("true", &options));
    options = QSLIP_SCHEMA_OPTIONS_INIT;
    options.format_mode = 3;
    expect(QSLIP_E_ARG, compiling("true", &options));
    options = QSLIP_SCHEMA_OPTIONS_INIT;
    options.n_documents = 1;
    expect(QSLIP_E_NULL, compiling("true", &options));
    const char* one[] = {"http://example.org/a"};
    const char* none[] = {nullptr};
    options.document_uris = one;
    expect(QSLIP_E_NULL, compiling("true", &options));
    options.document_texts = none;
    expect(QSLIP_E_NULL, compiling("true", &options));
    options.document_texts = one;
    options.n_documents = ~std::uint64_t{0};
    expect(QSLIP_E_ARG, compiling("true", &options));
    options = QSLIP_SCHEMA_OPTIONS_INIT;
    for (const std::uint32_t size : {0U, 8U, 55U, 57U, 4096U + 8U}) {
        options.struct_size = size;
        expect(QSLIP_E_STRUCT_SIZE, compiling("true", &options));
    }
}

TEST_CASE("schema: wrong calls") {
    const schema_handle s;
    auto* h = s.handle;
    auto* validation = s.validate("{}");
    std::uint32_t valid = 7;
    qslip_schema* made = nullptr;
    qslip_validation* given = nullptr;
    qslip_validation_info info = QSLIP_VALIDATION_INFO_INIT;
    qslip_validation_fault fault = QSLIP_VALIDATION_FAULT_INIT;
    qslip_schema_complexity c = QSLIP_SCHEMA_COMPLEXITY_INIT;
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_compile(nullptr, 1, nullptr, &made, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_compile("{}", 2, nullptr, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_check(h, nullptr, 2, &valid, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_check(h, "{}", 2, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_validate(h, nullptr, 2, &given, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_validate(h, "{}", 2, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_schema_get_complexity(h, nullptr, e); });
    expect(QSLIP_E_NULL, [&](qslip_error* e) { return qslip_validation_get_info(validation, nullptr, e); });
    expect(QSLIP_E_NULL,
           [&](qslip_error* e) { return qslip_validation_get_fault(validation, 0, nullptr, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) { return qslip_validation_get_fault(validation, 1, &fault, e); });
    expect(QSLIP_E_ARG, [&](qslip_error* e) {
        return qslip_validation_get_fault(validation, ~std::size_t{0}, &fault, e);
    });
    expect(QSLIP_E_ARG,
           [&](qslip_error* e) { return qslip_schema_check(h, "{}", ~std::size_t{0}, &valid, e); });
    expect(QSLIP_E_LIMIT,
           [&](qslip_error* e) { return qslip_schema_check(h, "{}", ~std::size_t{0} / 2, &valid, e); });
    expect(QSLIP_E_FORMAT, [&](qslip_error* e) { return qslip_schema_check(h, "{", 1, &valid, e); });
    expect(QSLIP_E_FORMAT, [&](qslip_error* e) { return qslip_schema_check(h, "", 0, &valid, e); });
    expect(QSLIP_E_FORMAT, [&](qslip_error* e) { return qslip_schema_validate(h, "{", 1, &given, e); });
    const std::string twice = R"({"a":1,"a":1})";
    expect(QSLIP_E_SCHEMA,
           [&](qslip_error* e) { return qslip_schema_check(h, twice.data(), twice.size(), &valid, e); });
    for (const std::uint32_t size : {0U, 4U, 8U, 4096U + 8U}) {
        info.struct_size = fault.struct_size = c.struct_size = size;
        expect(QSLIP_E_STRUCT_SIZE,
               [&](qslip_error* e) { return qslip_validation_get_info(validation, &info, e); });
        expect(QSLIP_E_STRUCT_SIZE,
               [&](qslip_error* e) { return qslip_validation_get_fault(validation, 0, &fault, e); });
        expect(QSLIP_E_STRUCT_SIZE, [&](qslip_error* e) { return qslip_schema_get_complexity(h, &c, e); });
    }
    auto* freed = s.validate("{}");
    REQUIRE(qslip_validation_destroy(freed, nullptr) == QSLIP_OK);
    static int on_the_heap = 0;
    for (void* bad :
         {static_cast<void*>(nullptr), static_cast<void*>(&on_the_heap), static_cast<void*>(freed),
          reinterpret_cast<void*>(std::uintptr_t{1}), reinterpret_cast<void*>(~std::uintptr_t{0})}) {
        auto* schema = static_cast<qslip_schema*>(bad);
        auto* v = static_cast<qslip_validation*>(bad);
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_schema_check(schema, "1", 1, &valid, e); });
        expect(QSLIP_E_HANDLE,
               [&](qslip_error* e) { return qslip_schema_validate(schema, "1", 1, &given, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_schema_get_complexity(schema, &c, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_validation_get_info(v, &info, e); });
        expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_validation_get_fault(v, 0, &fault, e); });
        if (bad) expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_schema_destroy(schema, e); });
        if (bad) expect(QSLIP_E_HANDLE, [&](qslip_error* e) { return qslip_validation_destroy(v, e); });
    }
    // The right number in the hands of the wrong noun.
    expect(QSLIP_E_HANDLE, [&](qslip_error* e) {
        return qslip_validation_destroy(reinterpret_cast<qslip_validation*>(h), e);
    });
    expect(QSLIP_E_HANDLE, [&](qslip_error* e) {
        return qslip_schema_destroy(reinterpret_cast<qslip_schema*>(validation), e);
    });
    expect(QSLIP_OK, [&](qslip_error* e) { return qslip_schema_destroy(nullptr, e); });
    expect(QSLIP_OK, [&](qslip_error* e) { return qslip_validation_destroy(nullptr, e); });
    CHECK((valid == 7 && made == nullptr && given == nullptr));
    CHECK(qslip_validation_destroy(validation, nullptr) == QSLIP_OK);
}

TEST_CASE("schema: instances end at their length") {
    const schema_handle s;
    const std::string text = R"({"name":"Al"})";
    for (const bool at_start : {false, true}) {
        capi_test::guarded<char> exact(text.size(), at_start);
        std::memcpy(exact.data(), text.data(), text.size());
        std::uint32_t valid = 7;
        CHECK(qslip_schema_check(s.handle, exact.data(), text.size(), &valid, nullptr) == QSLIP_OK);
        CHECK(valid == 1);
    }
}

TEST_CASE("schema: one for many threads, and a validation outlives it") {
    auto* s = new schema_handle;
    std::atomic<int> n_wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                const std::string name(static_cast<std::size_t>(i % 4), 'x');
                const auto instance = R"({"name":")" + name + "\"}";
                std::uint32_t valid = 7;
                const auto code =
                    qslip_schema_check(s->handle, instance.data(), instance.size(), &valid, nullptr);
                if (code != QSLIP_OK || valid != (name.size() >= 2 ? 1U : 0U)) ++n_wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(n_wrong == 0);
    auto* validation = s->validate("{}");
    delete s;
    qslip_validation_fault fault = QSLIP_VALIDATION_FAULT_INIT;
    CHECK(qslip_validation_get_fault(validation, 0, &fault, nullptr) == QSLIP_OK);
    CHECK(std::string(fault.keyword) == "required");
    CHECK(qslip_validation_destroy(validation, nullptr) == QSLIP_OK);
}
