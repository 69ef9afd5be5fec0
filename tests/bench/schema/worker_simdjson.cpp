// No validator: simdjson's DOM parse alone, the least that "from bytes to verdict" can cost with it.
#include <simdjson.h>

#include "worker.hpp"

struct simdjson_engine {
    explicit simdjson_engine(const bench_case& from) { (void)parser.parse(from.schema); }
    bool valid(const std::string& text) { return parser.parse(text).error() == simdjson::SUCCESS; }
    simdjson::dom::parser parser;
};

int main() { return serve<simdjson_engine>(); }
