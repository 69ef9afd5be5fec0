#include <qslip/detail/core/parallel.hpp>
#include <qslip/detail/files/atomic_file.hpp>
#include <qslip/model.hpp>

#include <algorithm>
#include <string>

#include "tool/files.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

/// NumPy's format, version 1.0: a dictionary padded to 64 bytes, then the numbers.
std::string npy_header(std::size_t n_rows, std::size_t n_columns) {
    std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(n_rows) + ", " +
                       std::to_string(n_columns) + "), }";
    text.append(63 - (10 + text.size()) % 64, ' ').append("\n");
    std::string header = "\x93NUMPY";
    header += {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
    return header + text;
}

class logits_job {
public:
    logits_job(const model& m, const context& run) : model_(m) {
        n_threads_ = run.threads != 0 ? run.threads : default_threads();
        for (unsigned i = 0; i < n_threads_; ++i) engines_.emplace_back(m);
    }

    status run(const std::vector<token_list>& lists, const std::string& path) {
        QSLIP_CHECK(find_hidden(lists));
        QSLIP_TRY(atomic_file out, atomic_file::create(path));
        const std::size_t n_rows = hidden_.size() / model_.config().d_model;
        QSLIP_CHECK(out.write(npy_header(n_rows, model_.config().n_vocab)));
        QSLIP_CHECK(write_logits(n_rows, out));
        return out.commit();
    }

private:
    static constexpr std::size_t block_rows = 48;

    status find_hidden(const std::vector<token_list>& lists) {
        const std::size_t d = model_.config().d_model;
        std::vector<std::size_t> start{0};
        for (const auto& ids : lists) start.push_back(start.back() + ids.size());
        hidden_.resize(start.back() * d);
        return parallel_for(n_threads_, lists.size(), [&](unsigned worker, std::size_t i) {
            if (lists[i].empty()) return status();
            const batch_item item{lists[i], nullptr};
            return engines_[worker].hidden({&item, 1},
                                           std::span(hidden_).subspan(start[i] * d, lists[i].size() * d));
        });
    }

    /// A block of rows per thread at a time, written in order.
    status write_logits(std::size_t n_rows, atomic_file& out) {
        const std::size_t d = model_.config().d_model, v = model_.config().n_vocab,
                          step = block_rows * n_threads_;
        std::vector<float> logits(std::min(step, n_rows) * v);
        for (std::size_t row = 0; row < n_rows; row += step) {
            const std::size_t n = std::min(step, n_rows - row);
            QSLIP_CHECK(parallel_for(
                n_threads_, (n + block_rows - 1) / block_rows, [&](unsigned worker, std::size_t i) {
                    const std::size_t first = i * block_rows, count = std::min(block_rows, n - first);
                    return engines_[worker].logits(std::span(hidden_).subspan((row + first) * d, count * d),
                                                   std::span(logits).subspan(first * v, count * v));
                }));
            QSLIP_CHECK(out.write(std::as_bytes(std::span(logits).first(n * v))));
        }
        return {};
    }

    const model& model_;
    unsigned n_threads_;
    std::vector<scorer> engines_;
    std::vector<float> hidden_;
};

status write_logits_file(const logits_args& args, const context& run) {
    QSLIP_TRY(const std::vector<token_list> lists, read_token_lists(args.tokens_file, run.limits));
    QSLIP_TRY(model m, model::open(args.model, {run.limits, run.isa, args.pre, args.mode}));
    QSLIP_CHECK(m.load(model_part::all, run.threads));
    return logits_job(m, run).run(lists, args.out);
}

}  // namespace

int verb_logits(const logits_args& args, const context& run) {
    const status s = write_logits_file(args, run);
    return s.ok() ? exit_done : report_error(s);
}

}  // namespace qslip::tool
