#include "eval/describe_run.hpp"

#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/version.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <map>

#include "eval/run_header.hpp"
#include "files/sha256.hpp"
#include "formats/gguf.hpp"

namespace qslip {

result<model_identity> describe(const model& m) {
    model_identity info;
    const auto& file = m.gguf();
    info.path = file.file().path();
    const auto name = file.get_string("general.name");
    info.name = name ? std::string(*name) : m.config().architecture;
    info.size_bytes = file.file().size_bytes();
    std::map<std::uint32_t, std::uint64_t> by_type;
    double bits = 0, weights = 0;
    for (const auto& t : file.tensors()) {
        by_type[static_cast<std::uint32_t>(t.type)] += t.n_elements;
        bits += 8 * static_cast<double>(t.size_bytes);
        weights += static_cast<double>(t.n_elements);
    }
    const auto most = std::ranges::max_element(by_type, {}, [](const auto& entry) { return entry.second; });
    if (most != by_type.end()) info.dtype = info_of(static_cast<dtype>(most->first)).name;
    info.bits_per_weight = weights > 0 ? bits / weights : 0;
    QSLIP_TRY(info.sha256, sha256_hex_of_file(file.file()));
    return info;
}

status describe_base(const model& base, numerics mode, run_result& out) {
    QSLIP_TRY(out.base, describe(base));
    out.manifest.mode_base = mode;
    out.manifest.tokenizer_digest = base.vocab().digest();
    out.manifest.adds_bos = base.vocab().adds_bos();
    out.manifest.n_vocab = base.vocab().n_vocab();
    return {};
}

void describe_suite(const suite& items, const prompt_encoder& prompts, const workload& work,
                    run_manifest& out) {
    out.mode = "suite";
    out.chat_template = prompts.template_digest();
    out.prompts_digest = work.prompts_digest();
    out.suite_digest = items.digest();
}

void describe_text(std::string_view text, const text_options& how, run_manifest& out) {
    out.mode = "text";
    out.window = how.window;
    out.score = how.score == score_part::all ? "all" : "second-half";
    sha256 hash;
    hash.update(text);
    out.suite_digest = hash.hex();
}

std::vector<std::pair<std::string, std::string>> base_fields(const run_result& run, const model& base,
                                                             std::size_t n_items) {
    const auto& m = run.manifest;
    const bool is_text = m.mode == "text";
    std::vector<std::pair<std::string, std::string>> all = {
        {"token_path", is_text ? "corpus" : "base_path"},
        {is_text ? "text_sha256" : "suite_sha256", m.suite_digest},
        {"base_sha256", run.base.sha256},
        {"base_size_bytes", std::to_string(run.base.size_bytes)},
        {"mode_base", numerics_name(m.mode_base)},
        {"kv", "f32"},
        {"tokenizer_sha256", m.tokenizer_digest},
        {"adds_bos", m.adds_bos ? "true" : "false"},
        {"chat_template", m.chat_template},
        {"decoding", "greedy"},
        {"canonicalizer_version", std::to_string(canonicalizer_version)}};
    if (is_text) {
        all.emplace_back("window", std::to_string(m.window));
        all.emplace_back("score", m.score);
    }
    if (!m.prompts_digest.empty()) all.emplace_back("prompts_sha256", m.prompts_digest);
    all.emplace_back("n_items", std::to_string(n_items));
    all.emplace_back("n_vocab", std::to_string(m.n_vocab));
    all.emplace_back("d_model", std::to_string(base.config().d_model));
    return all;
}

std::vector<std::pair<std::string, std::string>> run_fields(const run_result& run, const model& base,
                                                            std::size_t n_items) {
    auto all = base_fields(run, base, n_items);
    all.emplace_back("qslip", QSLIP_VERSION_STRING);
    all.emplace_back("registry_sha256", run.manifest.registry_digest);
    all.emplace_back("attention", run.manifest.attention ? "compared" : "not compared");
    for (std::size_t c = 0; c < run.candidates.size(); ++c) {
        const auto number = std::to_string(c + 1);
        all.emplace_back("candidate_" + number + "_sha256", run.candidates[c].arm.sha256);
        all.emplace_back("candidate_" + number + "_mode", numerics_name(run.candidates[c].mode));
    }
#define QSLIP_LIMIT(name, default_value, text) \
    all.emplace_back("limit_" #name, std::to_string(run.manifest.limits.name));
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    return all;
}

status check_capsule(const capsule& stored, const model& base, std::size_t n_items, const run_result& run) {
    QSLIP_CHECK(run_header::same_fields(base_fields(run, base, n_items), stored.fields(),
                                        errc::not_comparable,
                                        escaped(stored.path()) + " is of another run of the base"));
    return stored.check_all();
}

}  // namespace qslip
