#include "text/chat/chat_arguments.hpp"

#include <qslip/detail/core/quote.hpp>

namespace qslip::chat {

std::optional<value> call_arguments::take(std::size_t i, std::string_view name) {
    known_ = std::max(known_, i + 1);
    if (i < at.size()) return at[i];
    for (auto it = named.begin(); it != named.end(); ++it)
        if (it->first == name) {
            auto found = std::move(it->second);
            named.erase(it);
            return found;
        }
    return std::nullopt;
}

call_arguments call_arguments::take_rest(std::size_t i) {
    call_arguments rest;
    for (; i < at.size(); ++i) rest.at.push_back(*take(i, ""));
    return rest;
}

status call_arguments::charge(budget& costs) const {
    std::uint64_t weight = at.size() + named.size();
    for (const auto& v : at) weight += v.string() ? v.weight() : 0;
    for (const auto& [name, v] : named) weight += v.string() ? v.weight() : 0;
    return costs.charge(weight);
}

status call_arguments::done() const {
    if (!named.empty()) return {errc::unsupported, "argument " + qslip::quoted(named.front().first)};
    if (at.size() > known_) return {errc::unsupported, "argument number " + std::to_string(known_ + 1)};
    return {};
}

result<std::string> need_string(const std::optional<value>& v, const std::string& what) {
    if (!v) return status(errc::schema, what + " is missing");
    if (!v->string()) return wrong_type(what + " must be a string", *v);
    return v->string()->bytes();
}

result<std::optional<std::string>> string_or_none(const std::optional<value>& v, const std::string& what) {
    if (!v || v->as<none>()) return std::optional<std::string>();
    QSLIP_TRY(auto s, need_string(v, what));
    return std::optional(std::move(s));
}

result<std::int64_t> whole_or(const std::optional<value>& v, std::int64_t otherwise,
                              const std::string& what) {
    if (!v || v->as<none>()) return otherwise;
    if (v->as<bool>() || v->as<std::int64_t>()) return whole_number(*v);
    return wrong_type(what + " must be an integer", *v);
}

}  // namespace qslip::chat
