#pragma once
#include <qslip/core/limits.hpp>
#include <qslip/core/result.hpp>
#include <qslip/eval/task.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace qslip {

/// One line of a suite; docs/suite.md describes the fields.
struct suite_item {
    std::string id;
    std::vector<std::string> tags;  ///< field `slice`; sorted, distinct, at least one
    std::string content;            ///< `prompt` or `text`; of `messages` their JSON
    bool is_text = false;           ///< teacher forcing only
    bool is_chat = false;           ///< `messages`: rendered through the model's chat template
    task how;
    std::uint32_t max_tokens = 32;
    std::string language, category;
    std::uint64_t cluster = 0;  ///< hash of the declared cluster, else of the id
};

/// A checked suite file. Holds where each line is, not its text, so a suite of any length takes about 20
/// bytes an item; lines are read again on demand.
/// Thread-safe: const calls may run in parallel. Copies share the open file.
class suite {
public:
    /// Reads and checks every line. Errors: those of the file; schema (malformed lines: the message lists the
    /// first limits.errors_kept, each "file:line: ...", on lines of their own); limit; empty (no items).
    static result<suite> load(const std::string& path, const limits& = {});
    /// The same from memory; `name` stands for the file in messages.
    static result<suite> from_text(std::string jsonl, std::string name = "suite", const limits& = {});

    std::size_t size() const noexcept;
    /// Item `i` < size(), in file order. Errors: io, changed (the file is no longer what was checked).
    result<suite_item> item(std::size_t i) const;
    /// SHA-256 (hex) of the whole file.
    const std::string& digest() const noexcept;
    const std::string& name() const noexcept;
    /// Every tag, sorted.
    const std::vector<std::string>& tags() const noexcept;
    /// "S0" to "S3": the complexity tiers its structured tasks are in, ascending.
    const std::vector<std::string>& tiers() const noexcept;
    /// Items with a task other than none.
    std::size_t n_with_task() const noexcept;
    /// Some item has `messages`.
    bool has_chat() const noexcept;
    /// Errors: changed when the file is not as it was at load.
    status unchanged() const;

    struct state;  // private to src/eval

private:
    explicit suite(std::shared_ptr<const state> s) : state_(std::move(s)) {}
    std::shared_ptr<const state> state_;
};

}  // namespace qslip
