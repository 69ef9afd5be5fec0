#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "eval/run/run_header.hpp"

namespace qslip {

/// What an interrupted run had done, record by record: u64 size, bytes, CRC-64 of both. Thread-safe: add().
class run_journal {
public:
    /// Continues the file when it is of the same fields; makes its folder. Errors: conflict (it is not),
    /// busy, io.
    static result<run_journal> open(const std::string& path, const run_header::fields& all,
                                    const limits& limits);

    /// Hands every whole record to take() until that refuses one; the rest of the file is cut off.
    status replay(const std::function<bool(std::span<const std::byte> record)>& take);
    status add(std::span<const std::byte> record);

private:
    run_journal(append_file file, std::uint64_t header_bytes)
        : file_(std::move(file)), header_bytes_(header_bytes) {}

    append_file file_;
    std::uint64_t header_bytes_;
    std::unique_ptr<std::mutex> one_at_a_time_ = std::make_unique<std::mutex>();
};

}  // namespace qslip
