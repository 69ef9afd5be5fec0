#pragma once
#include <qslip/detail/core/complexity_class.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// JSON Schema: compile once, validate many.

namespace qslip::schema {

/// The dialects, oldest first; `v1` is https://json-schema.org/v1.
enum class dialect : std::uint8_t { draft4, draft6, draft7, draft2019_09, draft2020_12, v1 };

/// What `format` does. By dialect it is an annotation and asserts nothing, but in v1 and where the metaschema
/// of a 2020-12 schema names the format-assertion vocabulary. Names no dialect knows assert nothing (under
/// that vocabulary they are refused).
enum class format_mode : std::uint8_t { by_dialect, annotation, assertion };

/// A schema that `$ref` may name.
struct document {
    std::string uri;  ///< absolute, without fragment
    std::string text;
};

struct compile_options {
    std::vector<document> documents = {};
    /// Asked for a URI that no document has; empty: unknown. The library itself reads no file and no network.
    std::function<std::optional<std::string>(const std::string& uri)> load = {};
    std::string base_uri = {};                        ///< of a schema without `$id`
    dialect default_dialect = dialect::draft2020_12;  ///< of a schema without `$schema`
    format_mode formats = format_mode::by_dialect;
    /// contentEncoding (base64, base64url, base32, base16) and contentMediaType (application/json) are
    /// asserted instead of annotations; a contentSchema stays one.
    bool assert_content = false;
    qslip::limits limits = {};
};

/// flag: yes or no, stops at the first fault. basic: all faults (at most limits.schema_errors_kept).
/// detailed: those, and a unit without message around each two or more that one subschema or keyword holds.
enum class output : std::uint8_t { flag, basic, detailed };

/// One fault. Locations are JSON pointers (RFC 6901); `schema_location` is the schema's URI (empty when it
/// has none) with a pointer as fragment, percent-encoded; `keyword_location` is the way the evaluation took,
/// through references.
struct error {
    std::string instance_location;
    std::string keyword_location;
    std::string schema_location;
    std::string keyword;
    std::string message;
    std::uint32_t n_causes = 0;  ///< how many of the errors just before this one explain it, theirs included
};

struct verdict {
    bool valid = true;
    std::vector<error> errors;  ///< empty in output::flag
    bool errors_cut = false;    ///< there were more errors than are kept
    std::uint64_t n_steps = 0;  ///< of the pass that decided, as limits.schema_steps counts them
};

/// The verdict as JSON in the output format of 2020-12 (core, 12.4). basic: `errors` in a list; detailed:
/// nested, a unit with a single cause replaced by it. Locations in units whose schema has no absolute URI
/// lack absoluteKeywordLocation. Needs: the verdict of a validation with the same `how`, or more.
std::string output_json(const verdict& v, output how);

/// Folders whose files may be referred to: a value for compile_options::load that reads below them, follows
/// no symbolic link and reads nothing else.
///     reference_folders folders(limits);  // must outlive the compiling
///     folders.allow("https://example.org/schemas", "schemas");
///     options.load = [&](const std::string& uri) { return folders.load(uri); };
class reference_folders {
public:
    explicit reference_folders(const limits& limits) : limits_(limits) {}

    /// References below `uri` are files of `folder`. Errors: arg (not an absolute URI; no folder).
    status allow(std::string uri, std::string folder);
    /// Text of the file that stands for `uri`, below the longest URI that fits; empty, with why(), when there
    /// is none.
    std::optional<std::string> load(const std::string& uri);
    /// Why the last load() had nothing; empty when it had.
    const std::string& why() const noexcept { return why_; }

private:
    struct base {
        std::string uri, folder;
    };
    const base* nearest_base(const std::string& uri) const;
    result<std::string> read(const std::string& folder, std::string_view way) const;

    qslip::limits limits_;
    std::vector<base> bases_;
    std::string why_;
};

struct program;

/// A compiled schema. Immutable, cheap to copy (copies share), thread-safe.
class compiled {
public:
    /// Errors: limit, format (not JSON), schema (a keyword's value is of the wrong type, a key twice, an
    /// unresolvable reference, a reference loop without progress, a bad pattern: each named), unsupported (an
    /// unknown dialect or required vocabulary).
    static result<compiled> compile(std::string_view schema_text, const compile_options& options = {});

