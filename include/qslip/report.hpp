#pragma once
#include <qslip/result.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qslip::report {

class fact;

/// All that is told of a finished comparison, apart from the formats it is told in. It is what result.json
/// holds (docs/result.md): every format is made from a document, so it makes no difference whether a run has
/// just ended or its result.json was read. Immutable; copies share their facts.
class document {
public:
    /// Implicit, so that each format takes a run.
    document(const run_result& run);

    /// The worst candidate's.
    qslip::verdict verdict() const;
    int exit_code() const { return exit_code_of(verdict()); }

    explicit document(std::shared_ptr<const fact> facts) : facts_(std::move(facts)) {}
    const fact& facts() const { return *facts_; }

private:
    std::shared_ptr<const fact> facts_;
};

/// result.json: the document without anything that may differ between equal runs. Reading it back and writing
/// it again gives the same bytes.
std::string result_json(const document&);

/// What result_json wrote. `name` stands for the text in messages.
/// Errors: format (no JSON), limit, schema (another schema_version, a field that is unknown, missing or of
/// another type; names it).
result<document> read_document(std::string_view json, const std::string& name = "result.json",
                               const limits& = {});

struct text_style {
    bool verbose = false;  ///< also what decides nothing, and every section
};

/// For a terminal or a log: the verdict, the deciding cells, the worst first, and what to do about those that
/// are not settled. Plain text, lines end in "\n".
std::string text(const document&, text_style);

// One function for each row of format.inc: `name(document)`.
#define QSLIP_REPORT_FORMAT(name, flag, file, text) std::string name(const document&);
#include <qslip/detail/report/format.inc>
#undef QSLIP_REPORT_FORMAT

/// A format of reports.
struct format {
    std::string_view flag;  ///< of `qslip report`
    std::string_view file;  ///< its name in the folder of results; empty: not written there
    std::string_view text;
    std::string (*render)(const document&);
};
std::span<const format> all_formats();

/// run_info.json: threads, instruction set, time, host and paths.
std::string run_info_json(const run_result& run);

/// One item a line: prompt, both answers, where they part. Errors: those of reading the suite again.
result<std::string> items_jsonl(const run_result& run);

/// The line of an items.jsonl that holds the item `id`; it lies in `items_jsonl`. `name` stands for the text
/// in messages. Errors: not_found (names the nearest id), format, schema.
result<std::string_view> find_item(std::string_view items_jsonl, const std::string& id,
                                   const std::string& name = "items.jsonl", const limits& = {});

/// A line of items.jsonl for a reader: the prompt, then for each candidate of the run both answers with the
/// first differing token marked (in >>> <<<, or reversed on a terminal), and its numbers.
/// Errors: format, schema (not a line of this version, or of another run).
result<std::string> item_text(const document& run, std::string_view line, bool for_terminal = false,
                              const limits& = {});

/// Writes result.json, run_info.json, items.jsonl and the file of each format into `dir`, which is made when
/// it is not there; each file whole or not at all. Returns their paths.
/// Errors: io and those of atomic_file.
result<std::vector<std::string>> write_all(const run_result& run, const std::string& dir);

/// The items worth a look, worst first, at most `max_items`: newly broken answers before others, then by the
/// largest KL of a position. Indices into `items`.
std::vector<std::size_t> worst_items(const candidate_result& candidate, std::size_t max_items = 20);

/// The first `max_items` items in suite order whose answer satisfied its schema and does not any more.
std::vector<std::size_t> located_breaks(const candidate_result& candidate, std::size_t max_items);

}  // namespace qslip::report
