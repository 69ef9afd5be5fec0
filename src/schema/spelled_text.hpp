#pragma once
// What a string in a text says so far, and where each of its characters stands.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schema/text_mismatch.hpp"

namespace qslip::schema {

/// The decoded characters of a string span and where each stands in the text.
struct spelled_text {
    std::string bytes;
    std::vector<std::size_t> ends;             // of the characters, in bytes
    std::vector<std::uint32_t> first, behind;  // in the text; `first` of an unfinished one too
};

/// Of the string (or key) at node `at`; ends before what is unfinished or no character.
spelled_text spelled(const text_reader& r, std::uint32_t at);

}  // namespace qslip::schema
