#pragma once
// Typed, complete reading of one JSON object from a user's file: every fault is kept, none stops the rest.
#include <simdjson.h>
#include <qslip/core/nearest_name.hpp>
#include <qslip/core/quote.hpp>
#include <qslip/core/text.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace qslip::json {

/// Faults of one file. The first `kept` are listed, the rest counted.
class fault_list {
public:
    explicit fault_list(std::uint64_t kept) : kept_(kept) {}
    void add(std::string text) {
        if (++count_ <= kept_) faults_.push_back(std::move(text));
    }
    bool empty() const { return count_ == 0; }
    /// Every kept fault on a line of its own.
    std::string text() const {
        std::string all;
        for (const auto& fault : faults_) (all += all.empty() ? "" : "\n") += fault;
        if (count_ > faults_.size()) all += "\nand " + std::to_string(count_ - faults_.size()) + " more";
        return all;
    }

private:
    std::uint64_t kept_, count_ = 0;
    std::vector<std::string> faults_;
};

/// An element as a message shows it: `number 3`, `string "abc"`, `a list`.
inline std::string describe(simdjson::dom::element value) {
    using type = simdjson::dom::element_type;
    switch (value.type()) {
        case type::ARRAY: return "a list";
        case type::OBJECT: return "an object";
        case type::NULL_VALUE: return "null";
        case type::BOOL: return value.get_bool().value_unsafe() ? "true" : "false";
        case type::STRING: return "string " + qslip::quoted(value.get_string().value_unsafe());
        default: return "number " + simdjson::minify(value);
    }
}

/// The fields of one object. A getter notes its key as known; `finish` reports the others.
class fields {
public:
    /// `where` opens every message, e.g. "prompts.jsonl:37: ". All three outlive this reader.
    fields(simdjson::dom::object object, std::string where, fault_list& faults)
        : where_(std::move(where)), faults_(&faults) {
        for (const auto& field : object) {
            if (!present_.insert(field.key).second) fault(field.key, "appears twice");
            values_.push_back(field);
        }
    }

    void fault(std::string_view key, const std::string& what) {
        faults_->add(where_ + qslip::quoted(key) + " " + what);
    }
    void wrong(std::string_view key, const std::string& expected, simdjson::dom::element found) {
        fault(key, "must be " + expected + ", is " + describe(found));
    }

    std::optional<simdjson::dom::element> find(std::string_view key) {
        known_.insert(key);
        for (const auto& field : values_)
            if (field.key == key) return field.value;
        return std::nullopt;
    }

    std::optional<std::string> text(std::string_view key, std::size_t min_bytes = 0,
                                    std::size_t max_bytes = ~std::size_t{}) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        std::string_view s;
        if (value->get_string().get(s) != simdjson::SUCCESS || s.size() < min_bytes || s.size() > max_bytes) {
            wrong(key, string_rule(min_bytes, max_bytes), *value);
            return std::nullopt;
        }
        return std::string(s);
    }

    /// A string, or a list of `min_count`..`max_count` strings; empty when absent or at fault.
    std::vector<std::string> texts(std::string_view key, std::size_t min_bytes, std::size_t max_bytes,
                                   std::size_t min_count, std::size_t max_count, bool single_ok = true) {
        const auto value = find(key);
        if (!value) return {};
        std::vector<std::string> out;
        simdjson::dom::array list;
        std::string_view s;
        const auto keep = [&](simdjson::dom::element e) {
            const bool good =
                e.get_string().get(s) == simdjson::SUCCESS && s.size() >= min_bytes && s.size() <= max_bytes;
            if (good) out.emplace_back(s);
            return good;
        };
        const std::string rule = (single_ok ? "a string or a list of " : "a list of ") +
                                 std::to_string(min_count) + " to " + std::to_string(max_count) + " strings";
        if (value->get_array().get(list) != simdjson::SUCCESS) {
            if (single_ok && value->is_string()) {
                if (!keep(*value)) wrong(key, string_rule(min_bytes, max_bytes), *value);
            } else {
                wrong(key, rule, *value);
            }
            return out;
        }
        for (const auto e : list)
            if (!keep(e)) {
                wrong(
                    key,
                    rule + " of " + std::to_string(min_bytes) + " to " + std::to_string(max_bytes) + " bytes",
                    e);
                return {};
            }
        if (out.size() < min_count || out.size() > max_count) {
            fault(key, "must be " + rule + ", has " + std::to_string(out.size()));
            return {};
        }
        return out;
    }

    std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t min, std::uint64_t max) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        std::uint64_t n = 0;
        if (value->get_uint64().get(n) == simdjson::SUCCESS && n >= min && n <= max) return n;
        wrong(key, "an integer from " + std::to_string(min) + " to " + std::to_string(max), *value);
        return std::nullopt;
    }

    /// A number x with `accepts(x)`; `rule` says in words what is accepted.
    template <class Accepts>
    std::optional<double> number(std::string_view key, const char* rule, Accepts accepts) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        double x = 0;
        if (value->get_double().get(x) == simdjson::SUCCESS && accepts(x)) return x;
        wrong(key, rule, *value);
        return std::nullopt;
    }

    std::optional<bool> flag(std::string_view key) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        bool b = false;
        if (value->get_bool().get(b) == simdjson::SUCCESS) return b;
        wrong(key, "true or false", *value);
        return std::nullopt;
    }

    std::optional<simdjson::dom::object> object(std::string_view key) {
        const auto value = find(key);
        if (!value) return std::nullopt;
        simdjson::dom::object o;
        if (value->get_object().get(o) == simdjson::SUCCESS) return o;
        wrong(key, "an object", *value);
        return std::nullopt;
    }

    const std::vector<simdjson::dom::key_value_pair>& all() const { return values_; }

    /// Reports each key that no getter asked for.
    void finish() {
        for (const auto& field : values_) {
            if (known_.contains(field.key)) continue;
            const auto near = nearest_name(field.key, known_);
            fault(field.key,
                  "is not known here" + (near.empty() ? "" : "; did you mean " + qslip::quoted(near) + "?"));
        }
    }

private:
    static std::string string_rule(std::size_t min_bytes, std::size_t max_bytes) {
        if (max_bytes == ~std::size_t{}) return min_bytes == 0 ? "a string" : "a string that is not empty";
        return "a string of " + std::to_string(min_bytes) + " to " + std::to_string(max_bytes) + " bytes";
    }

    std::string where_;
    fault_list* faults_;
    std::vector<simdjson::dom::key_value_pair> values_;
    std::set<std::string_view> present_, known_;
};

/// The object a text holds. `text` needs no padding; `parser` owns the result.
/// The fault, if any, is returned: "" = none.
inline std::string parse_object(simdjson::dom::parser& parser, std::string_view text, std::uint64_t max_depth,
                                simdjson::dom::object& out) {
    if (text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return "the document is too large";
    if (parser.capacity() < text.size() || parser.max_depth() != max_depth)
        if (const auto e = parser.allocate(std::max<std::size_t>(text.size(), 1024), max_depth); e)
            return simdjson::error_message(e);
    simdjson::dom::element root;
    if (const auto e = parser.parse(text.data(), text.size(), true).get(root); e)
        return simdjson::error_message(e);
    if (root.get_object().get(out) != simdjson::SUCCESS) return "must be an object, is " + describe(root);
    return "";
}

}  // namespace qslip::json
