"""Written by capi/generate.py from qslip.h: the rules stand there. Private to the package."""
from ctypes import (POINTER, Structure, c_char, c_char_p, c_double, c_float, c_int32, c_size_t,
                    c_uint32, c_uint64, c_void_p)

QSLIP_ABI_VERSION = 1
QSLIP_OK = 0
QSLIP_E_NULL = 1
QSLIP_E_HANDLE = 2
QSLIP_E_ARG = 3
QSLIP_E_STRUCT_SIZE = 4
QSLIP_E_BUFFER = 5
QSLIP_E_USAGE = 6
QSLIP_E_IO = 10
QSLIP_E_NOT_FOUND = 11
QSLIP_E_NOT_REGULAR = 12
QSLIP_E_CHANGED = 13
QSLIP_E_TRUNCATED = 20
QSLIP_E_FORMAT = 21
QSLIP_E_TYPE = 22
QSLIP_E_LIMIT = 23
QSLIP_E_UNSUPPORTED = 24
QSLIP_E_NONFINITE = 25
QSLIP_E_SCHEMA = 26
QSLIP_E_EMPTY = 30
QSLIP_E_SHAPE = 31
QSLIP_E_NOT_COMPARABLE = 32
QSLIP_E_CONFLICT = 33
QSLIP_E_BUDGET = 34
QSLIP_E_BUSY = 40
QSLIP_E_CANCELLED = 41
QSLIP_E_NO_MEMORY = 42
QSLIP_E_NO_ISA = 43
QSLIP_E_INTERNAL = 99
QSLIP_MODE_F32 = 0
QSLIP_MODE_A16 = 1
QSLIP_MODE_A8 = 2
QSLIP_TOKENIZE_ADD_BOS = 1
QSLIP_TOKENIZE_PARSE_SPECIAL = 2
QSLIP_DIALECT_DEFAULT = 0
QSLIP_DIALECT_V1 = 1
QSLIP_DIALECT_DRAFT4 = 4
QSLIP_DIALECT_DRAFT6 = 6
QSLIP_DIALECT_DRAFT7 = 7
QSLIP_DIALECT_2019_09 = 201909
QSLIP_DIALECT_2020_12 = 202012
QSLIP_FORMAT_BY_DIALECT = 0
QSLIP_FORMAT_ANNOTATION = 1
QSLIP_FORMAT_ASSERTION = 2


class qslip_error(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("code", c_int32),
        ("message", c_char * 496),
    ]


class qslip_model_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("mode", c_uint32),
        ("isa", c_char_p),
        ("pre", c_char_p),
        ("max_model_bytes", c_uint64),
    ]


class qslip_model_info(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("n_vocab", c_uint32),
        ("n_ctx", c_uint32),
        ("n_layers", c_uint32),
        ("d_model", c_uint32),
        ("bos_token", c_int32),
        ("eos_token", c_int32),
        ("adds_bos", c_uint32),
        ("memory_bytes", c_uint64),
    ]


class qslip_kl_summary(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("has_bounds", c_uint32),
        ("n_positions", c_uint64),
        ("n_clusters", c_uint64),
        ("mean_nats", c_double),
        ("lower_nats", c_double),
        ("upper_nats", c_double),
        ("q50_nats", c_double),
        ("q90_nats", c_double),
        ("q99_nats", c_double),
        ("max_nats", c_double),
        ("n_compared", c_uint64),
        ("n_top1_agree", c_uint64),
        ("n_support_mismatch", c_uint64),
        ("n_base_nonfinite", c_uint64),
        ("n_cand_nonfinite", c_uint64),
        ("n_clipped", c_uint64),
    ]


class qslip_schema_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("default_dialect", c_uint32),
        ("format_mode", c_uint32),
        ("max_faults", c_uint32),
        ("base_uri", c_char_p),
        ("document_uris", POINTER(c_char_p)),
        ("document_texts", POINTER(c_char_p)),
        ("n_documents", c_uint64),
        ("max_steps", c_uint64),
    ]


class qslip_validation_info(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("valid", c_uint32),
        ("n_faults", c_uint32),
        ("has_more_faults", c_uint32),
    ]


