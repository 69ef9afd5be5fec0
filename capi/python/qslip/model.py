"""A GGUF model: tokenizer and teacher-forced scoring."""
import array
import os
from collections import namedtuple
from ctypes import byref, c_char, c_float, c_int32, c_size_t, c_void_p

from . import abi
from .binding import Handle, call, call_for, named, new

ModelInfo = namedtuple(
    "ModelInfo", "n_vocab n_ctx n_layers d_model bos_token eos_token adds_bos memory_bytes")
ModelInfo.__doc__ = "Shape of a model; bos_token and eos_token are None where the file names none."

_MODES = {"f32": abi.QSLIP_MODE_F32, "a16": abi.QSLIP_MODE_A16, "a8": abi.QSLIP_MODE_A8}


def _id_array(tokens):
    tokens = list(tokens)
    if any(not -2**31 <= token < 2**31 for token in tokens):
        raise OverflowError("a token id does not fit 32 bits")  # ctypes would wrap it silently
    return (c_int32 * len(tokens))(*tokens), len(tokens)


class Model(Handle):
    """Opens a GGUF file; weights are read on first scoring, or by load().

    isa: instruction set, e.g. "avx2"; pre: pre-tokenizer instead of the file's;
    max_model_bytes: memory the loaded weights may take (0: the library's default);
    mode: numerics, one of "f32", "a16", "a8".
    """

    _destroy = "qslip_model_destroy"

    def __init__(self, path, isa=None, pre=None, max_model_bytes=0, mode="f32"):
        super().__init__()
        options = new(abi.qslip_model_options, mode=named(_MODES, mode, "mode"), isa=isa and isa.encode(),
                      pre=pre and pre.encode(), max_model_bytes=max_model_bytes)
        call("qslip_model_open", os.fsencode(path), byref(options), byref(self._handle))

    def load(self):
        """Reads and checks the weights now instead of on first use."""
        call("qslip_model_load", self._handle)

    def info(self):
        """The model's ModelInfo."""
        raw = call_for(new(abi.qslip_model_info), "qslip_model_get_info", self._handle)
        optional = [None if token < 0 else token for token in (raw.bos_token, raw.eos_token)]
        return ModelInfo(raw.n_vocab, raw.n_ctx, raw.n_layers, raw.d_model, *optional, bool(raw.adds_bos),
                         raw.memory_bytes)

    def tokenize(self, text, add_bos=False, parse_special=False):
        """Token ids of a str (or UTF-8 bytes). add_bos: put BOS first if the file asks for it."""
        raw = text.encode() if isinstance(text, str) else bytes(text)
        flags = abi.QSLIP_TOKENIZE_ADD_BOS * add_bos | abi.QSLIP_TOKENIZE_PARSE_SPECIAL * parse_special
        cap, written = len(raw) + 1, c_size_t()
        while True:
            ids = (c_int32 * cap)()
            if not call("qslip_model_tokenize", self._handle, raw, len(raw), flags, ids, cap, byref(written),
                        allow=(abi.QSLIP_E_BUFFER,)):
                return ids[:written.value]
            cap = written.value

    def detokenize(self, tokens):
        """The bytes the ids stand for; decode() them where the text is whole."""
        ids, n = _id_array(tokens)
        written = c_size_t()
        if not call("qslip_model_detokenize", self._handle, ids, n, c_void_p(), 0, byref(written),
                    allow=(abi.QSLIP_E_BUFFER,)):
            return b""
        text = (c_char * written.value)()
        call("qslip_model_detokenize", self._handle, ids, n, text, len(text), byref(written))
        return text.raw

    def score(self, tokens):
        """Logits, a memoryview of float32 [len(tokens), n_vocab]: row i predicts what follows tokens[i]."""
        ids, n = _id_array(tokens)
        n_vocab = self.info().n_vocab
        logits = array.array("f", bytes(4 * n * n_vocab))
        view = (c_float * len(logits)).from_buffer(logits)
        call_for(c_size_t(), "qslip_model_score", self._handle, ids, n, view, len(logits))
        return memoryview(logits).cast("B").cast("f", (n, n_vocab))
