#pragma once
// One validator behind the protocol of schema_rivals.py: a line "compile CASE SECONDS" or "validate CASE
// SECONDS" on stdin, "NANOSECONDS VERDICTS" on stdout: the mean time of one compilation or of one validation
// of the case's instances in turn, from bytes to verdict; VERDICTS has '1' (valid) or '0' per instance.
#include <time.h>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

struct bench_case {
    std::string schema;
    std::vector<std::string> instances;
    std::vector<std::pair<std::string, std::string>> references;  // URI, text
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    text.reserve(text.size() + 64);  // simdjson's DOM parser reads on; without room it copies
    return text;
}

inline bench_case read_case(const std::filesystem::path& folder) {
    bench_case out;
    out.schema = read_file(folder / "schema.json");
    std::vector<std::filesystem::path> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("instance-")) names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) out.instances.push_back(read_file(name));
    std::ifstream list(folder / "references.tsv");
    for (std::string uri, file; list >> uri >> file;)
        out.references.emplace_back(uri, read_file(folder / file));
    return out;
}

inline double cpu_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Mean nanoseconds of `work`, run again and again for about `seconds`.
template <class Work>
double mean_ns(double seconds, Work&& work) {
    const double start = cpu_ns();
    double spent = 0;
    std::uint64_t n = 0;
    do {
        for (std::uint64_t i = 0, chunk = n / 16 + 1; i < chunk; ++i, ++n) work();
        spent = cpu_ns() - start;
    } while (spent < seconds * 1e9);
    return spent / static_cast<double>(n);
}

/// `Engine(bench_case)` compiles; `engine.valid(text)` parses and validates.
template <class Engine>
int serve() {
    std::string verb, folder, loaded;
    double seconds = 0;
    bench_case now;
    while (std::cin >> verb >> folder >> seconds) {
        if (folder != loaded) now = read_case(folder), loaded = folder;
        std::string verdicts;
        double ns = 0;
        if (verb == "compile") {
            ns = mean_ns(seconds, [&] { const Engine engine(now); });
        } else {
            Engine engine(now);
            for (const auto& text : now.instances) verdicts += engine.valid(text) ? '1' : '0';
            ns = mean_ns(seconds,
                         [&] {
                             for (const auto& text : now.instances) (void)engine.valid(text);
                         }) /
                 static_cast<double>(now.instances.size());
        }
        std::cout << ns << ' ' << (verdicts.empty() ? "-" : verdicts) << std::endl;
    }
    return 0;
}
