#pragma once
#include <qslip/suite.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <string>

#include "eval/tasks/judge.hpp"

namespace qslip::test {

/// The judge of a suite with one item, whose task is `json`.
class judge_of {
public:
    explicit judge_of(const std::string& json, const limits& limits = {}) : items_(read(json, limits)) {}

    const judge* operator->() const { return items_.item(0).judge; }
    judgement operator()(std::string_view text, bool was_cut = false) const {
        return (*this)->judge_text(text, was_cut);
    }
    bool right(std::string_view text) const { return (*this)(text).right(); }

private:
    static suite read(const std::string& json, const limits& limits) {
        std::string line = R"({"id":"x","prompt":"p","task":)" + json + "}";
        std::ranges::replace(line, '\n', ' ');
        const auto items = suite::from_text(line, "suite", limits);
        REQUIRE_MESSAGE(items.ok(), items.status().message());
        return *items;
    }
    suite items_;
};

}  // namespace qslip::test
