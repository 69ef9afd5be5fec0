#include <qslip/detail/files/text_file.hpp>
#include <qslip/report.hpp>

#include <algorithm>
#include <cstdio>

#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {

static std::string rendered(const report::document& document, const report_args& args) {
    const std::string flag = args.formats.empty() ? "text" : args.formats.front();
    if (flag == "text") return report::text(document, {args.verbose});
    return std::ranges::find(report::all_formats(), flag, &report::format::flag)->render(document);
}

result<int> verb_report(const report_args& args, const context& run) {
    if (args.formats.size() > 1)
        return status(errc::usage, "give one format, not " + std::to_string(args.formats.size()));
    QSLIP_TRY(const auto json, read_text_file(args.file, run.limits));
    QSLIP_TRY(const auto document, report::read_document(json, args.file, run.limits));
    std::fputs((run.json ? report::result_json(document) : rendered(document, args)).c_str(), stdout);
    return exit_done;
}

}  // namespace qslip::tool
