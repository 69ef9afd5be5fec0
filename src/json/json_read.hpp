#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <simdjson.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/input_file.hpp"

namespace qslip {

/// Text to parse, with the slack simdjson reads beyond its end.
class json_text {
public:
    /// Errors: those of input_file, limit (json_bytes).
    static result<json_text> read_file(const std::string& path, const limits& limits);
    static json_text copy_of(std::string_view text) { return json_text(simdjson::padded_string(text)); }

    std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

private:
    explicit json_text(simdjson::padded_string bytes) : bytes_(std::move(bytes)) {}
    simdjson::padded_string bytes_;
};

/// A value of a parsed document and the way to it, so that a complaint can name both.
/// Messages: `prompts.jsonl:37: "task.answer" must be a string, is number 3` (code `schema`).
/// Borrows from its json_reader: valid until that parses again.
class json_node {
public:
    json_node(simdjson::dom::element value, std::string_view where, std::string field)
        : value_(value), where_(where), field_(std::move(field)) {}

    result<std::string_view> text() const;
    result<double> number() const;        ///< integers too
    result<std::uint64_t> count() const;  ///< an integer >= 0 as written: 3, not 3.0
    result<bool> boolean() const;
    result<std::vector<json_node>> items() const;
    result<std::vector<std::pair<std::string_view, json_node>>> members() const;

    /// Member of an object; empty when there is none or this is no object.
    std::optional<json_node> find(std::string_view key) const;
    result<json_node> need(std::string_view key) const;

    bool is_text() const noexcept { return value_.is_string(); }
    bool is_number() const noexcept { return value_.is_number(); }
    bool is_array() const noexcept { return value_.is_array(); }
    bool is_object() const noexcept { return value_.is_object(); }
    bool is_null() const noexcept { return value_.is_null(); }

    /// `<where>: "<field>" <what>`.
    status fault(std::string_view what) const;
    /// `<where>: "<field>" must <must>, is <what it is>`.
    status wrong(std::string_view must) const;
    /// `<where>: "<field>.<key>" <what>`, for a member that may be missing.
    status member_fault(std::string_view key, std::string_view what) const;
    simdjson::dom::element element() const noexcept { return value_; }

private:
    std::string field_of(std::string_view key) const;
    std::string described() const;

    simdjson::dom::element value_;
    std::string_view where_;
    std::string field_;
};

/// Parses one document after another. Refused: syntax errors, bad UTF-8, a byte-order mark, NUL outside a
/// string's escapes (all `format`, with the line), numbers beyond double or 64 bits (`format`), depth or size
/// beyond the limits (`limit`), a key twice in one object (`schema`).
class json_reader {
public:
    explicit json_reader(const limits& limits) : limits_(limits) {}

    /// `where` names the text in messages, e.g. "registry.json".
    result<json_node> parse(const json_text& text, std::string where) {
        return parse_part(text, 0, text.view().size(), std::move(where));
    }
    /// A part of `text`, e.g. one line of it ("prompts.jsonl:37"); needs begin + bytes <= size.
    result<json_node> parse_part(const json_text& text, std::size_t begin, std::size_t bytes,
                                 std::string where);

private:
    status refuse_duplicates(simdjson::dom::element root) const;

    limits limits_;
    std::string where_;
    std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
};

}  // namespace qslip
