#include <qslip/detail/core/version.hpp>

#include "files/sha256.hpp"
#include "report/format.hpp"
#include "report/result_parts.hpp"

namespace qslip::report {
namespace {

constexpr int metric_version = 1;

void write_arm(json_writer& w, const model_identity& arm) {
    w.begin_object();
    w.member("name", arm.name).member("dtype", arm.dtype).member("sha256", arm.sha256);
    w.member("bits_per_weight", arm.bits_per_weight).member("size_bytes", arm.size_bytes);
    w.end_object();
}

void write_limits(json_writer& w, const limits& limits) {
    w.begin_object();
#define QSLIP_LIMIT(name, default_value, text) w.member(#name, limits.name);
#include <qslip/detail/core/limits.inc>
#undef QSLIP_LIMIT
    w.end_object();
}

/// What must match between two runs before their numbers may be compared; arms apart.
/// `candidate`: none when there are several.
void write_settings(json_writer& w, const run_manifest& m, const candidate_result* candidate) {
    w.member("qslip", QSLIP_VERSION_STRING).member("metric_version", metric_version);
    w.member("canonicalizer_version", canonicalizer_version);
    w.member("tokenizer_sha256", m.tokenizer_digest)
        .member("n_vocab", m.n_vocab)
        .member("adds_bos", m.adds_bos);
    w.member(m.is_text() ? "text_sha256" : "suite_sha256", m.suite_digest);
    if (!m.prompts_digest.empty()) w.member("prompts_sha256", m.prompts_digest);
    w.member("registry_sha256", m.registry_digest);
    w.member("token_path", m.is_text() ? "corpus" : "base_path");
    if (m.is_text()) w.member("window", m.settings.window).member("score", setting_text(m.settings.score));
    w.key("engine").begin_object();
    w.member("mode_base", upper(*m.settings.mode_base));
    if (candidate) w.member("mode", upper(candidate->mode));
    w.member("kv", "F32").member("deterministic", true);
    w.end_object();
    w.key("decoding").begin_object();
    w.member("method", "greedy")
        .member("temperature", 0)
        .member("repeats", 1)
        .member("chat_template", m.chat_template);
    w.end_object();
    w.member("seed", m.settings.seed);
    w.key("limits");
    write_limits(w, m.limits);
}

}  // namespace

void write_manifest(json_writer& w, const run_result& run, const candidate_result* candidate) {
    w.key("manifest").begin_object();
    write_settings(w, run.manifest, candidate);
    std::string settings;
    json_writer canonical(settings);
    canonical.begin_object();
    write_settings(canonical, run.manifest, candidate);
    canonical.key("base");
    write_arm(canonical, run.base);
    canonical.end_object();
    sha256 hash;
    hash.update(settings);
    w.member("sha256", hash.hex());
    w.key("base");
    write_arm(w, run.base);
    if (candidate) {
        w.key("candidate");
        write_arm(w, candidate->arm);
    }
    w.end_object();
}

}  // namespace qslip::report
