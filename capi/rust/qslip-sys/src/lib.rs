//! Written by capi/generate.py from qslip.h: the rules stand there.
//! Handles are numbers that travel as pointers: never dereference or offset one.
#![allow(non_camel_case_types)]

use std::mem::size_of;
use std::os::raw::{c_char, c_void};
use std::ptr::null;

pub type qslip_status = i32;
pub const QSLIP_ABI_VERSION: u32 = 1;
pub const QSLIP_OK: qslip_status = 0;
pub const QSLIP_E_NULL: qslip_status = 1;
pub const QSLIP_E_HANDLE: qslip_status = 2;
pub const QSLIP_E_ARG: qslip_status = 3;
pub const QSLIP_E_STRUCT_SIZE: qslip_status = 4;
pub const QSLIP_E_BUFFER: qslip_status = 5;
pub const QSLIP_E_USAGE: qslip_status = 6;
pub const QSLIP_E_IO: qslip_status = 10;
pub const QSLIP_E_NOT_FOUND: qslip_status = 11;
pub const QSLIP_E_NOT_REGULAR: qslip_status = 12;
pub const QSLIP_E_CHANGED: qslip_status = 13;
pub const QSLIP_E_TRUNCATED: qslip_status = 20;
pub const QSLIP_E_FORMAT: qslip_status = 21;
pub const QSLIP_E_TYPE: qslip_status = 22;
pub const QSLIP_E_LIMIT: qslip_status = 23;
pub const QSLIP_E_UNSUPPORTED: qslip_status = 24;
pub const QSLIP_E_NONFINITE: qslip_status = 25;
pub const QSLIP_E_SCHEMA: qslip_status = 26;
pub const QSLIP_E_EMPTY: qslip_status = 30;
pub const QSLIP_E_SHAPE: qslip_status = 31;
pub const QSLIP_E_NOT_COMPARABLE: qslip_status = 32;
pub const QSLIP_E_CONFLICT: qslip_status = 33;
pub const QSLIP_E_BUDGET: qslip_status = 34;
pub const QSLIP_E_BUSY: qslip_status = 40;
pub const QSLIP_E_CANCELLED: qslip_status = 41;
pub const QSLIP_E_NO_MEMORY: qslip_status = 42;
pub const QSLIP_E_NO_ISA: qslip_status = 43;
pub const QSLIP_E_INTERNAL: qslip_status = 99;
pub const QSLIP_MODE_F32: u32 = 0;
pub const QSLIP_MODE_A16: u32 = 1;
pub const QSLIP_MODE_A8: u32 = 2;
pub const QSLIP_TOKENIZE_ADD_BOS: u32 = 1;
pub const QSLIP_TOKENIZE_PARSE_SPECIAL: u32 = 2;
pub const QSLIP_DIALECT_DEFAULT: u32 = 0;
pub const QSLIP_DIALECT_V1: u32 = 1;
pub const QSLIP_DIALECT_DRAFT4: u32 = 4;
pub const QSLIP_DIALECT_DRAFT6: u32 = 6;
pub const QSLIP_DIALECT_DRAFT7: u32 = 7;
pub const QSLIP_DIALECT_2019_09: u32 = 201909;
pub const QSLIP_DIALECT_2020_12: u32 = 202012;
pub const QSLIP_FORMAT_BY_DIALECT: u32 = 0;
pub const QSLIP_FORMAT_ANNOTATION: u32 = 1;
pub const QSLIP_FORMAT_ASSERTION: u32 = 2;

