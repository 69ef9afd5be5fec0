#include "json/json_syntax.hpp"

namespace qslip {

std::optional<json_fault> find_json_fault(std::string_view text) {
    json_scanner scanner(text, json_strings::bytes);
    while (scanner.next()) {
    }
    return scanner.fault();
}

std::optional<std::size_t> json_value_bytes(std::string_view text) {
    json_scanner scanner(text, json_strings::bytes);
    while (const auto token = scanner.next())
        if (scanner.depth() == 0 && !scanner.fault()) return token->end;
    return std::nullopt;
}

}  // namespace qslip
