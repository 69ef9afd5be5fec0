use qslip_sys as sys;
use std::ffi::CStr;
use std::fmt;

/// Why a call failed: a `qslip_status` of `qslip.h`. Constants for those worth matching on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(pub i32);

impl Code {
    pub const ARG: Code = Code(sys::QSLIP_E_ARG);
    pub const BUDGET: Code = Code(sys::QSLIP_E_BUDGET);
    pub const BUSY: Code = Code(sys::QSLIP_E_BUSY);
    pub const EMPTY: Code = Code(sys::QSLIP_E_EMPTY);
    pub const FORMAT: Code = Code(sys::QSLIP_E_FORMAT);
    pub const LIMIT: Code = Code(sys::QSLIP_E_LIMIT);
    pub const NONFINITE: Code = Code(sys::QSLIP_E_NONFINITE);
    pub const NOT_FOUND: Code = Code(sys::QSLIP_E_NOT_FOUND);
    pub const NO_ISA: Code = Code(sys::QSLIP_E_NO_ISA);
    pub const NO_MEMORY: Code = Code(sys::QSLIP_E_NO_MEMORY);
    pub const SCHEMA: Code = Code(sys::QSLIP_E_SCHEMA);
    pub const TRUNCATED: Code = Code(sys::QSLIP_E_TRUNCATED);
    pub const UNSUPPORTED: Code = Code(sys::QSLIP_E_UNSUPPORTED);

    /// Short lower-case name, e.g. "not_found".
    pub fn name(self) -> &'static str {
        // SAFETY: any number is allowed; the result is NUL-terminated ASCII in static storage.
        unsafe { CStr::from_ptr(sys::qslip_status_name(self.0)) }.to_str().unwrap_or("unknown")
    }
}

/// A failed call: its code and one line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: Code,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Runs one call of the C interface with an error struct of its own.
pub(crate) fn call(body: impl FnOnce(*mut sys::qslip_error) -> sys::qslip_status) -> Result<(), Error> {
    let mut raw = sys::QSLIP_ERROR_INIT;
    match body(&mut raw) {
        sys::QSLIP_OK => Ok(()),
        code => {
            // SAFETY: the library ends every message with NUL inside the array.
            let text = unsafe { CStr::from_ptr(raw.message.as_ptr()) };
            Err(Error { code: Code(code), message: text.to_string_lossy().into_owned() })
        }
    }
}

/// As `call`, for a function that writes one value: gives what became of `value`.
pub(crate) fn call_for<T>(
    mut value: T,
    body: impl FnOnce(*mut T, *mut sys::qslip_error) -> sys::qslip_status,
) -> Result<T, Error> {
    call(|err| body(&mut value, err))?;
    Ok(value)
}

/// As `call`, for a query of a size: "buffer too small" is the expected answer.
pub(crate) fn query(body: impl FnOnce(*mut sys::qslip_error) -> sys::qslip_status) -> Result<(), Error> {
    match call(body) {
        Err(e) if e.code.0 == sys::QSLIP_E_BUFFER => Ok(()),
        other => other,
    }
}
