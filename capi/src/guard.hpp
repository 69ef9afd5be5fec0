#pragma once
#include <qslip/errors.hpp>

#include <qslip.h>
#include <cfenv>
#include <new>

namespace qslip::capi {

/// The host's floating-point environment, set aside: rounding mode, flush-to-zero and traps of the
/// caller must not change a result.
class default_fp_env {
public:
    default_fp_env() noexcept {
        std::fegetenv(&saved_);
        std::fesetenv(FE_DFL_ENV);
    }
    ~default_fp_env() { std::fesetenv(&saved_); }
    default_fp_env(const default_fp_env&) = delete;
    default_fp_env& operator=(const default_fp_env&) = delete;

private:
    std::fenv_t saved_;
};

/// False when `err` is neither NULL nor an initialised qslip_error.
bool usable(const qslip_error* err) noexcept;

/// Writes code and message, cut at a character boundary and with control characters replaced.
qslip_status report(qslip_error* err, errc code, const char* message) noexcept;

/// Every entry is `return guard(err, [&]() -> status { ... });`: whatever happens inside becomes a
/// status, nothing is thrown across the C interface.
template <class Body>
qslip_status guard(qslip_error* err, Body&& body) noexcept {
    if (!usable(err)) return QSLIP_E_STRUCT_SIZE;
    const default_fp_env env;
    try {
        const status outcome = body();
        return report(err, outcome.code(), outcome.message());
    } catch (const std::bad_alloc&) {
        return report(err, errc::no_memory, "out of memory");
    } catch (const std::exception& bug) {
        return report(err, errc::internal, bug.what());
    } catch (...) {
        return report(err, errc::internal, "unknown exception");
    }
}

}  // namespace qslip::capi
