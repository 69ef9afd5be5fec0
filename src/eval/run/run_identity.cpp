#include "eval/run/run_identity.hpp"

#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/version.hpp>
#include <qslip/tokenizer.hpp>

#include <algorithm>
#include <map>

#include "eval/run/run_header.hpp"
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

numerics default_base_mode(const model& base) {
    std::uint64_t in_blocks = 0, all = 0;
    for (const auto& t : base.gguf().tensors()) {
        all += t.n_elements;
        if (info_of(t.type).block_weights > 1) in_blocks += t.n_elements;
    }
    return 2 * in_blocks > all ? numerics::a16 : numerics::f32;
}

status describe_base(const model& base, const run_settings& settings, const limits& limits, run_result& out) {
    QSLIP_TRY(out.base, describe(base));
    auto& m = out.manifest;
    m.settings = settings;
    if (!m.settings.mode_base) m.settings.mode_base = default_base_mode(base);
    m.limits = limits;
    m.tokenizer_digest = base.vocab().digest();
    m.adds_bos = base.vocab().adds_bos();
    m.n_vocab = base.vocab().n_vocab();
    return {};
}

void describe_suite(const suite& items, const prompt_encoder& prompts, const workload& work,
                    run_manifest& out) {
    out.source = "suite";
    out.chat_template = prompts.template_digest();
    out.prompts_digest = work.prompts_digest();
    out.suite_digest = items.digest();
}

void describe_text(std::string_view text, run_manifest& out) {
    out.source = "text";
    sha256 hash;
    hash.update(text);
    out.suite_digest = hash.hex();
}

static void add_settings(const run_manifest& m, std::initializer_list<setting_scope> scopes,
                         run_header::fields& all) {
    for_each_setting(m.settings, [&](const setting_info& info, const auto& value) {
        if (std::ranges::find(scopes, info.scope) != scopes.end())
            all.emplace_back(info.name, setting_text(value));
    });
}

run_header::fields base_fields(const run_result& run, const model& base, std::size_t n_items) {
    const auto& m = run.manifest;
    run_header::fields all = {{"token_path", m.is_text() ? "corpus" : "base_path"},
                              {m.is_text() ? "text_sha256" : "suite_sha256", m.suite_digest},
                              {"base_sha256", run.base.sha256},
                              {"base_size_bytes", std::to_string(run.base.size_bytes)},
                              {"kv", "f32"},
                              {"tokenizer_sha256", m.tokenizer_digest},
                              {"adds_bos", setting_text(m.adds_bos)},
                              {"chat_template", m.chat_template},
                              {"decoding", "greedy"},
                              {"canonicalizer_version", std::to_string(canonicalizer_version)}};
    add_settings(m, {setting_scope::base}, all);
    if (m.is_text()) add_settings(m, {setting_scope::text}, all);
    if (!m.prompts_digest.empty()) all.emplace_back("prompts_sha256", m.prompts_digest);
    all.emplace_back("n_items", std::to_string(n_items));
    all.emplace_back("n_vocab", std::to_string(m.n_vocab));
    all.emplace_back("d_model", std::to_string(base.config().d_model));
    return all;
}

/// The accumulators whose bytes a journal holds, with the versions they are written in.
constexpr metrics::state_kind stored_states[] = {metrics::position_accumulator::kind,
                                                 metrics::outcome_table::kind, metrics::format_counts::kind,
                                                 metrics::attention_shift::kind};

run_header::fields run_fields(const run_result& run, const model& base, std::size_t n_items) {
    auto all = base_fields(run, base, n_items);
    all.emplace_back("qslip", QSLIP_VERSION_STRING);
    for (const auto& state : stored_states)
        all.emplace_back(std::string(state.name) + " state", "version " + std::to_string(state.version));
    all.emplace_back("registry_sha256", run.manifest.registry_digest);
    add_settings(run.manifest, {setting_scope::run}, all);
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
