"""JSON Schema: compile once, validate many."""
import json
from collections import namedtuple
from ctypes import byref, c_char_p, c_uint32, string_at

from . import abi
from .binding import Handle, call, call_for, named, new

_DIALECTS = {"2020-12": abi.QSLIP_DIALECT_2020_12, "2019-09": abi.QSLIP_DIALECT_2019_09,
             "7": abi.QSLIP_DIALECT_DRAFT7, "6": abi.QSLIP_DIALECT_DRAFT6, "4": abi.QSLIP_DIALECT_DRAFT4,
             "v1": abi.QSLIP_DIALECT_V1}
_FORMATS = {"by-dialect": abi.QSLIP_FORMAT_BY_DIALECT, "annotation": abi.QSLIP_FORMAT_ANNOTATION,
            "assertion": abi.QSLIP_FORMAT_ASSERTION}

Fault = namedtuple("Fault", "instance_location keyword_location schema_location keyword message n_causes")
Fault.__doc__ = """One fault of an instance; locations are JSON pointers, schema_location is an absolute URI.
n_causes: how many of the faults just before this one explain it."""

Complexity = namedtuple("Complexity", [name for name, _ in abi.qslip_schema_complexity._fields_
                                       if name != "struct_size"])
Complexity.__doc__ = "The fields of qslip_schema_complexity: how much structure a schema asks for."


def _json_bytes(value):
    """JSON text as str or bytes goes in as it is; anything else is written as JSON."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return (value if isinstance(value, str) else json.dumps(value)).encode()


class _Validation(Handle):
    _destroy = "qslip_validation_destroy"

    def faults(self):
        info = call_for(new(abi.qslip_validation_info), "qslip_validation_get_info", self._handle)
        return [self._fault(i) for i in range(info.n_faults)]

    def _fault(self, i):
        raw = call_for(new(abi.qslip_validation_fault), "qslip_validation_get_fault", self._handle, i)
        texts = (string_at(getattr(raw, name), getattr(raw, name + "_bytes")).decode() for name in Fault._fields[:5])
        return Fault(*texts, raw.n_causes)


class Schema(Handle):
    """A compiled JSON Schema: text (str, bytes) or a value that json.dumps can write.

    dialect: what a schema without $schema is read as ("2020-12", "2019-09", "7", "6", "4", "v1");
    formats: "by-dialect", "annotation" or "assertion"; documents: URI -> schema that $ref may name (nothing
    else is ever loaded); max_faults, max_steps: 0 is the library's default.
    """

    _destroy = "qslip_schema_destroy"

    def __init__(self, schema, dialect="2020-12", formats="by-dialect", documents=None, base_uri=None, max_faults=0,
                 max_steps=0):
        super().__init__()
        documents = documents or {}
        uris = (c_char_p * len(documents))(*(uri.encode() for uri in documents))
        texts = (c_char_p * len(documents))(*map(_json_bytes, documents.values()))
        options = new(abi.qslip_schema_options, default_dialect=named(_DIALECTS, dialect, "dialect"),
                      format_mode=named(_FORMATS, formats, "formats"), max_faults=max_faults,
                      base_uri=base_uri and base_uri.encode(), document_uris=uris, document_texts=texts,
                      n_documents=len(documents), max_steps=max_steps)
        text = _json_bytes(schema)
        call("qslip_schema_compile", text, len(text), byref(options), byref(self._handle))

    def is_valid(self, instance):
        """True or False. A str or bytes is JSON text; raises Error when it is none, or a budget runs out."""
        text = _json_bytes(instance)
        return bool(call_for(c_uint32(), "qslip_schema_check", self._handle, text, len(text)).value)

    def faults(self, instance):
        """The list of Faults; empty when valid. Raises as is_valid."""
        text = _json_bytes(instance)
        with _Validation() as validation:
            call("qslip_schema_validate", self._handle, text, len(text), byref(validation._handle))
            return validation.faults()

    def complexity(self):
        """The schema's Complexity; complexity_class 0 to 3 is S0 to S3."""
        raw = call_for(new(abi.qslip_schema_complexity), "qslip_schema_get_complexity", self._handle)
        return Complexity(*(getattr(raw, name) for name in Complexity._fields))
