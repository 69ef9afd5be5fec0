#include <qslip/detail/core/dtype.hpp>
#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/quantize.hpp>

#include <cstdio>

#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

result<dtype> weight_type(const std::string& name) {
    if (const auto info = find_dtype(name)) return info->type;
    std::vector<std::string_view> names;
    for (const auto& d : all_dtypes) names.push_back(d.name);
    const auto near = nearest_name(name, names);
    return status(errc::usage,
                  "unknown weight type " + name + (near.empty() ? "" : "; did you mean " + near + "?"));
}

result<quantize_summary> quantize(const quantize_args& args, const context& c) {
    if (args.method != "rtn")
        return status(errc::unsupported,
                      "--method " + args.method + " is not in this version; supported: rtn");
    QSLIP_TRY(const auto type, weight_type(args.type));
    quantize_options options;
    options.type = type;
    options.limits = c.limits;
    return quantize_file(args.in, args.out, options);
}

}  // namespace

int verb_quantize(const quantize_args& args, const context& c) {
    const auto done = quantize(args, c);
    if (!done) return report_error(done.status());
    std::fprintf(stderr, "wrote %s: %s tensors to %s, %s kept, %s -> %s bytes\n", args.out.c_str(),
                 grouped(done->n_converted).c_str(), args.type.c_str(), grouped(done->n_kept).c_str(),
                 grouped(done->in_bytes).c_str(), grouped(done->out_bytes).c_str());
    if (done->n_requantized > 0)
        std::fprintf(stderr, "note: %s tensors were quantized already; errors add up\n",
                     grouped(done->n_requantized).c_str());
    return exit_done;
}

}  // namespace qslip::tool
