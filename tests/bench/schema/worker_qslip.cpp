#include <qslip/schema.hpp>

#include <cstdlib>

#include "worker.hpp"

using namespace qslip;

static schema::compiled compile(const bench_case& from) {
    schema::compile_options options;
    for (const auto& [uri, text] : from.references) options.documents.push_back({uri, text});
    options.formats = schema::format_mode::annotation;
    auto made = schema::compile(from.schema, options);
    if (made) return *made;
    std::cerr << "qslip: " << made.status().message() << std::endl;
    std::exit(2);
}

struct qslip_engine {
    explicit qslip_engine(const bench_case& from) : validator(compile(from)) {}
    bool valid(const std::string& text) {
        const auto got = validator.validate(text);
        return got && got->valid;
    }
    schema::validator validator;
};

int main() { return serve<qslip_engine>(); }
