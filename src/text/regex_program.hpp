#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <memory>

#include "text/regex.hpp"

namespace qslip {

struct pcre2_deleter {
    void operator()(pcre2_code* p) const noexcept { pcre2_code_free(p); }
    void operator()(pcre2_compile_context* p) const noexcept { pcre2_compile_context_free(p); }
    void operator()(pcre2_match_context* p) const noexcept { pcre2_match_context_free(p); }
    void operator()(pcre2_match_data* p) const noexcept { pcre2_match_data_free(p); }
};
template <class T>
using pcre2_owner = std::unique_ptr<T, pcre2_deleter>;

/// The compiled code and the match limits that go with it; immutable, shared between threads.
/// PCRE2 10.42 knows the characters of Unicode 14.
struct regex::program {
    enum class engine { interpreter, jit_if_available };

    /// Patterns of users run in the interpreter, whose step counts are the same on every machine, so
    /// that a search that ends with `budget` does so everywhere. The JIT is for our own patterns.
    static result<std::shared_ptr<const program>> compile(std::string_view pattern, const limits& limits,
                                                          engine how);
    bool may_match_nothing() const;

    pcre2_owner<pcre2_code> code;
    pcre2_owner<pcre2_match_context> context;
    std::uint64_t steps = 0;
};

/// One thread's scratch for one program: no allocation per search.
class regex_scan {
public:
    static result<regex_scan> create(const regex::program& compiled);

    /// As regex::find; with `checked_utf8` the caller vouches for `text` and `start`.
    result<std::optional<regex_match>> find(std::string_view text, std::size_t start, bool checked_utf8);

private:
    regex_scan(const regex::program& compiled, pcre2_owner<pcre2_match_data> data)
        : program_(&compiled), data_(std::move(data)) {}
    status failure(int code) const;

    const regex::program* program_;
    pcre2_owner<pcre2_match_data> data_;
};

}  // namespace qslip
