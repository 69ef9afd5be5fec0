#include <qslip/detail/core/nearest_name.hpp>
#include <qslip/detail/core/quote.hpp>
#include <qslip/detail/core/text.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/schema.hpp>

#include <cstdio>

#include "schema/uri.hpp"
#include "tool/files.hpp"
#include "tool/verbs.hpp"

namespace qslip::tool {
namespace {

/// The files `--ref-base URI=DIR` allows references to: those below DIR, nothing else.
class reference_files {
public:
    explicit reference_files(const limits& limits) : limits_(limits) {}

    status allow(const std::string& uri_and_folder) {
        const auto equals = uri_and_folder.find('=');
        std::string uri = uri_and_folder.substr(0, equals);
        if (equals == uri.npos || uri.find(':') == uri.npos || equals + 1 == uri_and_folder.size())
            return {errc::usage, "--ref-base must be URI=DIR with an absolute URI, is " + uri_and_folder};
        if (!uri.ends_with('/')) uri += '/';
        bases_.push_back({std::move(uri), uri_and_folder.substr(equals + 1)});
        return {};
    }

    /// Text of the file that stands for `uri`; empty, with why(), when there is none.
    std::optional<std::string> load(const std::string& uri) {
        const base* nearest = nullptr;
        for (const auto& b : bases_)
            if (uri.starts_with(b.uri) && (!nearest || b.uri.size() > nearest->uri.size())) nearest = &b;
        if (!nearest) {
            why_ = bases_.empty() ? "no --ref-base is given" : quoted(uri) + " is below no --ref-base";
            return std::nullopt;
        }
        auto text = read(nearest->folder, uri.substr(nearest->uri.size()));
        if (!text) why_ = text.status().message();
        return text ? std::optional(*std::move(text)) : std::nullopt;
    }
    const std::string& why() const noexcept { return why_; }

private:
    struct base {
        std::string uri, folder;
    };
    result<std::string> read(const std::string& folder, std::string_view way) const {
        std::vector<std::string> names;
        for (std::size_t at = 0; at <= way.size();) {
            const auto end = std::min(way.find('/', at), way.size());
            names.push_back(schema::percent_decoded(way.substr(at, end - at)));
            at = end + 1;
        }
        QSLIP_TRY(const auto file, input_file::open_below(folder, names));
        return read_text(file, limits_);
    }

    const limits& limits_;
    std::vector<base> bases_;
    std::string why_;
};

result<schema::compiled> compile(const std::string& path, const std::vector<std::string>& ref_bases,
                                 schema::format_mode formats, const limits& limits) {
    reference_files files(limits);
    for (const auto& base : ref_bases) QSLIP_CHECK(files.allow(base));
    QSLIP_TRY(const auto text, read_text_file(path, limits));
    schema::compile_options options;
    options.load = [&](const std::string& uri) { return files.load(uri); };
    options.formats = formats;
    options.limits = limits;
    auto made = schema::compile(text, options);
    if (made) return made;
    return status(made.status().code(), escaped(path) + ": " + made.status().message() +
                                            (files.why().empty() ? "" : " (" + files.why() + ")"));
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

void print_json(const std::vector<answer>& answers) {
    std::string text;
    json_writer out(text, 2);
    out.begin_array();
    for (const auto& a : answers) write_answer(out, a);
    out.end_array();
    std::puts(text.c_str());
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
        out.begin_object().member("schema", path).member("points", c.points()).member("tier", name(c.tier()));
        for (const auto& [key, n] : counts) out.member(key, n);
        out.end_object();
    } else {
        text = escaped(path) + ": tier " + name(c.tier()) + ", C = ";
        json_writer(text).value(c.points());
        for (const auto& [key, n] : counts) text += "\n  " + std::string(key) + " " + std::to_string(n);
    }
    std::puts(text.c_str());
}

}  // namespace

int verb_schema_check(const schema_check_args& args, const context& run) {
    const auto formats =
        args.assert_format ? schema::format_mode::assertion : schema::format_mode::annotation;
    const auto compiled = compile(args.schema, args.ref_bases, formats, run.limits);
    if (!compiled) return report_error(compiled.status());
    schema::validator validator(*compiled);
    std::vector<answer> answers;
    for (const auto& path : args.instances) {
        answers.push_back(check_file(validator, path, run.limits));
        if (!run.json) print_text(answers.back());
    }
    if (run.json) print_json(answers);
    return exit_code(answers);
}

int verb_schema_complexity(const schema_complexity_args& args, const context& run) {
    const auto compiled = compile(args.schema, args.ref_bases, schema::format_mode::annotation, run.limits);
    if (!compiled) return report_error(compiled.status());
    const auto found = schema::complexity_of(*compiled);
    if (!found) return report_error(found.status());
    print_complexity(args.schema, *found, run.json);
    return exit_done;
}

}  // namespace qslip::tool
