#include <qslip/decoder.hpp>
#include <qslip/model.hpp>
#include <qslip/tokenizer.hpp>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

namespace {

constexpr std::string_view plain_template =
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[a]{% "
    "endif %}";

model open_tiny(const test::temp_folder& folder, const test::tiny_model_options& options) {
    REQUIRE(test::write_tiny_model(folder.file("tiny.gguf"), options).ok());
    auto m = model::open(folder.file("tiny.gguf"));
    REQUIRE_MESSAGE(m.ok(), m.status().message());
    return *m;
}

}  // namespace

TEST_CASE("a model is described by its file, its types and their bits") {
    const test::temp_folder folder;
    const auto found = describe_model(open_tiny(folder, {.type = dtype::q8_0}));
    CHECK(found.path == folder.file("tiny.gguf"));
    CHECK(found.tensors_by_type.at("Q8_0") > 0);
    CHECK(found.tensors_by_type.at("F32") > 0);  // norms
    CHECK(found.bits_per_weight > 8.5);
    CHECK(found.bits_per_weight < 9);
    CHECK_FALSE(found.has_chat_template);
}

TEST_CASE("a chat template is good when it renders a conversation, not when it merely parses") {
    const test::temp_folder folder;
    const auto good = describe_model(open_tiny(folder, {.chat_template = plain_template}));
    CHECK(good.has_chat_template);
    CHECK(good.chat_template_fault.empty());
    const auto bad = describe_model(open_tiny(folder, {.chat_template = "{{ messages | foo123 }}"}));
    CHECK(bad.has_chat_template);
    CHECK(bad.chat_template_fault.find("foo123") != std::string::npos);
}

TEST_CASE("messages become the tokens of the rendered conversation") {
    const test::temp_folder folder;
    const auto m = open_tiny(folder, {.chat_template = plain_template});
    const auto tokens = encode_messages(m, R"([{"role":"user","content":"the thing"}])");
    REQUIRE_MESSAGE(tokens.ok(), tokens.status().message());
    CHECK(*m.vocab().decode(*tokens) == "[user]the thing[a]");
    CHECK_FALSE(encode_messages(m, "{}").ok());
    CHECK(encode_messages(open_tiny(folder, {}), "[]").status().code() == errc::not_found);
}
