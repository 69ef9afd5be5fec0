#include "output.hpp"

#include <qslip/detail/json/json_writer.hpp>

#include <cstdio>

#include "verbs.hpp"

namespace qslip::tool {

void print_json(const std::string& document) {
    const bool has_line_end = document.ends_with('\n');
    std::printf("%s%s", document.c_str(), has_line_end ? "" : "\n");
}

static std::string error_document(const status& why) {
    std::string text;
    json_writer out(text);
    out.begin_object().key("error").begin_object();
    out.member("code", errc_name(why.code())).member("message", why.message());
    out.end_object().end_object();
    return text;
}

int report_error(const status& why, bool json) {
    if (json) print_json(error_document(why));
    std::fprintf(stderr, "qslip: %s\n", why.message());
    return why.code() == errc::not_comparable ? exit_not_comparable : exit_could_not_run;
}

}  // namespace qslip::tool
