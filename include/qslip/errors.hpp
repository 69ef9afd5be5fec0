#pragma once
#include <qslip/detail/core/cplusplus.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace qslip {

/// Error classes; the list with its texts is core/status.inc.
enum class errc : std::int32_t {
#define QSLIP_STATUS(name, value, text) name = value,
#include <qslip/detail/core/status.inc>
#undef QSLIP_STATUS
};

/// Name of a code as written in core/status.inc; "unknown" for any other number.
inline const char* errc_name(errc code) noexcept {
    switch (code) {
#define QSLIP_STATUS(name, value, text) \
    case errc::name:                    \
        return #name;
#include <qslip/detail/core/status.inc>
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

/// A value or the status that explains its absence.
/// `*r` and `r->` need `if (r)` first; `value()` throws std::runtime_error instead (sugar for
/// programs that use exceptions; ends the process in those built without).
template <class T>
class [[nodiscard]] result {
public:
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(qslip::status why) : state_(std::in_place_index<1>, std::move(why)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// Ok when there is a value.
    qslip::status status() const {
        const auto* why = std::get_if<1>(&state_);
        return why ? *why : qslip::status{};
    }

#if defined(__cpp_exceptions)
    T& value() & {
        if (!ok()) throw std::runtime_error(status().message());
        return **this;
    }
    T&& value() && {
        if (!ok()) throw std::runtime_error(status().message());
        return std::move(**this);
    }
#endif

private:
    std::variant<T, qslip::status> state_;
};

}  // namespace qslip

#define QSLIP_CONCAT_(a, b) a##b
#define QSLIP_CONCAT(a, b) QSLIP_CONCAT_(a, b)

/// Leaves the enclosing function with the status of `expression` unless it is ok.
#define QSLIP_CHECK(expression)                                                           \
    do {                                                                                  \
        if (auto qslip_status_ = (expression); !qslip_status_.ok()) return qslip_status_; \
    } while (false)

/// Declares `target` from a result<T>, or leaves the enclosing function with its status.
#define QSLIP_TRY(target, expression) QSLIP_TRY_(target, expression, QSLIP_CONCAT(qslip_result_, __LINE__))
#define QSLIP_TRY_(target, expression, temporary)   \
    auto temporary = (expression);                  \
    if (!temporary.ok()) return temporary.status(); \
    target = *std::move(temporary)
