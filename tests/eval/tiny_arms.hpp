#pragma once
// A tiny base with two candidates, and a suite for them.
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/model.hpp>
#include <qslip/suite.hpp>

#include <doctest/doctest.h>
#include <string>

#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

namespace qslip::test {

struct arms {
    temp_folder folder;
    model open(const std::string& name, const tiny_model_options& options) {
        const auto path = folder.file(name);
        REQUIRE(write_tiny_model(path, options).ok());
        auto m = model::open(path);
        REQUIRE_MESSAGE(m.ok(), m.status().message());
        return *m;
    }
    model base = open("base.gguf", {.type = dtype::q8_0});
    model damaged = open("damaged.gguf", {.type = dtype::q4_0, .damage = 1.0f});
    model slightly = open("q5.gguf", {.type = dtype::q5_1});
};

inline arms& models() {
    static arms all;
    return all;
}

inline suite items_of(std::size_t n_prompts, unsigned max_tokens, bool with_text) {
    std::string lines;
    for (std::size_t i = 0; i < n_prompts; ++i) {
        json_writer w(lines);
        w.begin_object().member("id", "p" + std::to_string(i)).member("slice", i % 2 ? "odd" : "even");
        w.member("prompt", "the shared beginning, then item " + std::to_string(i * 7919 % 1000) + " in");
        w.member("max_tokens", max_tokens).key("task").begin_object();
        w.member("type", "contains").member("answer", "e").end_object().end_object();
        lines += '\n';
    }
    if (with_text)
        lines += "{\"id\":\"text\",\"slice\":\"prose\",\"text\":\"the ring is there; the page\"}\n";
    auto items = suite::from_text(lines);
    REQUIRE_MESSAGE(items.ok(), items.status().message());
    return *items;
}

}  // namespace qslip::test
