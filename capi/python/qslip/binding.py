"""qslip.h as ctypes sees it: structs, prototypes and the one way to call. Private to the package."""
import ctypes
import os
import pathlib
from ctypes import POINTER, c_char, c_char_p, c_double, c_float, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

ABI_VERSION = 1
E_BUFFER = 5


class Error(Exception):
    """A call failed. `code` is the number of qslip.h, `name` its short name, e.g. "not_found"."""

    def __init__(self, code, name, message):
        super().__init__(message)
        self.code = code
        self.name = name


class CError(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("code", c_int32), ("message", c_char * 496)]


class CModelOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("mode", c_uint32), ("isa", c_char_p), ("pre", c_char_p),
                ("max_model_bytes", c_uint64)]


class CModelInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("n_vocab", c_uint32), ("n_ctx", c_uint32), ("n_layers", c_uint32),
                ("d_model", c_uint32), ("bos_token", c_int32), ("eos_token", c_int32), ("adds_bos", c_uint32),
                ("memory_bytes", c_uint64)]


class CKlSummary(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("has_bounds", c_uint32), ("n_positions", c_uint64),
                ("n_clusters", c_uint64), ("mean_nats", c_double), ("lower_nats", c_double),
                ("upper_nats", c_double), ("q50_nats", c_double), ("q90_nats", c_double),
                ("q99_nats", c_double), ("max_nats", c_double), ("n_compared", c_uint64),
                ("n_top1_agree", c_uint64), ("n_support_mismatch", c_uint64), ("n_base_nonfinite", c_uint64),
                ("n_cand_nonfinite", c_uint64), ("n_clipped", c_uint64)]


class CSchemaOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("default_dialect", c_uint32), ("format_mode", c_uint32),
                ("max_faults", c_uint32), ("base_uri", c_char_p), ("document_uris", POINTER(c_char_p)),
                ("document_texts", POINTER(c_char_p)), ("n_documents", c_uint64), ("max_steps", c_uint64)]


class CSchemaComplexity(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("complexity_class", c_uint32), ("points", c_double), ("depth", c_uint64),
                ("n_required", c_uint64), ("n_optional", c_uint64), ("n_arrays", c_uint64),
                ("n_arrays_of_objects", c_uint64), ("n_constraints", c_uint64), ("n_combinators", c_uint64),
                ("n_recursions", c_uint64)]


class CValidationInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("valid", c_uint32), ("n_faults", c_uint32), ("has_more_faults", c_uint32)]


class CValidationFault(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("n_causes", c_uint32),
                ("instance_location", c_void_p), ("instance_location_bytes", c_uint64),
                ("keyword_location", c_void_p), ("keyword_location_bytes", c_uint64),
                ("schema_location", c_void_p), ("schema_location_bytes", c_uint64),
                ("keyword", c_void_p), ("keyword_bytes", c_uint64), ("message", c_void_p), ("message_bytes", c_uint64)]


# A handle is a number (qslip.h, rule 3); c_void_p carries it. Every function ends with `err`.
PROTOTYPES = {
    "qslip_model_open": [c_char_p, POINTER(CModelOptions), POINTER(c_void_p)],
    "qslip_model_load": [c_void_p],
    "qslip_model_get_info": [c_void_p, POINTER(CModelInfo)],
    "qslip_model_tokenize": [c_void_p, c_char_p, c_size_t, c_uint32, POINTER(c_int32), c_size_t,
                             POINTER(c_size_t)],
    "qslip_model_detokenize": [c_void_p, POINTER(c_int32), c_size_t, c_void_p, c_size_t, POINTER(c_size_t)],
    "qslip_model_score": [c_void_p, POINTER(c_int32), c_size_t, POINTER(c_float), c_size_t, POINTER(c_size_t)],
    "qslip_model_destroy": [c_void_p],
    "qslip_kl_create": [POINTER(c_void_p)],
    "qslip_kl_add": [c_void_p, c_uint64, c_void_p, c_size_t, c_void_p, c_size_t, c_size_t, c_size_t],
    "qslip_kl_merge": [c_void_p, c_void_p],
    "qslip_kl_save": [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)],
    "qslip_kl_restore": [c_char_p, c_size_t, POINTER(c_void_p)],
    "qslip_kl_get_summary": [c_void_p, POINTER(CKlSummary)],
    "qslip_kl_destroy": [c_void_p],
    "qslip_schema_compile": [c_char_p, c_size_t, POINTER(CSchemaOptions), POINTER(c_void_p)],
    "qslip_schema_check": [c_void_p, c_char_p, c_size_t, POINTER(c_uint32)],
    "qslip_schema_validate": [c_void_p, c_char_p, c_size_t, POINTER(c_void_p)],
    "qslip_schema_get_complexity": [c_void_p, POINTER(CSchemaComplexity)],
    "qslip_schema_destroy": [c_void_p],
    "qslip_validation_get_info": [c_void_p, POINTER(CValidationInfo)],
    "qslip_validation_get_fault": [c_void_p, c_size_t, POINTER(CValidationFault)],
    "qslip_validation_destroy": [c_void_p],
}


def _load():
    beside = pathlib.Path(__file__).with_name("libqslip.so.1")
    path = os.environ.get("QSLIP_LIBRARY") or (str(beside) if beside.exists() else "libqslip.so.1")
    library = ctypes.CDLL(path)
    library.qslip_abi_version.restype = c_uint32
    library.qslip_version_string.restype = c_char_p
    library.qslip_status_name.restype = c_char_p
    library.qslip_status_name.argtypes = [c_int32]
    found = library.qslip_abi_version()
    if found != ABI_VERSION:
        raise ImportError(f"{path} has qslip ABI {found}, this package needs {ABI_VERSION}")
    for name, arguments in PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = c_int32
        function.argtypes = arguments + [POINTER(CError)]
    return library


LIBRARY = _load()


def version():
    """Version of the loaded library, e.g. "0.1.0"."""
    return LIBRARY.qslip_version_string().decode()


def call(name, *arguments, allow=()):
    """Calls a function of qslip.h. Raises Error unless it succeeds or its status is in `allow`."""
    err = CError(struct_size=ctypes.sizeof(CError))
    code = getattr(LIBRARY, name)(*arguments, ctypes.byref(err))
    if code and code not in allow:
        raise Error(code, LIBRARY.qslip_status_name(code).decode(), err.message.decode("utf-8", "replace"))
    return code


class Handle:
    """Owns one C object: close() or a `with` block frees it, the garbage collector otherwise."""

    _destroy = ""  # the function that frees it

    def __init__(self):
        self._handle = c_void_p()

    def close(self):
        """Frees the C object. Closing twice does nothing; other calls on it then raise Error."""
        handle, self._handle = self._handle, c_void_p()
        call(self._destroy, handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None) and call is not None:
            self.close()
