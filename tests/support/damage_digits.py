#!/usr/bin/env python3
"""Planted damage: copies a GGUF file with the token-embedding rows of the tokens 0 to 9 rounded to 2 bits.

usage: damage_digits.py IN.gguf OUT.gguf      (token_embd.weight must be Q8_0)
Each block of 32 weights keeps the levels -2 -1 0 1 times d, d = (weight of the largest size) / -2, as round-to-nearest
formats of this family have it; the block stays Q8_0. With a tied head input and output of the digits suffer.
"""
import struct
import sys

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY, Q8_0, BLOCK_WEIGHTS, BLOCK_BYTES = 8, 9, 8, 32, 34
DIGITS = {mark + b"%d" % d for d in range(10) for mark in (b"", b"\xc4\xa0")}  # with the byte-level space, or without


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, code):
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return value

    def string(self):
        size = self.number("Q")
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            item, count = self.number("I"), self.number("Q")
            return [self.value(item) for _ in range(count)]
        return self.number(SCALARS[kind])


def embedding(data):
    """(offset of the first row, bytes of a row, ids of the digit tokens)"""
    reader = Reader(data)
    if bytes(data[:4]) != b"GGUF":
        raise SystemExit("damage_digits.py: not a GGUF file")
    reader.at = 8
    n_tensors, n_keys = reader.number("Q"), reader.number("Q")
    keys, tensors = {}, {}
    for _ in range(n_keys):
        name = reader.string()
        keys[name] = reader.value(reader.number("I"))
    for _ in range(n_tensors):
        name = reader.string()
        dims = [reader.number("Q") for _ in range(reader.number("I"))]
        tensors[name] = dims, reader.number("I"), reader.number("Q")
    dims, kind, offset = tensors[b"token_embd.weight"]
    if kind != Q8_0:
        raise SystemExit(f"damage_digits.py: token_embd.weight has type {kind}, must be Q8_0 (8)")
    alignment = keys.get(b"general.alignment", 32)
    start = (reader.at + alignment - 1) // alignment * alignment
    ids = [i for i, token in enumerate(keys[b"tokenizer.ggml.tokens"]) if token in DIGITS]
    return start + offset, dims[0] // BLOCK_WEIGHTS * BLOCK_BYTES, ids


def round_block(data, at):
    scale, *codes = struct.unpack_from("<e32b", data, at)
    largest = max(codes, key=abs)
    if not largest or not scale:
        return
    step = largest / -2
    levels = [min(1, max(-2, int(code / step + 2.5) - 2)) for code in codes]
    struct.pack_into("<e32b", data, at, scale * step, *levels)


def main(source, target):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    start, row_bytes, ids = embedding(data)
    for token in ids:
        row = start + token * row_bytes
        for at in range(row, row + row_bytes, BLOCK_BYTES):
            round_block(data, at)
    with open(target, "wb") as file:
        file.write(data)
    print(f"{len(ids)} rows of token_embd.weight rounded to 2 bits")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2])
