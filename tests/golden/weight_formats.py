#!/usr/bin/env python3
"""What the Python package gguf makes of random blocks of each weight type: writes weight_formats.inc next to
this file.

Needs gguf and numpy. Per type 200 blocks: block b takes draws b * block_bytes ... of a counter_rng
(core/rng.hpp) whose seed is the type's number, the low byte of each; blocks with a weight that is not finite are
left out. A row holds the SHA-256 of the decoded floats.
"""
import hashlib
import pathlib
import re

import gguf
import numpy as np

here = pathlib.Path(__file__).resolve().parent
n_blocks = 200


def draws(seed, n):
    """counter_rng(seed).at(0 ... n - 1): SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def decoded(kind, block_bytes):
    blocks = draws(kind, 2 * n_blocks * block_bytes).astype(np.uint8).reshape(-1, block_bytes)
    with np.errstate(all="ignore"):
        weights = gguf.dequantize(blocks, gguf.GGMLQuantizationType(kind)).astype(np.float32)
    return weights[np.isfinite(weights).all(axis=1)][:n_blocks]


def main():
    rows = (here / "../../include/qslip/detail/core/dtype.inc").read_text()
    out = ["// Written by weight_formats.py; do not edit."]
    for name, kind, size in re.findall(r"^QSLIP_DTYPE\((\w+), \w+, (\d+), \d+, \d+, (\d+),", rows, re.M):
        weights = decoded(int(kind), int(size))
        assert len(weights) == n_blocks
        out.append(f'DECODED({name}, "{hashlib.sha256(weights.tobytes()).hexdigest()}")')
    (here / "weight_formats.inc").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