    /// Errors: those of JSON (limit, format, schema for a key twice), budget (schema_steps, or a pattern's
    /// own limits), schema (references that loop without progress). No recursion: 128 KiB of stack suffice.
    result<verdict> validate(std::string_view instance_text, output how = output::basic) const;

    const program& body() const noexcept { return *program_; }

private:
    friend class validator;
    explicit compiled(std::shared_ptr<const program> p) : program_(std::move(p)) {}
    std::shared_ptr<const program> program_;
};

inline result<compiled> compile(std::string_view text, const compile_options& options = {}) {
    return compiled::compile(text, options);
}

/// One thread's scratch for one compiled schema: many validations without allocating anew.
class validator {
public:
    explicit validator(const compiled& schema);
    ~validator();
    validator(validator&&) noexcept;
    validator& operator=(validator&&) noexcept;

    /// As compiled::validate.
    result<verdict> validate(std::string_view instance_text, output how = output::flag);

private:
    struct scratch;
    std::unique_ptr<scratch> scratch_;
};

}  // namespace qslip::schema

// How much structure a JSON Schema asks for: format compliance falls with it, so suites are cut in classes
// by it.

namespace qslip::schema {

/// Counts over the schema as an output sees it: `$ref` counts as what it points to at each place, but for one
/// that leads back to a schema it stands in, which is a recursion. Source: the project's metrics, 6.2.
struct complexity {
    std::uint64_t depth = 0;                ///< deepest nesting of objects and arrays
    std::uint64_t n_required = 0;           ///< scalar leaves that must be there; array items inherit it
    std::uint64_t n_optional = 0;           ///< other scalar leaves
    std::uint64_t n_arrays = 0;             ///< arrays
    std::uint64_t n_arrays_of_objects = 0;  ///< of those, the ones whose items are objects
    std::uint64_t n_constraints = 0;        ///< keywords that bound a value; additionalProperties if false
    std::uint64_t n_combinators = 0;        ///< anyOf, oneOf, allOf, not, if
    std::uint64_t n_recursions = 0;         ///< references back to a schema around them

    /// C, >= 0, no unit; more is harder.
    constexpr double points() const noexcept {
        const auto of = [](std::uint64_t n) { return static_cast<double>(n); };
        return 3 * of(depth > 1 ? depth - 1 : 0) + of(n_required) + 0.5 * of(n_optional) + 2 * of(n_arrays) +
               3 * of(n_arrays_of_objects) + of(n_constraints) + 4 * of(n_combinators) + 6 * of(n_recursions);
    }
    friend bool operator==(const complexity&, const complexity&) = default;
};

/// S0: C < 5, S1: C < 12, S2: C < 25, S3: the rest.
constexpr complexity_class class_of(const complexity& c) noexcept {
    const double points = c.points();
    return points < 5    ? complexity_class::s0
           : points < 12 ? complexity_class::s1
           : points < 25 ? complexity_class::s2
                         : complexity_class::s3;
}

/// Thread-safe; no recursion.
/// Errors: budget (references spread the schema over more than schema_steps places).
result<complexity> complexity_of(const compiled& schema);

}  // namespace qslip::schema

// Where an output text went wrong: the first byte after which no continuation could satisfy the schema.

namespace qslip::schema {

struct break_point {
    std::size_t byte = 0;  ///< 0 .. size of the text; its size: the end of input
    std::string keyword;   ///< the violated one; empty: the text is no JSON value, whatever the schema
    std::string instance_location;  ///< JSON pointer of the value, or of the object or array around the byte
};

/// The first byte with which `text`, read from its start, can no longer become a valid instance; empty when
/// it is one. Decided at their first byte: JSON's grammar (UTF-8, half surrogates and a key that stands twice
/// included), type, enum, const, additionalProperties false, required (at the closing brace), maxItems,
/// maxLength and pattern, each where it surely applies: at the root and through properties,
/// patternProperties, additionalProperties, items, prefixItems, $ref and allOf. Every other violation, and a
/// text that merely stops, is at the end of input. A pattern is decided at the end of each character; one
/// that may begin anywhere, or whose look-ahead PCRE2 cannot rule out, is violated at the closing quote.
/// Errors: limit (json_bytes, json_depth), budget, and those of compiled::validate. Thread-safe; no
/// recursion.
result<std::optional<break_point>> locate_break(std::string_view text, const compiled& schema);

}  // namespace qslip::schema
