#pragma once
#include <qslip/limits.hpp>
#include <qslip/schema.hpp>

#include <map>
#include <string>

namespace qslip {

/// The schemas of a suite, each compiled once. Not thread-safe.
class schema_store {
public:
    /// `limits` is borrowed.
    explicit schema_store(const limits& limits) : limits_(limits) {}

    /// `text`: JSON of a schema. Errors: those of compiling, naming nothing.
    result<schema::compiled> compiled(const std::string& text) {
        const auto known = schemas_.find(text);
        if (known != schemas_.end()) return known->second;
        schema::compile_options options;
        options.limits = limits_;
        QSLIP_TRY(auto made, schema::compile(text, options));
        return schemas_.emplace(text, std::move(made)).first->second;
    }

private:
    const limits& limits_;
    std::map<std::string, schema::compiled> schemas_;
};

}  // namespace qslip
