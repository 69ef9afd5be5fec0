use crate::error::{call_for, Error};
use crate::model::c_string;
use qslip_sys as sys;
use std::ffi::CString;
use std::os::raw::c_char;
use std::ptr;

/// A compiled JSON Schema: compile once, validate many. Freed when dropped.
/// `Send` and `Sync`: any number of threads may use one at once.
#[derive(Debug)]
pub struct Schema {
    raw: *mut sys::qslip_schema,
}

// SAFETY: the handle is a number; the library synchronises what stands behind it.
unsafe impl Send for Schema {}
unsafe impl Sync for Schema {}

/// What a schema without `$schema` is read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Dialect {
    V1 = sys::QSLIP_DIALECT_V1,
    Draft4 = sys::QSLIP_DIALECT_DRAFT4,
    Draft6 = sys::QSLIP_DIALECT_DRAFT6,
    Draft7 = sys::QSLIP_DIALECT_DRAFT7,
    Draft201909 = sys::QSLIP_DIALECT_2019_09,
    #[default]
    Draft202012 = sys::QSLIP_DIALECT_2020_12,
}

/// What `format` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Formats {
    #[default]
    ByDialect = sys::QSLIP_FORMAT_BY_DIALECT,
    Annotation = sys::QSLIP_FORMAT_ANNOTATION,
    Assertion = sys::QSLIP_FORMAT_ASSERTION,
}

/// How to compile; `Default` is the library's.
#[derive(Clone, Debug, Default)]
pub struct SchemaOptions<'a> {
    pub dialect: Dialect,
    pub formats: Formats,
    /// URI of a schema without `$id`.
    pub base_uri: Option<&'a str>,
    /// URI and text of schemas that `$ref` may name; nothing else is ever loaded.
    pub documents: &'a [(&'a str, &'a str)],
    /// Faults kept of one instance.
    pub max_faults: Option<u32>,
    /// Work one validation may take.
    pub max_steps: Option<u64>,
}

/// One fault of an instance; locations are JSON pointers, `schema_location` is an absolute URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub instance_location: String,
    pub keyword_location: String,
    pub schema_location: String,
    pub keyword: String,
    pub message: String,
    /// How many of the faults just before this one explain it.
    pub n_causes: usize,
}

/// How much structure a schema asks for; complexity_class 0 to 3 is S0 to S3.
#[derive(Clone, Debug, PartialEq)]
pub struct Complexity {
    pub complexity_class: u32,
    /// At least 0; more is harder.
    pub points: f64,
    pub depth: u64,
    pub n_required: u64,
    pub n_optional: u64,
    pub n_arrays: u64,
    pub n_arrays_of_objects: u64,
    pub n_constraints: u64,
    pub n_combinators: u64,
    pub n_recursions: u64,
}

fn c_strings<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<CString>, Error> {
    texts.map(c_string).collect()
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).collect()
}

impl Schema {
    /// Compiles JSON text with the default options.
    pub fn compile(text: &str) -> Result<Schema, Error> {
        Schema::compile_with(text, &SchemaOptions::default())
    }

    pub fn compile_with(text: &str, options: &SchemaOptions<'_>) -> Result<Schema, Error> {
        let base_uri = options.base_uri.map(c_string).transpose()?;
        let uris = c_strings(options.documents.iter().map(|(uri, _)| *uri))?;
        let texts = c_strings(options.documents.iter().map(|(_, text)| *text))?;
        let (uris, texts) = (&uris, &texts); // they outlive the pointers
        let (uri_pointers, text_pointers) = (pointers(uris), pointers(texts));
        let raw_options = sys::qslip_schema_options {
            default_dialect: options.dialect as u32,
            format_mode: options.formats as u32,
            max_faults: options.max_faults.unwrap_or(0),
            base_uri: base_uri.as_ref().map_or(ptr::null(), |s| s.as_ptr()),
            document_uris: uri_pointers.as_ptr(),
            document_texts: text_pointers.as_ptr(),
            n_documents: uris.len() as u64,
            max_steps: options.max_steps.unwrap_or(0),
            ..sys::QSLIP_SCHEMA_OPTIONS_INIT
        };
        let raw = call_for(ptr::null_mut(), |out, err| {
            // SAFETY: text, options and what they point to outlive the call.
            unsafe { sys::qslip_schema_compile(text.as_ptr().cast(), text.len(), &raw_options, out, err) }
        })?;
        Ok(Schema { raw })
    }

