#pragma once
// Filters of chat templates: plain functions of values, in families.
#include <span>

#include "text/chat/chat_arguments.hpp"
#include "text/chat/value_text.hpp"

namespace qslip::chat {

/// What a filter is called on, its arguments, and what may be spent.
struct filter_call {
    const std::string& name;
    const value& input;
    call_arguments& args;
    budget& costs;

    result<text> string() const { return to_text(input, costs); }
    result<std::vector<value>> items() const { return items_of(input, costs); }
};

struct known_filter {
    std::string_view name;
    result<value> (*run)(filter_call);
};
std::span<const known_filter> string_filters();
std::span<const known_filter> number_filters();
std::span<const known_filter> list_filters();
std::span<const known_filter> ordering_filters();
std::span<const known_filter> selecting_filters();

/// Errors: unsupported (no such filter, or argument of it), those of the filter.
result<value> apply_filter(const std::string& name, const value& input, call_arguments args, budget& costs);
/// The same of tests: `v is name(args)`.
result<bool> apply_test(const std::string& name, const value& v, call_arguments args, budget& costs);

/// Is `name` a method of the value that this subset has? Errors: unsupported, for one it knows it lacks.
result<bool> has_method(const value& v, const std::string& name);
result<value> call_method(const value& self, const std::string& name, call_arguments args, budget& costs);

/// replace(old, new, count) as filter and as method.
result<value> replace_in(const text& s, call_arguments& args, budget& costs);
/// Tuples of key and value.
value items_of_dict(const dict& d);
/// `a.b` of an item, as map, sort, selectattr name it.
result<value> attribute_of(value v, std::string_view path, budget& costs);

}  // namespace qslip::chat
