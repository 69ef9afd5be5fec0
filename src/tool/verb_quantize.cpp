#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/quantize.hpp>

#include <cstdio>

#include "files.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

result<quantize_summary> quantize(const quantize_args& args, const context& run) {
    if (args.method != "rtn")
        return status(errc::unsupported,
                      "--method " + args.method + " is not in this version; supported: rtn");
    QSLIP_CHECK(check_may_be_model(args.in, run.limits));
    QSLIP_CHECK(refuse_overwriting_input(args.out, {&args.in, 1}));
    if (!args.force) QSLIP_CHECK(refuse_overwriting(args.out));
    quantize_options options;
    options.type = args.type;
    options.n_threads = run.threads;
    options.limits = run.limits;
    return quantize_file(args.in, args.out, options);
}

std::string document_of(const quantize_summary& done, const std::string& path) {
    std::string text;
    json_writer out(text);
    out.begin_object().member("out", path).member("n_converted", done.n_converted);
    out.member("n_requantized", done.n_requantized).member("n_kept", done.n_kept);
    out.member("in_bytes", done.in_bytes).member("out_bytes", done.out_bytes).end_object();
    return text;
}

}  // namespace

result<int> verb_quantize(const quantize_args& args, const context& run) {
    QSLIP_TRY(const auto done, quantize(args, run));
    std::fprintf(stderr, "wrote %s: %s tensors to %s, %s kept, %s -> %s bytes\n", escaped(args.out).c_str(),
                 grouped(done.n_converted).c_str(), args.type.c_str(), grouped(done.n_kept).c_str(),
                 grouped(done.in_bytes).c_str(), grouped(done.out_bytes).c_str());
    if (done.n_requantized > 0)
        std::fprintf(stderr, "note: %s tensors were quantized already; errors add up\n",
                     grouped(done.n_requantized).c_str());
    if (run.json) print_json(document_of(done, args.out));
    return exit_done;
}

}  // namespace qslip::tool
