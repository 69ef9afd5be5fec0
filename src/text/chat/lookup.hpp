#pragma once
// What is in a value, and how values compare.
#include "text/chat/budget.hpp"

namespace qslip::chat {

/// What a for runs over: members of a list, characters of a string, keys of a dict; nothing for undefined.
result<std::vector<value>> items_of(const value& v, budget& costs);
/// Member of a dict, nullptr when there is none.
result<const value*> find_member(const dict& d, std::string_view key, budget& costs);
/// Member, key or position, undefined when there is none. Errors: schema (of what is undefined).
result<value> get_item(const value& of, const value& key, budget& costs);
/// Puts a member where one of that name is, or at the end.
status put_member(std::vector<std::pair<text, value>>& members, const text& key, value v, budget& costs);
/// Is `item` in `container`?
result<bool> contains(const value& container, const value& item, budget& costs);

result<bool> equal(const value& a, const value& b, budget& costs);
/// -1, 0, 1 of numbers or of strings. Errors: schema.
result<int> compare_order(const value& a, const value& b);
/// By ==, !=, <, <=, >, >=.
result<bool> holds_between(std::string_view op, const value& a, const value& b, budget& costs);

/// "<must>, got a list", or what is undefined by its name.
status wrong_type(const std::string& must, const value& v);

}  // namespace qslip::chat
