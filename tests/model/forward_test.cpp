// The forward pass on a tiny model: against a float64 oracle, and bit for bit against itself however the work
// is cut.
#include <doctest/doctest.h>
#include <qslip/model/generate.hpp>

#include <cstring>
#include <vector>

#include "model/model_impl.hpp"
#include "support/temp_folder.hpp"
#include "support/tiny_model.hpp"

using namespace qslip;

TEST_CASE("tiny model loads") {
    const test::temp_folder folder;
    const std::string path = folder.file("tiny.gguf");
    REQUIRE(test::write_tiny_model(path, {}).ok());
    auto m = model::open(path);
    REQUIRE_MESSAGE(m.ok(), m.status().message());
    REQUIRE(m->load().ok());
}
