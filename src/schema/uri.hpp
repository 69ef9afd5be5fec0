#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace qslip::schema {

/// RFC 3986 5.2: `reference` seen from `base`.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// The text with each %XX decoded.
std::string percent_decoded(std::string_view text);

/// The URI without fragment, and the fragment decoded.
std::pair<std::string, std::string> split_fragment(std::string_view uri);

}  // namespace qslip::schema
