//! Declarations of `qslip.h`, nothing more: the rules stand in that header.
//! Handles are numbers that travel as pointers: never dereference or offset one.
#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_void};

pub const QSLIP_ABI_VERSION: u32 = 1;

pub type qslip_status = i32;
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

pub const QSLIP_TOKENIZE_ADD_BOS: u32 = 1;
pub const QSLIP_TOKENIZE_PARSE_SPECIAL: u32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_error {
    pub struct_size: u32,
    pub code: i32,
    pub message: [c_char; 496],
}

#[repr(C)]
pub struct qslip_model {
    _opaque: [u8; 0],
}

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
pub struct qslip_schema {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct qslip_validation {
    _opaque: [u8; 0],
}

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

#[repr(C)]
#[derive(Clone, Copy, Default)]
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

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct qslip_validation_info {
    pub struct_size: u32,
    pub valid: u32,
    pub n_faults: u32,
    pub has_more_faults: u32,
}

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

#[repr(C)]
pub struct qslip_kl {
    _opaque: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qslip_model_options {
    pub struct_size: u32,
    pub mode: u32,
    pub isa: *const c_char,
    pub pre: *const c_char,
    pub max_model_bytes: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
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

#[repr(C)]
#[derive(Clone, Copy, Default)]
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
        bytes: *mut c_void,
        cap: usize,
        written: *mut usize,
        err: *mut qslip_error,
    ) -> qslip_status;
    pub fn qslip_kl_restore(
        bytes: *const c_void,
        n_bytes: usize,
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
