#!/usr/bin/env python3
"""Token ids of `qslip tokenize` against the Python package `tokenizers`, on random text.

usage: tokenizer_differential.py QSLIP GGUF... [--seeds N]

The other side is built from the same GGUF lists and the splitting rules published in tokenizer.json. Texts hold
characters assigned in the Unicode of this Python and bytes the vocabulary has tokens for. Exit 0: equal.
"""
import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
import unicodedata

try:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers as pre
except ImportError:
    print("SKIPPED: differential test of the tokenizer because the Python package tokenizers is missing")
    sys.exit(0)

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|"
          r"\s*[\r\n]+|\s+(?!\S)|\s+")


def split(pattern):
    return pre.Sequence([pre.Split(Regex(pattern), "isolated"), pre.ByteLevel(False, use_regex=False)])


RULES = {
    "gpt-2": lambda: pre.ByteLevel(False),
    "mpt": lambda: pre.ByteLevel(False),
    "smollm": lambda: pre.Sequence([pre.Digits(True), pre.ByteLevel(False)]),
    "starcoder": lambda: pre.Sequence([pre.Digits(True), pre.ByteLevel(False)]),
    "llama-bpe": lambda: split(LLAMA3 % "{1,3}"),
    "qwen2": lambda: split(LLAMA3 % ""),
}


def metadata(path):
    """tokenizer.ggml.* of a little-endian GGUF file."""
    with open(path, "rb") as file:
        def number(code):
            return struct.unpack("<" + code, file.read(struct.calcsize("<" + code)))[0]

        def value(kind):
            if kind == 8:
                return file.read(number("Q")).decode("utf-8", "surrogateescape")
            if kind == 9:
                element, count = number("I"), number("Q")
                return [value(element) for _ in range(count)]
            return number({0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}[kind])

        file.read(8)
        number("Q")
        pairs = {}
        for _ in range(number("Q")):
            key = value(8)
            pairs[key.replace("tokenizer.ggml.", "")] = value(number("I"))
        return pairs


def build(keys):
    vocabulary = {text: i for i, text in enumerate(keys["tokens"])}
    merges = [tuple(m.split(" ")) for m in keys["merges"]]
    made = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=keys["pre"] == "llama-bpe"))
    made.pre_tokenizer = RULES[keys["pre"]]()
    made.add_tokens([t for t, kind in zip(keys["tokens"], keys["token_type"]) if kind == 4])
    return made


def random_text(rng, missing, n):
    common = "  \t\n\r\n''sStTrRevElLdDabcXYZ0123456789.,;:-_()[]{}<>/\\|\"@#$%^&*+=~`!?"
    text = []
    while len(text) < n:
        plane = rng.random()
        if plane < 0.7:
            c = rng.choice(common)
        else:
            c = chr(rng.randrange(0x20, 0x800 if plane < 0.85 else 0x3200 if plane < 0.95 else 0x110000))
        if unicodedata.category(c) in ("Cn", "Cs") or any(b in missing for b in c.encode()):
            continue
        text += [c] * rng.choice((1, 1, 1, 1, 2, 5))
    return "".join(text)


def qslip_ids(program, path, text):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        return json.loads(subprocess.run([program, "tokenize", path, "--file", file.name], check=True,
                                         stdout=subprocess.PIPE).stdout)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("files", nargs="+")
    options.add_argument("--seeds", type=int, default=3)
    args = options.parse_args()
    wrong = 0
    for path in args.files:
        keys = metadata(path)
        if keys.get("pre") not in RULES:
            print(f"SKIPPED: {keys.get('pre')} because its published rule is not in this script")
            continue
        other = build(keys)
        letters = {v: k for k, v in zip(range(256), byte_letters())}
        missing = {b for letter, b in letters.items() if letter not in set(keys["tokens"])}
        for seed in range(args.seeds):
            text = random_text(random.Random(seed), missing, 100_000)
            mine, theirs = qslip_ids(args.program, path, text), other.encode(text).ids
            at = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
            same = mine == theirs
            wrong += not same
            print(f"{keys['pre']} seed {seed}: {len(theirs)} tokens", "equal" if same else
                  f"DIFFER at {at}: {[keys['tokens'][i] for i in mine[at-2:at+4]]} and {[keys['tokens'][i] for i in theirs[at-2:at+4]]}")
    sys.exit(1 if wrong else 0)


def byte_letters():
    free = 0x100
    for b in range(256):
        if 0x21 <= b <= 0x7E or (b >= 0xA1 and b != 0xAD):
            yield chr(b)
        else:
            yield chr(free)
            free += 1


if __name__ == "__main__":
    main()
