#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/json/json_writer.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "files.hpp"
#include "kernel_speed.hpp"
#include "model_speed.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

struct bench_result {
    isa tier{};
    double clock_ghz = 0;
    unsigned n_threads = 1;
    std::vector<kernel_speed> kernels;
    std::vector<model_speed> models;
    std::uint64_t model_bytes = 0;
    double read_gb_s = 0;  ///< of a stream as large as the model's weights
};

result<bench_result> measure(const bench_args& args, const context& run) {
    bench_result out;
    QSLIP_TRY(out.tier, resolve_isa(run.isa));
    out.n_threads = run.threads != 0 ? run.threads : default_threads();
    out.clock_ghz = measure_clock_ghz();
    if (!args.no_kernels) out.kernels = measure_kernels(out.tier);
    if (args.model.empty()) return out;
    QSLIP_TRY(model m, open_model(args.model, {run.limits, run.isa, {}, {}}));
    if (args.n_tokens == 0 || args.n_decoded == 0 ||
        std::max(args.n_tokens, args.n_decoded) > m.config().context_length)
        return status(errc::usage, "--tokens and --decode must be from 1 to the model's context of " +
                                       std::to_string(m.config().context_length));
    out.model_bytes = m.memory_bytes();
    out.read_gb_s = measure_read_gb_s(out.model_bytes, out.n_threads);
    QSLIP_CHECK(m.load(model_part::all, run.threads));
    for (const numerics mode : all_numerics) {
        if (args.mode && *args.mode != mode) continue;
        const model in_mode = m.with_mode(mode);
        QSLIP_TRY(const model_speed speed,
                  measure_model(in_mode, {args.n_tokens, args.n_decoded, out.n_threads}));
        out.models.push_back(speed);
    }
    return out;
}

void print_text(const bench_result& r, const bench_args& args) {
    std::printf("tier %s, %.2f GHz by an add chain, %u threads\n", isa_name(r.tier), r.clock_ghz,
                r.n_threads);
    if (!r.kernels.empty()) std::printf("\n%-52s %11s %9s\n", "kernel, one core", "MAC/cycle", "of peak");
    for (const kernel_speed& k : r.kernels)
        if (k.peak_per_cycle > 0)
            std::printf("%-52s %11.2f %7.0f %%\n", k.name.c_str(), k.mac_per_cycle, 100 * k.fraction());
        else
            std::printf("%-52s %11.4f\n", k.name.c_str(), k.mac_per_cycle);
    if (r.models.empty()) return;
    std::printf("\n%llu tokens, logits of every position; medians of 5     tok/s\n",
                static_cast<unsigned long long>(args.n_tokens));
    std::printf("%-6s %24s %22s %16s %10s %9s\n", "mode", "a sequence per thread", "one shared sequence",
                "decode", "GB/s", "of peak");
    for (const model_speed& m : r.models)
        std::printf("%-6s %24.0f %22.0f %16.1f %10.1f %7.0f %%\n", numerics_name(m.mode), m.sequences_tok_s,
                    m.shared_tok_s, m.decode_tok_s, m.decode_gb_s, 100 * m.decode_gb_s / r.read_gb_s);
    std::printf("peak of GB/s: %.1f, a read-only stream of %.0f MB\n", r.read_gb_s,
                static_cast<double>(r.model_bytes) / 1e6);
}

std::string document_of(const bench_result& r) {
    std::string text;
    json_writer w(text);
    w.begin_object().member("isa", isa_name(r.tier)).member("clock_ghz", r.clock_ghz);
    w.member("threads", r.n_threads).key("kernels").begin_array();
    for (const kernel_speed& k : r.kernels)
        w.begin_object()
            .member("name", k.name)
            .member("mac_per_cycle", k.mac_per_cycle)
            .member("peak_per_cycle", k.peak_per_cycle)
            .end_object();
    w.end_array().key("models").begin_array();
    for (const model_speed& m : r.models)
        w.begin_object()
            .member("mode", numerics_name(m.mode))
            .member("sequences_tok_s", m.sequences_tok_s)
            .member("shared_tok_s", m.shared_tok_s)
            .member("decode_tok_s", m.decode_tok_s)
            .member("decode_gb_s", m.decode_gb_s)
            .end_object();
    w.end_array().member("model_bytes", r.model_bytes).member("read_gb_s", r.read_gb_s).end_object();
    return text;
}

}  // namespace

result<int> verb_bench(const bench_args& args, const context& run) {
    QSLIP_TRY(const auto r, measure(args, run));
    if (run.json)
        print_json(document_of(r));
    else
        print_text(r, args);
    return exit_done;
}

}  // namespace qslip::tool
