// valijson on RapidJSON, the fastest of its adapters.
#include <rapidjson/document.h>
#include <memory>
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "worker.hpp"

using valijson::adapters::RapidJsonAdapter;

static rapidjson::Document parse(const std::string& text) {
    rapidjson::Document out;
    out.Parse(text.data(), text.size());
    return out;
}

struct valijson_engine {
    explicit valijson_engine(const bench_case& from) {
        const auto text = parse(from.schema);
        const bool draft4 = from.schema.find("json-schema.org/draft-04") != std::string::npos;
        valijson::SchemaParser parser(draft4 ? valijson::SchemaParser::kDraft4
                                             : valijson::SchemaParser::kDraft7);
        // It asks for references as they are written, relative ones too.
        const auto fetch = [&](const std::string& uri) -> const rapidjson::Document* {
            for (const auto& [name, referenced] : from.references)
                if (name.ends_with(uri)) return new rapidjson::Document(parse(referenced));
            return nullptr;
        };
        parser.populateSchema(RapidJsonAdapter(text), schema, fetch,
                              [](const rapidjson::Document* document) { delete document; });
    }
    bool valid(const std::string& text) {
        const auto instance = parse(text);
        return !instance.HasParseError() && validator.validate(schema, RapidJsonAdapter(instance), nullptr);
    }
    valijson::Schema schema;
    valijson::Validator validator;
};

int main() { return serve<valijson_engine>(); }
