#include <qslip/detail/files/text_file.hpp>
#include <qslip/report.hpp>

#include <unistd.h>
#include <cstdio>
#include <cstdlib>

#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {

result<int> verb_inspect(const inspect_args& args, const context& run) {
    const auto items_file = args.dir + "/items.jsonl", result_file = args.dir + "/result.json";
    QSLIP_TRY(const auto items, read_text_file(items_file, run.limits));
    QSLIP_TRY(const auto line, report::find_item(items, args.prompt_id, items_file, run.limits));
    if (run.json) {
        print_json(std::string(line));
        return exit_done;
    }
    QSLIP_TRY(const auto json, read_text_file(result_file, run.limits));
    QSLIP_TRY(const auto document, report::read_document(json, result_file, run.limits));
    const bool for_terminal = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    QSLIP_TRY(const auto text, report::item_text(document, line, for_terminal, run.limits));
    std::fputs(text.c_str(), stdout);
    return exit_done;
}

}  // namespace qslip::tool
