#!/usr/bin/env python3
"""Tensor bytes of `qslip quantize` against llama-quantize --pure --allow-requantize.

usage: quantize_rival.py QSLIP MODEL.gguf     (llama-quantize is taken from $QSLIP_RIVAL_BIN)

Exit 0: every tensor of every type has the same type, shape and bytes.
"""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
blocks = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 30: (1, 2)}


def tensors(path):
    """{name: (type, dims, bytes)} of a GGUF file, by a reader of its own."""
    data = pathlib.Path(path).read_bytes()
    at = 4

    def take(form):
        nonlocal at
        value = struct.unpack_from("<" + form, data, at)[0]
        at += struct.calcsize("<" + form)
        return value

    def text():
        nonlocal at
        n = take("Q")
        at += n
        return data[at - n:at].decode()

    def skip(kind):
        nonlocal at
        if kind == 8:
            text()
        elif kind == 9:
            element, count = take("I"), take("Q")
            if element == 8:
                for _ in range(count):
                    text()
            else:
                at += count * sizes[element]
        else:
            at += sizes[kind]

    take("I")
    n_tensors, n_keys = take("Q"), take("Q")
    for _ in range(n_keys):
        text()
        skip(take("I"))
    table = []
    for _ in range(n_tensors):
        name = text()
        dims = [take("Q") for _ in range(take("I"))]
        table.append((name, dims, take("I"), take("Q")))
    start = (at + 31) // 32 * 32
    found = {}
    for name, dims, kind, offset in table:
        n = 1
        for d in dims:
            n *= d
        weights, size = blocks[kind]
        found[name] = kind, dims, data[start + offset:start + offset + n // weights * size]
    return found


def main():
    program, model = sys.argv[1:3]
    rival = os.environ.get("QSLIP_RIVAL_BIN", "")
    if not os.path.exists(os.path.join(rival, "llama-quantize")):
        print("SKIPPED: quantizers against llama-quantize because QSLIP_RIVAL_BIN has none")
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16"):
            mine, theirs = os.path.join(folder, "mine.gguf"), os.path.join(folder, "theirs.gguf")
            subprocess.run([program, "quantize", model, mine, "--type", kind], check=True, stderr=subprocess.DEVNULL)
            subprocess.run([os.path.join(rival, "llama-quantize"), "--pure", "--allow-requantize", model, theirs, kind],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env={**os.environ, "LD_LIBRARY_PATH": rival})
            a, b = tensors(mine), tensors(theirs)
            different = sorted(n for n in a.keys() | b.keys() if a.get(n) != b.get(n))
            wrong += len(different)
            print(f"{kind}: {len(b) - len(different)} of {len(b)} tensors equal", *different[:3])
    print(f"{int(not wrong)} passed, {int(bool(wrong))} failed, 0 skipped")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
