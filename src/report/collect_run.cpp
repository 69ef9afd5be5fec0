#include <qslip/detail/core/version.hpp>

#include <algorithm>

#include "files/sha256.hpp"
#include "report/collect.hpp"
#include "report/document.hpp"
#include "report/format.hpp"

namespace qslip::report {
namespace {

constexpr std::uint64_t metric_version = 1;

void add_model(const model_identity& model, const std::string& name, fact& to) {
    to.set("name", name).set("general_name", model.name).set("dtype", model.dtype);
    to.set("sha256", model.sha256).set("bits_per_weight", model.bits_per_weight);
    to.set("size_bytes", model.size_bytes);
}

fact limit_facts(const limits& limits) {
    fact out;
#define QSLIP_LIMIT(name, default_value, text) out.set(#name, limits.name);
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    return out;
}

fact engine_facts(const run_manifest& m) {
    fact out;
    return out.set("mode_base", upper(*m.settings.mode_base)).set("kv", "F32").set("deterministic", true);
}

fact setting_facts(const run_manifest& m) {
    fact out;
    for_each_setting(m.settings, [&](const setting_info& info, const auto& value) {
        const bool applies = info.scope != setting_scope::text || m.is_text();
        if (applies && info.scope != setting_scope::candidate) out.set(info.name, setting_text(value));
    });
    return out;
}

fact decoding_facts(const run_manifest& m) {
    fact out;
    out.set("method", "greedy").set("temperature", 0).set("repeats", 1);
    return out.set("chat_template", m.chat_template);
}

/// What must match between two runs before their numbers may be compared; models and modes apart.
fact settings(const run_manifest& m) {
    const bool is_text = m.is_text();
    fact out;
    out.set("qslip", QSLIP_VERSION_STRING).set("metric_version", metric_version);
    out.set("canonicalizer_version", canonicalizer_version).set("tokenizer_sha256", m.tokenizer_digest);
    out.set("n_vocab", m.n_vocab).set("adds_bos", m.adds_bos);
    out.set(is_text ? "text_sha256" : "suite_sha256", m.suite_digest);
    if (!m.prompts_digest.empty()) out.set("prompts_sha256", m.prompts_digest);
    out.set("registry_sha256", m.registry_digest).set("token_path", is_text ? "corpus" : "base_path");
    out.set("engine", engine_facts(m)).set("decoding", decoding_facts(m));
    return out.set("settings", setting_facts(m)).set("limits", limit_facts(m.limits));
}

std::string digest_of(const std::string& text) {
    sha256 hash;
    hash.update(text);
    return hash.hex();
}

fact manifest_facts(const run_result& run) {
    auto out = settings(run.manifest);
    const auto digest = digest_of(json_of(out, 0) + run.base.sha256);
    return out.set("sha256", digest);
}

/// File stems; those that occur twice with the hash, equal files with a number.
std::vector<std::string> candidate_names(const run_result& run) {
    std::vector<std::string> names;
    for (const auto& c : run.candidates) {
        const auto stem = c.arm.stem();
        const auto twins = std::ranges::count_if(run.candidates,
                                                 [&](const auto& other) { return other.arm.stem() == stem; });
        auto name = twins > 1 ? stem + "@" + c.arm.sha256.substr(0, 8) : stem;
        const auto equal = std::ranges::count(names, name);
        names.push_back(equal ? name + "#" + std::to_string(equal + 1) : name);
    }
    return names;
}

/// Of the whole run.
fact exclusion_facts(const candidate_result& c) {
    auto counts = c.slices.front().positions.exclusions();
    counts.merge(c.exclusions);
    fact out;
    for (const auto& e : metrics::all_exclusions) out.set(e.id, counts[e.which]);
    return out;
}

fact claim_facts(const char* role, const std::optional<double>& budget, const std::optional<double>& upper) {
    fact out;
    return out.set("role", role).set("budget", budget).set("damage_upper", upper);
}

void add_release(const release_report& release, fact& to) {
    to.set("verdict", name_of(release.verdict)).set("exit_code", release.exit_code());
    fact::list missing, claims;
    for (const auto& slice : release.missing_slices) missing.emplace_back(slice);
    if (release.gate_budget) claims.push_back(claim_facts("gate", release.gate_budget, release.gate_upper));
    if (release.guard_budget)
        claims.push_back(claim_facts("guard", release.guard_budget, release.guard_upper));
    to.set("missing_slices", std::move(missing)).set("claims", std::move(claims));
}

fact candidate_facts(const run_result& run, const candidate_result& c, const std::string& name,
                     const std::string& manifest_digest) {
    fact out;
    add_model(c.arm, name, out);
    out.set("mode", upper(c.mode)).set("manifest_sha256", digest_of(manifest_digest + upper(c.mode)));
    add_release(c.release, out);
    fact::list slices, cells;
    for (std::size_t i = 0; i < c.slices.size(); ++i)
        slices.push_back(slice_facts(run.slices[i].name, c.slices[i],
                                     i < c.resolution.size() ? c.resolution[i] : below_resolution::no));
    for (const auto& cell : c.release.cells) cells.push_back(cell_facts(cell));
    out.set("slices", std::move(slices)).set("gates", std::move(cells));
    out.set("exclusions", exclusion_facts(c));
    describe_items(c, out);
    describe_sample(run, c, out);
    describe_attention(c.attention, out);
    return out;
}

fact ranking_facts(const run_result& run, const std::vector<std::string>& names) {
    const auto kl = [&](std::size_t i) {
        const auto s = run.candidates[i].slices.front().positions.summary(metric::kl_fwd_nats);
        return s ? s->mean : INFINITY;
    };
    std::vector<std::size_t> order(names.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(
        order, {}, [&](std::size_t i) { return std::pair(run.candidates[i].release.verdict, kl(i)); });
    fact::list out;
    for (const auto i : order) {
        const auto& c = run.candidates[i];
        fact row;
        row.set("candidate", names[i]).set("dtype", c.arm.dtype);
        row.set("bits_per_weight", c.arm.bits_per_weight).set("verdict", name_of(c.release.verdict));
        out.push_back(row.set("kl_fwd_nats", kl(i)));
    }
    return out;
}

fact facts_of(const run_result& run) {
    const auto manifest = manifest_facts(run);
    const auto names = candidate_names(run);
    fact out, base;
    out.set("schema_version", schema_version).set("verdict", name_of(run.verdict()));
    out.set("exit_code", run.exit_code()).set("manifest", manifest);
    add_model(run.base, run.base.stem(), base);
    out.set("base", std::move(base));
    fact::list notes, candidates;
    for (const auto& note : run.notes) notes.emplace_back(note);
    for (std::size_t i = 0; i < names.size(); ++i)
        candidates.push_back(candidate_facts(run, run.candidates[i], names[i], manifest["sha256"].text()));
    out.set("notes", std::move(notes)).set("candidates", std::move(candidates));
    return out.set("ranking", ranking_facts(run, names));
}

}  // namespace

document::document(const run_result& run) : facts_(std::make_shared<const fact>(facts_of(run))) {}

qslip::verdict document::verdict() const {
    const auto& name = facts()["verdict"].text();
    for (const auto v : all_verdicts)
        if (name == name_of(v)) return v;
    return qslip::verdict::inconclusive;  // no document has another one: read_document checks
}

}  // namespace qslip::report
