// SmolLM2-135M Q4_1 against a float64 NumPy forward pass over the same stored weights.
// QSLIP_MODEL: the GGUF file; QSLIP_SHARED: the folder with reference/smollm2-135m-q4_1.json.
#include <qslip/model.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "json/json_read.hpp"
#include "model/model_impl.hpp"
#include "support/external.hpp"
#include "support/tiers.hpp"

using namespace qslip;

namespace {

struct reference_text {
    std::string id;
    std::vector<std::int32_t> tokens;
    std::vector<double> nll_nats;
    std::vector<std::vector<double>> top_logits, attention_entropy_nats;
    std::vector<std::vector<double>> top_ids;
};

std::vector<double> numbers(const json_node& list) {
    std::vector<double> out;
    const auto items = list.items();
    for (const json_node& x : *items) out.push_back(x.number().value());
    return out;
}
std::vector<std::vector<double>> rows(const json_node& list) {
    std::vector<std::vector<double>> out;
    const auto items = list.items();
    for (const json_node& x : *items) out.push_back(numbers(x));
    return out;
}

std::vector<reference_text> read_reference(const std::string& path) {
    const qslip::limits limits;
    auto text = json_text::read_file(path, limits);
    REQUIRE(text.ok());
    json_reader reader(limits);
    auto root = reader.parse(*text, path);
    REQUIRE(root.ok());
    std::vector<reference_text> out;
    const auto sequences = root->need("sequences").value().items();
    for (const json_node& s : *sequences) {
        reference_text t;
        t.id = s.need("id").value().text().value();
        for (const double id : numbers(s.need("tokens").value()))
            t.tokens.push_back(static_cast<std::int32_t>(id));
        t.nll_nats = numbers(s.need("nll_nats").value());
        t.top_logits = rows(s.need("top8_logits").value());
        t.top_ids = rows(s.need("top8_ids").value());
        t.attention_entropy_nats = rows(s.need("attention_entropy_nats_mean").value());
        out.push_back(std::move(t));
    }
    return out;
}

std::vector<float> score(const model& m, std::span<const std::int32_t> tokens, attention_tap* tap) {
    scorer engine(m, tap);
    std::vector<float> hidden(tokens.size() * m.config().d_model), logits(tokens.size() * m.config().n_vocab);
    const batch_item item{tokens, nullptr};
    REQUIRE(engine.hidden({&item, 1}, hidden).ok());
    REQUIRE(engine.logits(hidden, logits).ok());
    return logits;
}

double log_sum_exp(std::span<const float> row) {
    const double top = row[static_cast<std::size_t>(argmax(row))];
    double sum = 0;
    for (const float x : row) sum += std::exp(x - top);
    return top + std::log(sum);
}

void check_position(const reference_text& t, std::size_t i, std::span<const float> row) {
    for (std::size_t k = 0; k < 8; ++k) {
        const float got = row[static_cast<std::size_t>(t.top_ids[i][k])];
        CHECK(std::fabs(got - t.top_logits[i][k]) <= 2e-3);
        if (k > 0 && t.top_logits[i][k - 1] - t.top_logits[i][k] > 1e-3)
            CHECK(row[static_cast<std::size_t>(t.top_ids[i][k - 1])] > got);
    }
    if (i >= t.nll_nats.size() || i + 1 >= t.tokens.size()) return;
    const double nll = log_sum_exp(row) - row[static_cast<std::size_t>(t.tokens[i + 1])];
    CHECK(std::fabs(nll - t.nll_nats[i]) <= 1e-3);
}

}  // namespace

TEST_CASE("SmolLM2 matches the float64 reference; every tier gives the same bits") {
    const std::string path = qslip_test::external_path("QSLIP_MODEL", "the float64 reference of SmolLM2");
    const std::string shared = qslip_test::external_path("QSLIP_SHARED", "the float64 reference of SmolLM2");
    if (path.empty() || shared.empty()) return;
    auto m = model::open(path);
    REQUIRE_MESSAGE(m.ok(), m.status().message());
    REQUIRE(m->load().ok());
    auto& state = const_cast<model::impl&>(m->internals());
    const std::size_t v = m->config().n_vocab;
    const bool wants_all = std::getenv("QSLIP_LONG") != nullptr;
    for (const reference_text& t : read_reference(shared + "/reference/smollm2-135m-q4_1.json")) {
        INFO(t.id);
        attention_tap tap;
        const std::vector<float> logits = score(*m, t.tokens, &tap);
        for (std::size_t i = 0; i < t.tokens.size(); ++i)
            check_position(t, i, std::span(logits).subspan(i * v, v));
        for (std::size_t l = 0; l < m->config().n_layers; ++l)
            for (std::size_t h = 0; h < m->config().n_heads; ++h)
                CHECK(std::fabs(tap.entropy_sum_nats[l * m->config().n_heads + h] /
                                    static_cast<double>(tap.n_positions) -
                                t.attention_entropy_nats[l][h]) <= 1e-4);
        // The plain tiers are slow: all positions with fast ones, 24 with the others, by default of one text.
        const kernels::table* native = state.ops;
        for (const test::tier& other : test::tiers()) {
            const bool is_slow = other.name == "scalar" || other.name == "wide";
            if (other.ops == native || (is_slow && t.id != "code" && !wants_all)) continue;
            const std::size_t n = is_slow ? std::min<std::size_t>(24, t.tokens.size()) : t.tokens.size();
            state.ops = other.ops;
            const std::vector<float> got = score(*m, std::span(t.tokens).first(n), nullptr);
            INFO(other.name);
            CHECK(std::memcmp(got.data(), logits.data(), got.size() * sizeof(float)) == 0);
        }
        state.ops = native;
    }
}
