#pragma once
// A chat template as tokens and as a tree. Nodes sit in one array and name each other by index.
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/chat/chat_limits.hpp"
#include "text/chat/chat_value.hpp"

namespace qslip::chat {

struct token {
    enum class type {
        text,
        open_output,
        close_output,
        open_block,
        close_block,
        name,
        number,
        string,
        op,
        end
    };
    type kind = type::end;
    std::string bytes;  ///< of a string its value
    std::uint32_t line = 1;

    bool is(type t, std::string_view b) const { return kind == t && bytes == b; }
};

/// White space control as with trim_blocks and lstrip_blocks. Errors: format, unsupported, limit.
result<std::vector<token>> split_template(std::string_view source);

enum class kind : std::uint8_t {
    literal,  ///< constant
    name,     ///< text
    list,     ///< kids
    tuple,    ///< kids
    dict,     ///< kids: key, value, ...
    negate,   ///< kids[0]
    plus,     ///< kids[0]
    logic_not,
    chain,       ///< kids: operands, from left to right; names: the operators between them, of one level
    compare,     ///< the same
    choose,      ///< kids: condition, then, else or no_node
    suffixed,    ///< kids[0]: the value; then what is done to it, one after the other, of the next six kinds
    member,      ///< .text
    index,       ///< kids[0]
    slice,       ///< kids: start, stop, step, each of these or no_node
    call,        ///< kids: arguments; named
    filter,      ///< text: its name; kids: arguments; named
    test,        ///< the same; negated
    raw_text,    ///< constant
    output,      ///< kids[0]
    block,       ///< kids in order
    if_else,     ///< kids: condition, block, condition, block, ..., [block]
    for_each,    ///< names: targets; kids: over what, filter or no_node, body, else or no_node
    set_names,   ///< names: targets; kids[0]: value
    set_member,  ///< names: namespace, member; kids[0]
    set_block,   ///< names[0]; kids[0]: block
    define,  ///< text: macro's name; names: parameters; kids: a default or no_node for each, then the body
    leave_loop,
    next_turn
};

inline constexpr std::uint32_t no_node = ~std::uint32_t{0};

struct node {
    chat::kind kind = kind::block;
    bool negated = false;
    std::uint32_t line = 1;
    std::string text;
    std::vector<std::string> names;
    value constant = {none{}};
    std::vector<std::uint32_t> kids;
    std::vector<std::pair<std::string, std::uint32_t>> named;  ///< keyword arguments
};

struct tree {
    std::vector<node> nodes;
    std::uint32_t root = 0;
};

/// Nesting of the source is counted and bounded. Errors: those of split_template, unsupported, format, limit.
result<tree> parse_template(std::string_view source);

/// One level of nesting, for as long as it lives.
struct deeper {
    explicit deeper(unsigned& d) : depth(d) { ++depth; }
    ~deeper() { --depth; }
    deeper(const deeper&) = delete;
    deeper& operator=(const deeper&) = delete;
    unsigned& depth;
};

/// "chat template line 3: <what>".
std::string at_line(std::uint32_t line, const std::string& what);

}  // namespace qslip::chat
