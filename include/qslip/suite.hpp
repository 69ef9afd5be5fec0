#pragma once
#include <qslip/detail/metrics/format_counts.hpp>
#include <qslip/errors.hpp>
#include <qslip/limits.hpp>
#include <qslip/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qslip {

class judge;

/// Version of the rules by which answers are made comparable and judged; part of a run's manifest.
inline constexpr int canonicalizer_version = 1;

/// One line of a suite; docs/suite.md describes the fields. A view: it lives as long as a copy of its suite.
struct suite_item {
    std::string_view id;
    std::string_view content;                        ///< `prompt` or `text`; of `messages` their JSON
    const std::vector<std::string>* tags = nullptr;  ///< field `slice`; sorted, distinct, at least one
    bool is_text = false;                            ///< teacher forcing only
    bool is_chat = false;                 ///< `messages`: rendered through the model's chat template
    const qslip::judge* judge = nullptr;  ///< of its answers; nullptr: they are not judged
    std::uint32_t max_tokens = 0;
    std::string_view language, category;
    std::uint64_t cluster = 0;  ///< hash of the declared cluster, else of the id
    /// Of the schema that its answer has to satisfy; none: no JSON is demanded.
    std::optional<schema::complexity> complexity() const;
};

/// A suite file, read and checked once: every regex and schema in it is compiled, tasks that are the same are
/// kept once. Memory: the text of the prompts and about 100 bytes an item; what a distinct task takes.
/// Thread-safe: const calls may run in parallel. Copies share everything.
class suite {
public:
    /// Reads and checks every line. Errors: those of the file; schema (malformed lines: the message lists the
    /// first limits.errors_kept, each "file:line: ...", on lines of their own); limit; empty (no items).
    static result<suite> load(const std::string& path, const limits& = {});
    /// The same from memory; `name` stands for the file in messages.
    static result<suite> from_text(std::string_view jsonl, std::string name = "suite", const limits& = {});

    std::size_t size() const noexcept;
    /// Item `i` < size(), in file order.
    suite_item item(std::size_t i) const;
    /// SHA-256 (hex) of the whole file.
    const std::string& digest() const noexcept;
    const std::string& name() const noexcept;
    /// Every tag, sorted.
    const std::vector<std::string>& tags() const noexcept;
    /// The complexity classes its structured tasks are in, ascending.
    const std::vector<complexity_class>& complexity_classes() const noexcept;
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
