"""Reads qslip.h: constants, handles, structs and functions.

The header keeps to one style, and anything else is an error: opaque typedefs, structs, anonymous enums with
their values, functions behind QSLIP_API.
"""
import re
import sys
from typing import NamedTuple

SIZE_BYTES = {"uint32_t": 4, "int32_t": 4, "uint64_t": 8, "size_t": 8, "float": 4, "double": 8, "char": 1}


class Variable(NamedTuple):
    """A field, a parameter, or a function with what it returns."""

    type: str  # e.g. "const char* const*"
    name: str
    count: int  # elements of an array, else 0

    @classmethod
    def of(cls, text):
        match = re.fullmatch(r"(.*[ *])(\w+)(?:\[(\d+)\])?", text.strip())
        return cls(match[1].strip(), match[2], int(match[3] or 0))

    @property
    def base(self):
        return re.sub(r"\bconst\b|[ *]", "", self.type)

    @property
    def is_pointer(self):
        return "*" in self.type

    @property
    def element_bytes(self):
        return 8 if self.is_pointer else SIZE_BYTES[self.type]


class Header:
    DECLARATION = re.compile(r"""
        typedef\ struct\ (?P<handle>\w+)\ (?P=handle);
        | typedef\ struct\ (?P<struct>\w+)\ \{(?P<fields>[^}]*)\}\ (?P=struct);
        | enum\ \{(?P<constants>[^}]*)\};
        | QSLIP_API\ (?P<function>[^(]+)\((?P<parameters>[^)]*)\);
        | typedef\ int32_t\ qslip_status;""", re.VERBOSE)

    def __init__(self, text):
        self.constants, self.handles, self.structs, self.functions = [], [], {}, []
        self.abi_version = re.search(r"^#define QSLIP_ABI_VERSION (\d+)$", text, re.M)[1]
        declarations = text.partition('extern "C" {')[2]
        declarations = re.sub(r"/\*.*?\*/|^#.*?(?<!\\)$", "", declarations, flags=re.S | re.M)
        rest = self.DECLARATION.sub(self._add, " ".join(declarations.split()))
        if rest.strip() != "}":
            sys.exit(f"qslip.h: not in the style of the header: {rest.strip()[:200]}")
        for function, parameters in self.functions:
            self._check_rules(function, parameters)

    def _add(self, match):
        if match["handle"]:
            self.handles.append(match["handle"])
        elif match["struct"]:
            self.structs[match["struct"]] = [Variable.of(field) for field in match["fields"].split(";")[:-1]]
        elif match["constants"]:
            self.constants += [entry.split(" = ") for entry in match["constants"].strip().split(", ")]
        elif match["function"]:
            parameters = [Variable.of(text) for text in match["parameters"].split(",") if text != "void"]
            self.functions.append((Variable.of(match["function"]), parameters))
        return ""

    def _check_rules(self, function, parameters):
        if function.type == "qslip_status" and parameters[-1].type != "qslip_error*":
            sys.exit(f"qslip.h: {function.name} must end in qslip_error* err")
        for filled in parameters[:-1]:
            if filled.base in self.structs and not filled.type.startswith("const "):
                noun, _, thing = filled.base.rpartition("_")
                if function.name != f"{noun}_get_{thing}":
                    sys.exit(f"qslip.h: {function.name} fills a {filled.base}: its name must be {noun}_get_{thing}")


def layout(fields):
    """[(field, offset, bytes), ...] on a 64-bit machine, and the size of the struct."""
    placed, end = [], 0
    for field in fields:
        offset = end + -end % field.element_bytes
        placed.append((field, offset, field.element_bytes * (field.count or 1)))
        end = offset + placed[-1][2]
    return placed, end + -end % max(field.element_bytes for field in fields)
