#pragma once
// Arguments of filters, tests, methods and macros.
#include <optional>

#include "text/chat/lookup.hpp"

namespace qslip::chat {

/// Positional and named arguments of one call; each is asked for once.
class call_arguments {
public:
    std::vector<value> at;
    std::vector<std::pair<std::string, value>> named;

    /// Argument number `i`, or the one called `name`.
    std::optional<value> take(std::size_t i, std::string_view name);
    /// The positional ones from number `i` on.
    call_arguments take_rest(std::size_t i);
    /// Strings given are read in full by whoever takes them.
    status charge(budget& costs) const;
    /// Errors: unsupported, naming an argument nobody asked for.
    status done() const;

private:
    std::size_t known_ = 0;
};

/// What `make` gives, when it has asked for every argument. Errors begin with "<what> <name>: ".
template <class Make>
result<value> answered(const std::string& what, const std::string& name, call_arguments& args, budget& costs,
                       Make&& make) {
    auto charged = args.charge(costs);
    auto out = charged.ok() ? make() : result<value>(std::move(charged));
    const auto why = out ? args.done() : out.status();
    return why.ok() ? out : status(why.code(), what + " " + name + ": " + why.message());
}

/// Errors: schema, saying what must be a string.
result<std::string> need_string(const std::optional<value>& v, const std::string& what);
/// Absent: nothing. Errors: schema.
result<std::optional<std::string>> string_or_none(const std::optional<value>& v, const std::string& what);
/// Errors: schema.
result<std::int64_t> whole_or(const std::optional<value>& v, std::int64_t otherwise, const std::string& what);
inline bool flag_or(const std::optional<value>& v, bool otherwise) { return v ? truthy(*v) : otherwise; }

}  // namespace qslip::chat
