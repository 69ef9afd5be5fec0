#include <qslip/detail/json/json_writer.hpp>
#include "report/document.hpp"
#include "report/format.hpp"

namespace qslip::report {
namespace {

void write(json_writer& w, const fact& f) {
    if (f.is_null()) w.null();
    if (f.is_flag()) w.value(f.flag());
    if (f.is_count())
        w.value(f.count());
    else if (f.is_number())
        w.raw(json_number(f.number()));
    if (f.is_text()) w.value(f.text());
    if (f.is_list()) {
        w.begin_array();
        for (const auto& item : f.items()) write(w, item);
        w.end_array();
    }
    if (f.is_group()) {
        w.begin_object();
        for (const auto& [key, value] : f.members()) write(w.key(key), value);
        w.end_object();
    }
}

}  // namespace

std::string json_of(const fact& facts, unsigned indent) {
    std::string out;
    json_writer w(out, indent);
    write(w, facts);
    return out + "\n";
}

std::string result_json(const document& d) { return json_of(d.facts(), 1); }

}  // namespace qslip::report
