//! What quantization changed in a model: safe Rust over the qslip C library.
//!
//! ```no_run
//! use qslip::{Kl, Model, Tokenize};
//! # fn main() -> Result<(), qslip::Error> {
//! let (base, cand) = (Model::open("base.gguf")?, Model::open("int4.gguf")?);
//! let mut kl = Kl::new()?;
//! for (i, text) in ["The sky is", "2 + 2 ="].iter().enumerate() {
//!     let ids = base.tokenize(text, Tokenize::default())?;
//!     kl.add(i as u64, base.score(&ids)?.rows(), cand.score(&ids)?.rows())?;
//! }
//! println!("{} nats", kl.summary()?.mean_nats);
//! # Ok(()) }
//! ```
mod error;
mod kl;
mod model;
mod schema;

pub use error::{Code, Error};
pub use kl::{Kl, KlSummary, Rows};
pub use model::{Logits, Mode, Model, ModelInfo, ModelOptions, Tokenize};
pub use schema::{Complexity, Dialect, Fault, Formats, Schema, SchemaOptions};

use std::ffi::CStr;

/// Version of the loaded library, e.g. "0.1.0".
pub fn version() -> &'static str {
    // SAFETY: the library returns a NUL-terminated ASCII string in static storage.
    unsafe { CStr::from_ptr(qslip_sys::qslip_version_string()) }.to_str().unwrap_or("")
}