class qslip_validation_fault(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("n_causes", c_uint32),
        ("instance_location", c_void_p),
        ("instance_location_bytes", c_uint64),
        ("keyword_location", c_void_p),
        ("keyword_location_bytes", c_uint64),
        ("schema_location", c_void_p),
        ("schema_location_bytes", c_uint64),
        ("keyword", c_void_p),
        ("keyword_bytes", c_uint64),
        ("message", c_void_p),
        ("message_bytes", c_uint64),
    ]


class qslip_schema_complexity(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("complexity_class", c_uint32),
        ("points", c_double),
        ("depth", c_uint64),
        ("n_required", c_uint64),
        ("n_optional", c_uint64),
        ("n_arrays", c_uint64),
        ("n_arrays_of_objects", c_uint64),
        ("n_constraints", c_uint64),
        ("n_combinators", c_uint64),
        ("n_recursions", c_uint64),
    ]


# Name: (what it returns, what it takes). A handle is a number, which c_void_p carries.
PROTOTYPES = {
    "qslip_abi_version": (c_uint32, []),
    "qslip_version_string": (c_char_p, []),
    "qslip_status_name": (c_char_p, [c_int32]),
    "qslip_model_open": (c_int32, [c_char_p, POINTER(qslip_model_options), POINTER(c_void_p),
        POINTER(qslip_error)]),
    "qslip_model_load": (c_int32, [c_void_p, POINTER(qslip_error)]),
    "qslip_model_get_info": (c_int32, [c_void_p, POINTER(qslip_model_info), POINTER(qslip_error)]),
    "qslip_model_tokenize": (c_int32, [c_void_p, c_char_p, c_size_t, c_uint32, POINTER(c_int32), c_size_t,
        POINTER(c_size_t), POINTER(qslip_error)]),
    "qslip_model_detokenize": (c_int32, [c_void_p, POINTER(c_int32), c_size_t, c_void_p, c_size_t,
        POINTER(c_size_t), POINTER(qslip_error)]),
    "qslip_model_score": (c_int32, [c_void_p, POINTER(c_int32), c_size_t, POINTER(c_float), c_size_t,
        POINTER(c_size_t), POINTER(qslip_error)]),
    "qslip_model_destroy": (c_int32, [c_void_p, POINTER(qslip_error)]),
    "qslip_kl_create": (c_int32, [POINTER(c_void_p), POINTER(qslip_error)]),
    "qslip_kl_add": (c_int32, [c_void_p, c_uint64, POINTER(c_float), c_size_t, POINTER(c_float), c_size_t,
        c_size_t, c_size_t, POINTER(qslip_error)]),
    "qslip_kl_merge": (c_int32, [c_void_p, c_void_p, POINTER(qslip_error)]),
    "qslip_kl_save": (c_int32, [c_void_p, c_void_p, c_size_t, POINTER(c_size_t), POINTER(qslip_error)]),
    "qslip_kl_restore": (c_int32, [c_void_p, c_size_t, POINTER(c_void_p), POINTER(qslip_error)]),
    "qslip_kl_get_summary": (c_int32, [c_void_p, POINTER(qslip_kl_summary), POINTER(qslip_error)]),
    "qslip_kl_destroy": (c_int32, [c_void_p, POINTER(qslip_error)]),
    "qslip_schema_compile": (c_int32, [c_char_p, c_size_t, POINTER(qslip_schema_options), POINTER(c_void_p),
        POINTER(qslip_error)]),
    "qslip_schema_check": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(c_uint32), POINTER(qslip_error)]),
    "qslip_schema_validate": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p),
        POINTER(qslip_error)]),
    "qslip_schema_get_complexity": (c_int32, [c_void_p, POINTER(qslip_schema_complexity),
        POINTER(qslip_error)]),
    "qslip_schema_destroy": (c_int32, [c_void_p, POINTER(qslip_error)]),
    "qslip_validation_get_info": (c_int32, [c_void_p, POINTER(qslip_validation_info), POINTER(qslip_error)]),
    "qslip_validation_get_fault": (c_int32, [c_void_p, c_size_t, POINTER(qslip_validation_fault),
        POINTER(qslip_error)]),
    "qslip_validation_destroy": (c_int32, [c_void_p, POINTER(qslip_error)]),
}
