#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/schema.hpp>

#include <cstdio>

#include "output.hpp"
#include "verbs.hpp"

namespace qslip::tool {
namespace {

status allow(schema::reference_folders& folders, const std::string& uri_and_folder) {
    const auto equals = uri_and_folder.find('=');
    if (equals == uri_and_folder.npos)
        return {errc::usage, "--ref-base must be URI=DIR, is " + uri_and_folder};
    const auto allowed = folders.allow(uri_and_folder.substr(0, equals), uri_and_folder.substr(equals + 1));
    if (allowed.ok()) return {};
    return {errc::usage, "--ref-base " + uri_and_folder + ": " + allowed.message()};
}

result<schema::compiled> compile(const std::string& path, const std::vector<std::string>& ref_bases,
                                 schema::format_mode formats, const limits& limits) {
    schema::reference_folders folders(limits);
    for (const auto& base : ref_bases) QSLIP_CHECK(allow(folders, base));
    QSLIP_TRY(const auto text, read_text_file(path, limits));
    schema::compile_options options;
    options.load = [&](const std::string& uri) { return folders.load(uri); };
    options.formats = formats;
    options.limits = limits;
    auto made = schema::compile(text, options);
    if (made) return made;
    std::string why = escaped(path) + ": " + made.status().message();
    if (!folders.why().empty()) why += " (" + folders.why() + ")";
    if (!folders.why().empty() && ref_bases.empty()) why += "; give one with --ref-base URI=DIR";
    return status(made.status().code(), std::move(why));
}

/// One instance's answer; a status instead of a verdict when there is none.
struct answer {
    std::string path;
    result<schema::verdict> verdict;
};

answer check_file(schema::validator& validator, const std::string& path, const limits& limits) {
    const auto text = read_text_file(path, limits);
    if (!text) return {path, text.status()};
    auto verdict = validator.validate(*text, schema::output::basic);
    if (verdict) return {path, std::move(verdict)};
    return {path, status(verdict.status().code(), escaped(path) + ": " + verdict.status().message())};
}

void print_text(const answer& a) {
    if (!a.verdict) return void(std::fprintf(stderr, "qslip: %s\n", a.verdict.status().message()));
    std::printf("%s: %s\n", escaped(a.path).c_str(), a.verdict->valid ? "valid" : "invalid");
    for (const auto& e : a.verdict->errors)
        std::printf("  at %s: %s (%s)\n", quoted(e.instance_location, 1000).c_str(), e.message.c_str(),
                    escaped(e.schema_location).c_str());
    if (a.verdict->errors_cut) std::printf("  and more\n");
}

void write_error(json_writer& out, const schema::error& e) {
    out.begin_object()
        .member("instance_location", e.instance_location)
        .member("keyword_location", e.keyword_location)
        .member("schema_location", e.schema_location)
        .member("keyword", e.keyword)
        .member("message", e.message)
        .member("n_causes", e.n_causes)
        .end_object();
}

void write_answer(json_writer& out, const answer& a) {
    out.begin_object().member("instance", a.path).key("valid");
    if (a.verdict)
        out.value(a.verdict->valid);
    else
        out.null();
    out.key("errors").begin_array();
    if (a.verdict)
        for (const auto& e : a.verdict->errors) write_error(out, e);
    out.end_array();
    if (a.verdict && a.verdict->errors_cut) out.member("errors_cut", true);
    if (!a.verdict) out.member("reason", a.verdict.status().message());
    out.end_object();
}

std::string document_of(const std::vector<answer>& answers) {
    std::string text;
    json_writer out(text, 2);
    out.begin_array();
    for (const auto& a : answers) write_answer(out, a);
    out.end_array();
    return text;
}

int exit_code(const std::vector<answer>& answers) {
    int code = exit_done;
    for (const auto& a : answers)
        if (!a.verdict)
            return exit_could_not_run;
        else if (!a.verdict->valid)
            code = exit_fail;
    return code;
}

void print_complexity(const std::string& path, const schema::complexity& c, bool json) {
    const std::pair<const char*, std::uint64_t> counts[] = {{"depth", c.depth},
                                                            {"n_required", c.n_required},
                                                            {"n_optional", c.n_optional},
                                                            {"n_arrays", c.n_arrays},
                                                            {"n_arrays_of_objects", c.n_arrays_of_objects},
                                                            {"n_constraints", c.n_constraints},
                                                            {"n_combinators", c.n_combinators},
                                                            {"n_recursions", c.n_recursions}};
    std::string text;
    json_writer out(text, 2);
    if (json) {
        out.begin_object()
            .member("schema", path)
            .member("points", c.points())
            .member("tier", complexity_class_name(class_of(c)));
        for (const auto& [key, n] : counts) out.member(key, n);
        out.end_object();
    } else {
        text = escaped(path) + ": tier " + complexity_class_name(class_of(c)) + ", C = ";
        json_writer(text).value(c.points());
        for (const auto& [key, n] : counts) text += "\n  " + std::string(key) + " " + std::to_string(n);
    }
    std::puts(text.c_str());
}

}  // namespace

result<int> verb_schema_check(const schema_check_args& args, const context& run) {
    const auto formats =
        args.assert_format ? schema::format_mode::assertion : schema::format_mode::annotation;
    QSLIP_TRY(const auto compiled, compile(args.schema, args.ref_bases, formats, run.limits));
    schema::validator validator(compiled);
    std::vector<answer> answers;
    for (const auto& path : args.instances) {
        answers.push_back(check_file(validator, path, run.limits));
        if (!run.json) print_text(answers.back());
    }
    if (run.json) print_json(document_of(answers));
    return exit_code(answers);
}

result<int> verb_schema_complexity(const schema_complexity_args& args, const context& run) {
    QSLIP_TRY(const auto compiled,
              compile(args.schema, args.ref_bases, schema::format_mode::annotation, run.limits));
    QSLIP_TRY(const auto found, schema::complexity_of(compiled));
    print_complexity(args.schema, found, run.json);
    return exit_done;
}

}  // namespace qslip::tool
