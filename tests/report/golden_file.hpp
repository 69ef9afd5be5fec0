#pragma once
#include <doctest/doctest.h>
#include <cstdlib>
#include <string>

#include "support/temp_folder.hpp"

namespace qslip::test {

inline std::string source_path(const std::string& path) {
    const char* source = std::getenv("QSLIP_SOURCE_DIR");
    REQUIRE(source != nullptr);
    return std::string(source) + "/" + path;
}

/// `path` below the source folder holds exactly `seen`. QSLIP_UPDATE_GOLDEN=1 writes it first.
inline void check_golden(const std::string& path, const std::string& seen) {
    CAPTURE(path);
    if (std::getenv("QSLIP_UPDATE_GOLDEN") != nullptr) write_file(source_path(path), seen);
    CHECK(seen == read_file(source_path(path)));
}

}  // namespace qslip::test
