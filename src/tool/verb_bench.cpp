#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/model.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "formats/gguf.hpp"
#include "kernels/speed.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Tokens per second of one model in one mode, medians.
struct model_speed {
    numerics mode;
    double sequences_tok_s = 0;  ///< one sequence of n_tokens per thread, logits of every position
    double shared_tok_s = 0;     ///< one sequence of n_tokens shared by the threads, logits of every position
    double decode_tok_s = 0;     ///< one token at a time, shared by the threads
    double decode_gb_s = 0;      ///< weights read for it
};

/// A model at work on made-up tokens.
class model_bench {
public:
    model_bench(const model& m, const bench_args& args, unsigned n_threads)
        : model_(m), n_tokens_(args.n_tokens), n_decoded_(args.n_decoded), n_threads_(n_threads) {
        for (std::size_t i = 0; i < std::max(n_tokens_, n_decoded_); ++i)
            ids_.push_back(static_cast<std::int32_t>((i * 7919 + 11) % m.config().n_vocab));
    }

    result<model_speed> run() {
        model_speed out{model_.mode()};
        std::vector<double> times;
        for (int i = 0; i < n_samples; ++i) QSLIP_CHECK(timed(times, [&] { return run_sequences(); }));
        out.sequences_tok_s = static_cast<double>(n_threads_ * n_tokens_) / median(times);
        times.clear();
        scorer shared(model_, nullptr, n_threads_);
        for (int i = 0; i < n_samples; ++i)
            QSLIP_CHECK(timed(times, [&] { return run_all_logits(shared, ids_, nullptr); }));
        out.shared_tok_s = static_cast<double>(n_tokens_) / median(times);
        times.clear();
        QSLIP_CHECK(decode(shared, times));
        out.decode_tok_s = 1 / median(times);
        out.decode_gb_s = static_cast<double>(model_.memory_bytes()) * out.decode_tok_s / 1e9;
        return out;
    }

private:
    static constexpr int n_samples = 5;

    static double median(std::vector<double> times) {
        std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
        return times[times.size() / 2];
    }
    template <class Work>
    static status timed(std::vector<double>& times, const Work& work) {
        const double start = now_s();
        QSLIP_CHECK(work());
        times.push_back(now_s() - start);
        return {};
    }
    status run_all_logits(scorer& engine, std::span<const std::int32_t> ids, kv_cache* cache) const {
        constexpr std::size_t rows = 64;  // logits are kept for a tile only, as in a comparison
        const std::size_t d = model_.config().d_model, v = model_.config().n_vocab;
        if (cache == nullptr) ids = ids.first(n_tokens_);
        std::vector<float> hidden(ids.size() * d), logits(std::min(rows, ids.size()) * v);
        const batch_item item{ids, cache};
        QSLIP_CHECK(engine.hidden({&item, 1}, hidden));
        for (std::size_t row = 0; row < ids.size(); row += rows) {
            const std::size_t n = std::min(rows, ids.size() - row);
            QSLIP_CHECK(
                engine.logits(std::span(hidden).subspan(row * d, n * d), std::span(logits).first(n * v)));
        }
        return {};
    }
    status run_sequences() {
        while (engines_.size() < n_threads_) engines_.emplace_back(model_);
        return parallel_for(n_threads_, n_threads_, [&](unsigned worker, std::size_t) {
            return run_all_logits(engines_[worker], ids_, nullptr);
        });
    }
    status decode(scorer& engine, std::vector<double>& times) const {
        QSLIP_TRY(kv_cache cache, kv_cache::create(model_, n_decoded_));
        for (std::size_t i = 0; i < n_decoded_; ++i)
            QSLIP_CHECK(
                timed(times, [&] { return run_all_logits(engine, std::span(ids_).subspan(i, 1), &cache); }));
        return {};
    }

    const model& model_;
    std::size_t n_tokens_, n_decoded_;
    unsigned n_threads_;
    std::vector<std::int32_t> ids_;
    std::vector<scorer> engines_;
};

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
    QSLIP_TRY(model m, model::open(args.model, {run.limits, run.isa, {}, {}}));
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
        QSLIP_TRY(const model_speed speed, model_bench(in_mode, args, out.n_threads).run());
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

void print_json(const bench_result& r) {
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
    std::printf("%s\n", text.c_str());
}

}  // namespace

int verb_bench(const bench_args& args, const context& run) {
    const auto r = measure(args, run);
    if (!r) return report_error(r.status());
    if (run.json)
        print_json(*r);
    else
        print_text(*r, args);
    return exit_done;
}

}  // namespace qslip::tool
