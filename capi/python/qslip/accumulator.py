"""Accumulators over logits of any engine."""
import ctypes
from collections import namedtuple
from ctypes import POINTER, byref, c_char, c_float, c_int, c_size_t, c_ssize_t, c_void_p, py_object

from . import abi
from .binding import Handle, call, call_for, new

KlSummary = namedtuple("KlSummary", [name for name, _ in abi.qslip_kl_summary._fields_
                                     if name not in ("struct_size", "has_bounds")])
KlSummary.__doc__ = "The fields of qslip_kl_summary; lower_nats and upper_nats are None below two clusters."


class _PyBuffer(ctypes.Structure):
    """CPython's Py_buffer: the one way to read-only and strided memory without a copy."""

    _fields_ = [("buf", c_void_p), ("obj", c_void_p), ("len", c_ssize_t), ("itemsize", c_ssize_t),
                ("readonly", c_int), ("ndim", c_int), ("format", ctypes.c_char_p),
                ("shape", ctypes.POINTER(c_ssize_t)), ("strides", ctypes.POINTER(c_ssize_t)),
                ("suboffsets", ctypes.POINTER(c_ssize_t)), ("internal", c_void_p)]


_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes = [py_object, ctypes.POINTER(_PyBuffer), c_int]
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.argtypes = [ctypes.POINTER(_PyBuffer)]
_release_buffer.restype = None
_STRIDES_AND_FORMAT = 0x0018 | 0x0004


class _Rows:
    """Float32 rows of a buffer [n_vocab] or [n_rows, n_vocab], held while in the `with` block."""

    def __init__(self, owner, name):
        self._raw = _PyBuffer()
        self._owner, self._name = owner, name

    def __enter__(self):
        _get_buffer(self._owner, byref(self._raw), _STRIDES_AND_FORMAT)
        try:
            self._read()
        except BaseException:
            _release_buffer(byref(self._raw))
            raise
        return self

    def __exit__(self, *_):
        _release_buffer(byref(self._raw))

    def _read(self):
        raw = self._raw
        if raw.format not in (b"f", b"<f", b"=f", b"@f") or raw.ndim not in (1, 2):
            raise TypeError(f"{self._name} must be float32 with one or two dimensions")
        self.first = ctypes.cast(raw.buf, POINTER(c_float))
        self.n_rows, self.n_vocab = (1, raw.shape[0]) if raw.ndim == 1 else (raw.shape[0], raw.shape[1])
        row_bytes = 4 * self.n_vocab if self.n_rows <= 1 else raw.strides[0]
        if raw.strides[raw.ndim - 1] != 4 or row_bytes % 4 or row_bytes < 4 * self.n_vocab:
            raise ValueError(f"{self._name} must have adjacent entries and rows in ascending order")
        self.stride = row_bytes // 4


class Kl(Handle):
    """KL(base || candidate) over positions, in nats, with cluster-robust bounds.

    Add rows of any engine; merge accumulators of several threads or machines in any order.
    """

    _destroy = "qslip_kl_destroy"

    def __init__(self):
        super().__init__()
        call("qslip_kl_create", byref(self._handle))

    def add(self, cluster, base, cand):
        """Adds rows [n_vocab] or [n_rows, n_vocab] that belong to the prompt numbered `cluster`."""
        if not 0 <= cluster < 2**64:
            raise OverflowError("cluster must fit 64 unsigned bits")
        with _Rows(base, "base") as p, _Rows(cand, "cand") as q:
            if (p.n_rows, p.n_vocab) != (q.n_rows, q.n_vocab):
                raise ValueError(f"base is {p.n_rows} x {p.n_vocab}, cand {q.n_rows} x {q.n_vocab}")
            call("qslip_kl_add", self._handle, cluster, p.first, p.stride, q.first, q.stride, p.n_rows,
                 p.n_vocab)

    def merge(self, other):
        """Adds all of `other`, which stays as it is."""
        call("qslip_kl_merge", self._handle, other._handle)

    def summary(self):
        """The KlSummary. Raises Error "empty" before the first position."""
        raw = call_for(new(abi.qslip_kl_summary), "qslip_kl_get_summary", self._handle)
        values = {name: getattr(raw, name) for name in KlSummary._fields}
        if not raw.has_bounds:
            values.update(lower_nats=None, upper_nats=None)
        return KlSummary(**values)

    def save(self):
        """The state as bytes; equal states give equal bytes."""
        written = c_size_t()
        call("qslip_kl_save", self._handle, c_void_p(), 0, byref(written), allow=(abi.QSLIP_E_BUFFER,))
        stored = (c_char * written.value)()
        call("qslip_kl_save", self._handle, stored, len(stored), byref(written))
        return stored.raw[:written.value]

    @classmethod
    def restore(cls, stored):
        """The accumulator save() stored. Raises Error "format" for damaged bytes."""
        kl = cls.__new__(cls)
        Handle.__init__(kl)
        call("qslip_kl_restore", bytes(stored), len(stored), byref(kl._handle))
        return kl
