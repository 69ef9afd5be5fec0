#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eval/tasks/judge_store.hpp"

namespace qslip {

/// One line of a suite, as read; suite_item has the meaning of the fields.
struct suite_line {
    std::string id;
    std::vector<std::string> tags;
    std::string content;
    bool is_text = false, is_chat = false;
    const qslip::judge* judge = nullptr;
    std::uint32_t max_tokens = 32;
    std::string language, category;
    std::uint64_t cluster = 0;
};

/// Reads lines of suites. All arguments are borrowed. Faults go to `faults`; a line is of use only when none
/// was added.
class suite_line_reader {
public:
    suite_line_reader(const limits& limits, json_faults& faults)
        : limits_(limits), faults_(faults), reader_(limits), judges_(limits, faults) {}

    /// `where` opens the faults: "file:line".
    suite_line read(std::string_view line, const std::string& where);
    judge_store& judges() { return judges_; }

private:
    void read_content(json_fields& f, suite_line& line) const;
    void read_task(json_fields& f, suite_line& line);

    const limits& limits_;
    json_faults& faults_;
    json_reader reader_;
    judge_store judges_;
};

}  // namespace qslip
