#pragma once
#include <qslip/schema.hpp>

#include <doctest/doctest.h>
#include <cstddef>
#include <string>

namespace qslip_test {

inline qslip::schema::compiled compiled_of(const std::string& text,
                                           const qslip::schema::compile_options& options = {}) {
    const auto compiled = qslip::schema::compile(text, options);
    REQUIRE_MESSAGE(compiled, compiled.status().message());
    return *compiled;
}

inline std::string repeated(const std::string& text, std::size_t n) {
    std::string out;
    out.reserve(text.size() * n);
    while (n-- > 0) out += text;
    return out;
}

}  // namespace qslip_test
