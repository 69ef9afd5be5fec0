#include <qslip/decoder.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/atomic_file.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/tokenizer.hpp>

#include <cstdio>
#include <string>

#include "files.hpp"
#include "output.hpp"
#include "verbs.hpp"

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

struct logits_shape {
    std::size_t n_rows = 0, n_vocab = 0;
};

result<logits_shape> write_logits(const logits_args& args, const context& run) {
    const std::string inputs[] = {args.model, args.tokens_file};
    QSLIP_CHECK(refuse_overwriting_input(args.out, inputs));
    QSLIP_TRY(const auto lists, read_token_lists(args.tokens_file, run.limits));
    QSLIP_TRY(model m, open_model(args.model, {run.limits, run.isa, args.pre, args.mode}));
    QSLIP_CHECK(m.load(model_part::all, run.threads));
    logits_shape shape{0, m.config().n_vocab};
    for (const auto& ids : lists) shape.n_rows += ids.size();
    QSLIP_TRY(atomic_file out, atomic_file::create(args.out));
    QSLIP_CHECK(out.write(npy_header(shape.n_rows, shape.n_vocab)));
    const auto write = [&](std::span<const float> rows) { return out.write(std::as_bytes(rows)); };
    QSLIP_CHECK(teacher_forced_logits(m, lists, run.threads, write));
    QSLIP_CHECK(out.commit());
    return shape;
}

}  // namespace

result<int> verb_logits(const logits_args& args, const context& run) {
    QSLIP_TRY(const auto shape, write_logits(args, run));
    std::fprintf(stderr, "wrote %s: float32 [%s, %s], one row per token\n", escaped(args.out).c_str(),
                 grouped(shape.n_rows).c_str(), grouped(shape.n_vocab).c_str());
    if (!run.json) return exit_done;
    std::string document;
    json_writer out(document);
    out.begin_object().member("out", args.out).member("rows", shape.n_rows).member("n_vocab", shape.n_vocab);
    out.end_object();
    print_json(document);
    return exit_done;
}

}  // namespace qslip::tool
