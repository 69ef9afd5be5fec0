#pragma once
#include <cstdint>
#include <string>
#include <utility>

namespace qslip {

/// Error classes; the list with its texts is core/status.inc.
enum class errc : std::int32_t {
#define QSLIP_STATUS(name, value, text) name = value,
#include <qslip/core/status.inc>
#undef QSLIP_STATUS
};

/// Name of a code as written in core/status.inc; "unknown" for any other number.
inline const char* errc_name(errc code) noexcept {
    switch (code) {
#define QSLIP_STATUS(name, value, text) \
    case errc::name:                    \
        return #name;
#include <qslip/core/status.inc>
#undef QSLIP_STATUS
    }
    return "unknown";
}

/// What a fallible call says when it has no value to give: a code and one line of text.
/// The message states the fact, the offending value and, where there is one, the next step.
class [[nodiscard]] status {
public:
    status() noexcept = default;
    status(errc code, std::string message) : code_(code), message_(std::move(message)) {}

    bool ok() const noexcept { return code_ == errc::ok; }
    explicit operator bool() const noexcept { return ok(); }
    errc code() const noexcept { return code_; }
    /// One line; empty when ok. Owned by this status.
    const char* message() const noexcept { return message_.c_str(); }

private:
    errc code_ = errc::ok;
    std::string message_;
};

}  // namespace qslip
