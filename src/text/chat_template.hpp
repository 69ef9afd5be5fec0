#pragma once
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>
#include <qslip/tokenizer.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

class gguf_file;

/// A finished prompt. What came from the messages is told apart from what the template itself wrote: only in
/// the latter may control tokens be written out.
struct chat_prompt {
    std::string text;
    std::vector<text_part> parts;  ///< lengths add up to text.size(); parse_special: written by the template
};

struct chat_options {
    bool add_generation_prompt = true;
    std::string bos_token, eos_token;  ///< what the template's variables of that name hold
};

/// Its BOS and EOS as a vocabulary spells them.
chat_options chat_options_of(const tokenizer& vocab);

/// A chat template in a bounded subset of Jinja, as model files carry it (tokenizer.chat_template).
///
/// Statements: if/elif/else, for (targets, filter, else, break, continue), set (names, targets, namespace
/// members, blocks), macro, generation, raw, comments; white space as with trim_blocks and lstrip_blocks.
/// Expressions: literals, lists, tuples, dicts, arithmetic, comparisons, and/or/not/in, ~, inline if, slices,
/// tests, filters, calls of macros, range, namespace, raise_exception. Members: of dicts, `loop` and
/// namespaces, and the methods strip, lstrip, rstrip, split, startswith, endswith, replace, upper, lower,
/// title of strings, items, keys, values, get of dicts. docs/suite.md lists filters and tests.
/// Anything else is a status that names line and construct; nothing is guessed.
///
/// Cost is bounded: 1 MiB of source in 2^17 tokens, names of 256 bytes, 255 arguments; string_bytes of any
/// string and of the messages; five million steps per rendering, charged by the size of what each operation
/// walks or makes; nesting of the source (48), of what runs (104) and of values (json_depth, at most 200),
/// for which a stack of 128 KiB is enough. Immutable, cheap to copy. Thread-safe: yes.
class chat_template {
public:
    /// Errors: limit, unsupported (a construct outside the subset), format (not a template).
    static result<chat_template> parse(std::string_view source, const limits& limits = {});
    /// From the file's tokenizer.chat_template. Errors: not_found, those of parse.
    static result<chat_template> from_gguf(const gguf_file& file, const limits& limits = {});

    /// `messages_json`: a JSON list of objects, usually with "role" and "content".
    /// Errors: format (not JSON), arg (the template refused the messages: raise_exception), unsupported,
    /// schema (an operation on a value of the wrong type), budget (steps), limit (sizes).
    result<chat_prompt> render(std::string_view messages_json, const chat_options& options = {}) const;
    /// The same with every variable given: an object whose members are the template's variables.
    result<chat_prompt> render_variables(std::string_view variables_json,
                                         const chat_options& options = {}) const;

    /// SHA-256 (hex) of the source.
    const std::string& digest() const noexcept;

    struct program;  // private to src/io

private:
    explicit chat_template(std::shared_ptr<const program> p) : program_(std::move(p)) {}
    std::shared_ptr<const program> program_;
};

}  // namespace qslip
