"""The library, the one way to call it, and what its objects have in common. Private to the package."""
import ctypes
import os
import pathlib
from ctypes import byref, c_void_p, sizeof

from . import abi

LIBRARY_NAME = "libqslip.so.0.1"


class Error(Exception):
    """A call failed. `code` is the number of qslip.h, `name` its short name, e.g. "not_found"."""

    def __init__(self, code, name, message):
        super().__init__(message)
        self.code = code
        self.name = name


def _load():
    beside = pathlib.Path(__file__).with_name(LIBRARY_NAME)
    path = os.environ.get("QSLIP_LIBRARY") or (str(beside) if beside.exists() else LIBRARY_NAME)
    library = ctypes.CDLL(path)
    found = library.qslip_abi_version()
    if found != abi.QSLIP_ABI_VERSION:
        raise ImportError(f"{path} has qslip ABI {found}, this package needs {abi.QSLIP_ABI_VERSION}")
    for name, (returned, taken) in abi.PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = returned, taken
    return library


LIBRARY = _load()


def version():
    """Version of the loaded library, e.g. "0.1.0"."""
    return LIBRARY.qslip_version_string().decode()


def new(struct, **fields):
    """A struct of qslip.h as its _INIT macro makes it, with these fields set."""
    return struct(struct_size=sizeof(struct), **fields)


def call(name, *arguments, allow=()):
    """Calls a function of qslip.h. Raises Error unless it succeeds or its status is in `allow`."""
    err = new(abi.qslip_error)
    code = getattr(LIBRARY, name)(*arguments, byref(err))
    if code and code not in allow:
        raise Error(code, LIBRARY.qslip_status_name(code).decode(), err.message.decode("utf-8", "replace"))
    return code


def call_for(out, name, *arguments):
    """As call, for a function that writes one value: gives `out`, filled."""
    call(name, *arguments, byref(out))
    return out


def named(table, name, what):
    """table[name], or an error that says which names there are."""
    if name not in table:
        raise ValueError(f"{what} must be one of {', '.join(table)}, is {name!r}")
    return table[name]


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