    /// Is this JSON text valid? Stops at the first fault; `Code::FORMAT` when it is no JSON.
    pub fn is_valid(&self, instance: &[u8]) -> Result<bool, Error> {
        let valid = call_for(0, |out, err| {
            // SAFETY: instance is valid for its length.
            unsafe { sys::qslip_schema_check(self.raw, instance.as_ptr().cast(), instance.len(), out, err) }
        })?;
        Ok(valid == 1)
    }

    /// Every fault of JSON text, none when it is valid.
    pub fn faults(&self, instance: &[u8]) -> Result<Vec<Fault>, Error> {
        let raw = call_for(ptr::null_mut(), |out, err| {
            // SAFETY: instance is valid for its length.
            unsafe {
                sys::qslip_schema_validate(self.raw, instance.as_ptr().cast(), instance.len(), out, err)
            }
        })?;
        Validation { raw }.faults()
    }

    pub fn complexity(&self) -> Result<Complexity, Error> {
        let raw = call_for(sys::QSLIP_SCHEMA_COMPLEXITY_INIT, |out, err| {
            // SAFETY: out is valid through the call and carries its size.
            unsafe { sys::qslip_schema_get_complexity(self.raw, out, err) }
        })?;
        Ok(Complexity {
            complexity_class: raw.complexity_class,
            points: raw.points,
            depth: raw.depth,
            n_required: raw.n_required,
            n_optional: raw.n_optional,
            n_arrays: raw.n_arrays,
            n_arrays_of_objects: raw.n_arrays_of_objects,
            n_constraints: raw.n_constraints,
            n_combinators: raw.n_combinators,
            n_recursions: raw.n_recursions,
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used again.
        unsafe { sys::qslip_schema_destroy(self.raw, ptr::null_mut()) };
    }
}

struct Validation {
    raw: *mut sys::qslip_validation,
}

impl Validation {
    fn faults(&self) -> Result<Vec<Fault>, Error> {
        let info = call_for(sys::QSLIP_VALIDATION_INFO_INIT, |out, err| {
            // SAFETY: out is valid through the call and carries its size.
            unsafe { sys::qslip_validation_get_info(self.raw, out, err) }
        })?;
        (0..info.n_faults as usize).map(|i| self.fault(i)).collect()
    }

    fn fault(&self, i: usize) -> Result<Fault, Error> {
        let raw = call_for(sys::QSLIP_VALIDATION_FAULT_INIT, |out, err| {
            // SAFETY: out is valid through the call and carries its size.
            unsafe { sys::qslip_validation_get_fault(self.raw, i, out, err) }
        })?;
        let text = |first: *const c_char, n: u64| {
            // SAFETY: the validation keeps its texts of the length beside them until it is destroyed.
            let bytes = unsafe { std::slice::from_raw_parts(first.cast::<u8>(), n as usize) };
            String::from_utf8_lossy(bytes).into_owned()
        };
        Ok(Fault {
            instance_location: text(raw.instance_location, raw.instance_location_bytes),
            keyword_location: text(raw.keyword_location, raw.keyword_location_bytes),
            schema_location: text(raw.schema_location, raw.schema_location_bytes),
            keyword: text(raw.keyword, raw.keyword_bytes),
            message: text(raw.message, raw.message_bytes),
            n_causes: raw.n_causes as usize,
        })
    }
}

impl Drop for Validation {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used again.
        unsafe { sys::qslip_validation_destroy(self.raw, ptr::null_mut()) };
    }
}
