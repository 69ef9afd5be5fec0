#include <qslip/detail/core/text.hpp>
#include <qslip/detail/core/version.hpp>
#include <qslip/detail/files/atomic_file.hpp>
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/report.hpp>

#include <unistd.h>
#include <chrono>
#include <ctime>
#include <filesystem>

namespace qslip::report {

std::span<const format> all_formats() {
    static constexpr format formats[] = {
#define QSLIP_REPORT_FORMAT(name, flag, file, text) {flag, file, text, &name},
#include <qslip/detail/report/format.inc>
#undef QSLIP_REPORT_FORMAT
    };
    return formats;
}

static std::string utc_now() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    char text[32] = "";
    if (gmtime_r(&now, &parts)) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

static std::string host_name() {
    char name[256] = "";
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::string run_info_json(const run_result& run) {
    std::string out;
    json_writer w(out, 1);
    w.begin_object()
        .member("qslip", version_string())
        .member("finished_utc", utc_now())
        .member("host", host_name());
    w.member("threads", run.facts.threads)
        .member("isa", run.facts.isa)
        .member("elapsed_s", run.facts.elapsed_s);
    w.member("scored_positions", run.facts.scored_positions)
        .member("forward_tokens", run.facts.forward_tokens)
        .member("resumed_items", run.facts.resumed_items);
    w.member("base", run.base.path).key("candidates").begin_array();
    for (const auto& c : run.candidates) w.value(c.arm.path);
    w.end_array();
    if (run.suite) w.member("suite", run.suite->name());
    w.end_object();
    return out + "\n";
}

static status write_file(const std::string& path, std::string_view text) {
    QSLIP_TRY(auto file, atomic_file::create(path));
    QSLIP_CHECK(file.write(text));
    return file.commit();
}

result<std::vector<std::string>> write_all(const run_result& run, const std::string& dir) {
    std::error_code failed;
    std::filesystem::create_directories(dir, failed);
    if (failed) return status(errc::io, escaped(dir) + ": cannot make the folder: " + failed.message());
    QSLIP_TRY(const auto items, items_jsonl(run));
    std::vector<std::string> paths;
    const auto write = [&](const std::string& name, const std::string& text) {
        paths.push_back((std::filesystem::path(dir) / name).string());
        return write_file(paths.back(), text);
    };
    QSLIP_CHECK(write("items.jsonl", items));
    QSLIP_CHECK(write("run_info.json", run_info_json(run)));
    const document facts(run);
    for (const auto& format : all_formats())
        if (!format.file.empty()) QSLIP_CHECK(write(std::string(format.file), format.render(facts)));
    QSLIP_CHECK(write("result.json", result_json(facts)));
    return paths;
}

}  // namespace qslip::report
