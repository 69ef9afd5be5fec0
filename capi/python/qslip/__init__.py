"""What quantization changed in a model: Python over the qslip C library.

    import qslip
    base, cand = qslip.Model("base.gguf"), qslip.Model("int4.gguf")
    kl = qslip.Kl()
    for i, text in enumerate(prompts):
        ids = base.tokenize(text)
        kl.add(i, base.score(ids), cand.score(ids))
    print(kl.summary().mean_nats)

Only the standard library is needed. Logits are float32 buffers with two dimensions: numpy.asarray
reads them without a copy, and NumPy arrays (any row stride) go into Kl.add as they are.
Failures raise qslip.Error. Objects may be used from several threads; calls release the GIL.
The library is $QSLIP_LIBRARY, else one beside this file, else the system's libqslip.so.0.1.
"""
from .accumulator import Kl, KlSummary
from .binding import Error, version
from .model import Model, ModelInfo
from .schema import Complexity, Fault, Schema

__all__ = ["Complexity", "Error", "Fault", "Kl", "KlSummary", "Model", "ModelInfo", "Schema", "version"]
__version__ = "0.1.0"