#[repr(C)]
pub struct qslip_model {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct qslip_kl {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct qslip_schema {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct qslip_validation {
    _opaque: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_error {
    pub struct_size: u32,
    pub code: i32,
    pub message: [c_char; 496],
}
pub const QSLIP_ERROR_INIT: qslip_error = qslip_error {
    struct_size: size_of::<qslip_error>() as u32,
    code: 0,
    message: [0; 496],
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_error>() == 504);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_model_options {
    pub struct_size: u32,
    pub mode: u32,
    pub isa: *const c_char,
    pub pre: *const c_char,
    pub max_model_bytes: u64,
}
pub const QSLIP_MODEL_OPTIONS_INIT: qslip_model_options = qslip_model_options {
    struct_size: size_of::<qslip_model_options>() as u32,
    mode: 0,
    isa: null(),
    pre: null(),
    max_model_bytes: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_model_options>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_model_info {
    pub struct_size: u32,
    pub n_vocab: u32,
    pub n_ctx: u32,
    pub n_layers: u32,
    pub d_model: u32,
    pub bos_token: i32,
    pub eos_token: i32,
    pub adds_bos: u32,
    pub memory_bytes: u64,
}
pub const QSLIP_MODEL_INFO_INIT: qslip_model_info = qslip_model_info {
    struct_size: size_of::<qslip_model_info>() as u32,
    n_vocab: 0,
    n_ctx: 0,
    n_layers: 0,
    d_model: 0,
    bos_token: 0,
    eos_token: 0,
    adds_bos: 0,
    memory_bytes: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_model_info>() == 40);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_kl_summary {
    pub struct_size: u32,
    pub has_bounds: u32,
    pub n_positions: u64,
    pub n_clusters: u64,
    pub mean_nats: f64,
    pub lower_nats: f64,
    pub upper_nats: f64,
    pub q50_nats: f64,
    pub q90_nats: f64,
    pub q99_nats: f64,
    pub max_nats: f64,
    pub n_compared: u64,
    pub n_top1_agree: u64,
    pub n_support_mismatch: u64,
    pub n_base_nonfinite: u64,
    pub n_cand_nonfinite: u64,
    pub n_clipped: u64,
}
pub const QSLIP_KL_SUMMARY_INIT: qslip_kl_summary = qslip_kl_summary {
    struct_size: size_of::<qslip_kl_summary>() as u32,
    has_bounds: 0,
    n_positions: 0,
    n_clusters: 0,
    mean_nats: 0.0,
    lower_nats: 0.0,
    upper_nats: 0.0,
    q50_nats: 0.0,
    q90_nats: 0.0,
    q99_nats: 0.0,
    max_nats: 0.0,
    n_compared: 0,
    n_top1_agree: 0,
    n_support_mismatch: 0,
    n_base_nonfinite: 0,
    n_cand_nonfinite: 0,
    n_clipped: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_kl_summary>() == 128);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_schema_options {
    pub struct_size: u32,
    pub default_dialect: u32,
    pub format_mode: u32,
    pub max_faults: u32,
    pub base_uri: *const c_char,
    pub document_uris: *const *const c_char,
    pub document_texts: *const *const c_char,
    pub n_documents: u64,
    pub max_steps: u64,
}
pub const QSLIP_SCHEMA_OPTIONS_INIT: qslip_schema_options = qslip_schema_options {
    struct_size: size_of::<qslip_schema_options>() as u32,
    default_dialect: 0,
    format_mode: 0,
    max_faults: 0,
    base_uri: null(),
    document_uris: null(),
    document_texts: null(),
    n_documents: 0,
    max_steps: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_schema_options>() == 56);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_validation_info {
    pub struct_size: u32,
    pub valid: u32,
    pub n_faults: u32,
    pub has_more_faults: u32,
}
pub const QSLIP_VALIDATION_INFO_INIT: qslip_validation_info = qslip_validation_info {
    struct_size: size_of::<qslip_validation_info>() as u32,
    valid: 0,
    n_faults: 0,
    has_more_faults: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_validation_info>() == 16);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_validation_fault {
    pub struct_size: u32,
    pub n_causes: u32,
    pub instance_location: *const c_char,
    pub instance_location_bytes: u64,
    pub keyword_location: *const c_char,
    pub keyword_location_bytes: u64,
    pub schema_location: *const c_char,
    pub schema_location_bytes: u64,
    pub keyword: *const c_char,
    pub keyword_bytes: u64,
    pub message: *const c_char,
    pub message_bytes: u64,
}
pub const QSLIP_VALIDATION_FAULT_INIT: qslip_validation_fault = qslip_validation_fault {
    struct_size: size_of::<qslip_validation_fault>() as u32,
    n_causes: 0,
    instance_location: null(),
    instance_location_bytes: 0,
    keyword_location: null(),
    keyword_location_bytes: 0,
    schema_location: null(),
    schema_location_bytes: 0,
    keyword: null(),
    keyword_bytes: 0,
    message: null(),
    message_bytes: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_validation_fault>() == 88);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_schema_complexity {
    pub struct_size: u32,
    pub complexity_class: u32,
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
pub const QSLIP_SCHEMA_COMPLEXITY_INIT: qslip_schema_complexity = qslip_schema_complexity {
    struct_size: size_of::<qslip_schema_complexity>() as u32,
    complexity_class: 0,
    points: 0.0,
    depth: 0,
    n_required: 0,
    n_optional: 0,
    n_arrays: 0,
    n_arrays_of_objects: 0,
    n_constraints: 0,
    n_combinators: 0,
    n_recursions: 0,
};
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<qslip_schema_complexity>() == 80);

extern "C" {
    pub fn qslip_abi_version() -> u32;
    pub fn qslip_version_string() -> *const c_char;
    pub fn qslip_status_name(code: qslip_status) -> *const c_char;
    pub fn qslip_model_open(
        path: *const c_char,
        options: *const qslip_model_options,
        model: *mut *mut qslip_model,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_model_load(model: *mut qslip_model, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_model_get_info(
        model: *const qslip_model,
        info: *mut qslip_model_info,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_model_tokenize(
        model: *const qslip_model,
        text: *const c_char,
        text_bytes: usize,
        flags: u32,
        tokens: *mut i32,
        cap: usize,
        written: *mut usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_model_detokenize(
        model: *const qslip_model,
        tokens: *const i32,
        n_tokens: usize,
        text: *mut c_char,
        cap: usize,
        written: *mut usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_model_score(
        model: *mut qslip_model,
        tokens: *const i32,
        n_tokens: usize,
        logits: *mut f32,
        cap: usize,
        written: *mut usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_model_destroy(model: *mut qslip_model, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_kl_create(kl: *mut *mut qslip_kl, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_kl_add(
        kl: *mut qslip_kl,
        cluster: u64,
        base: *const f32,
        base_stride: usize,
        cand: *const f32,
        cand_stride: usize,
        n_rows: usize,
        n_vocab: usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_kl_merge(kl: *mut qslip_kl, other: *const qslip_kl, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_kl_save(
        kl: *const qslip_kl,
        state: *mut c_void,
        cap: usize,
        written: *mut usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_kl_restore(
        state: *const c_void,
        state_bytes: usize,
        kl: *mut *mut qslip_kl,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_kl_get_summary(
        kl: *const qslip_kl,
        summary: *mut qslip_kl_summary,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_kl_destroy(kl: *mut qslip_kl, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_schema_compile(
        text: *const c_char,
        text_bytes: usize,
        options: *const qslip_schema_options,
        schema: *mut *mut qslip_schema,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_schema_check(
        schema: *const qslip_schema,
        instance: *const c_char,
        instance_bytes: usize,
        valid: *mut u32,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_schema_validate(
        schema: *const qslip_schema,
        instance: *const c_char,
        instance_bytes: usize,
        validation: *mut *mut qslip_validation,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_schema_get_complexity(
        schema: *const qslip_schema,
        complexity: *mut qslip_schema_complexity,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_schema_destroy(schema: *mut qslip_schema, err: *mut qslip_error) -> qslip_status;
    pub fn qslip_validation_get_info(
        validation: *const qslip_validation,
        info: *mut qslip_validation_info,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_validation_get_fault(
        validation: *const qslip_validation,
        i: usize,
        fault: *mut qslip_validation_fault,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_validation_destroy(validation: *mut qslip_validation, err: *mut qslip_error) -> qslip_status;
}
