#pragma once
#include <qslip/compare.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace qslip {

/// A stored run of the base (`*.qbase`): for every scored position its token and its final hidden state in
/// fp32. The head is the base file's; the file must be there. docs/capsule.md has the format.
/// Nothing is read beyond what the file holds, and nothing damaged is read as other numbers.
/// Thread-safe: const calls may run in parallel. Copies share the open file.
class capsule {
public:
    /// True when the file begins as a capsule does. False for what cannot be read.
    static bool is_one(const std::string& path);
    /// Reads and checks header and index; records are checked when they are read.
    /// Errors: those of the file; truncated, format (damaged), unsupported (a newer version), limit.
    static result<capsule> open(const std::string& path, const limits& limits = {});
    /// Every record. Errors: format, naming the item; changed.
    status check_all() const;

    const std::string& path() const noexcept;
    std::size_t n_items() const noexcept;
    /// What was held fixed, by name, in order: "suite_sha256", "mode_base", ...
    const std::vector<std::pair<std::string, std::string>>& fields() const noexcept;
    /// The base's file, where it was or beside the capsule. Errors: not_found, saying where to put it.
    result<std::string> find_base() const;

    struct state;  ///< private to src/eval
    const state& internals() const noexcept { return *state_; }

private:
    explicit capsule(std::shared_ptr<const state> s) : state_(std::move(s)) {}
    std::shared_ptr<const state> state_;
};

struct baseline_options {
    unsigned threads = 0;  ///< 0: one per core. The capsule does not depend on it
    qslip::limits limits = {};
    numerics mode_base = numerics::f32;
    bool keep_logits = false;  ///< fp32 logits too: no head to run later, n_vocab / d_model times the size
    std::function<void(std::uint64_t done, std::uint64_t total)> on_progress = {};
    bool rendered = false;  ///< as in compare_options
};

struct baseline_summary {
    std::uint64_t items = 0, positions = 0, size_bytes = 0;
    std::uint64_t resumed_items = 0;  ///< were there from an interrupted run
};

/// Runs the base over the suite, or the windows of a text, and writes the capsule `path`. What is done is
/// kept in "<path>.part" until the capsule is complete: the same call continues after an interruption,
/// another one is refused. Errors: conflict (the unfinished file is of another run; names the field), busy,
/// io, those of loading and reading.
result<baseline_summary> write_baseline(model base, const suite& items, const std::string& path,
                                        const baseline_options& options = {});
result<baseline_summary> write_text_baseline(model base, std::string_view text, const std::string& name,
                                             const text_options& how, const std::string& path,
                                             const baseline_options& options = {});

}  // namespace qslip
