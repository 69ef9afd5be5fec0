#!/usr/bin/env python3
"""Token ids of tokenizer.json files against the Python package `tokenizers`, on random lines in ten scripts.

usage: tokenizer_json_differential.py TOKENIZE_TEXTS [--lines N]

The tokenizers are trained here, small, one for each shape of tokenizer.json that models come with. Lines hold
characters that were assigned by Unicode 14. Exit 0: equal.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers as pre,
                            processors, trainers)
except ImportError:
    print("SKIPPED: tokenizer.json beside Python's tokenizers because that package is missing")
    sys.exit(0)

SCRIPTS = {
    "Latin": (0x61, 0x7A), "Latin, accents": (0xC0, 0x17E), "Greek": (0x391, 0x3C9), "Cyrillic": (0x410, 0x44F),
    "Hebrew": (0x5D0, 0x5EA), "Arabic": (0x620, 0x652), "Devanagari": (0x905, 0x94D), "Thai": (0xE01, 0xE4E),
    "Hangul": (0xAC00, 0xAFFF), "Han": (0x4E00, 0x5FFF), "Kana": (0x3041, 0x30FA),
}
COMMON = "    \t\n''\".,;:!?-_()[]{}<>/\\@#$%^&*+=~`|0123456789sStTmMdDrRevEl\u00a0\u2003\u2581\u00bd\u0301\ufb01\U0001f680"
LETTERS = {name: [chr(c) for c in range(first, last + 1) if unicodedata.category(chr(c)) != "Cn"]
           for name, (first, last) in SCRIPTS.items()}

MARK = "\u2581"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES)
BYTES = [f"<0x{b:02X}>" for b in range(256)]
SPECIAL = ["<unk>", "<s>", "</s>", "<|im_end|>"]


def line(rng, n_letters=100_000, special=SPECIAL):
    """A few words in the first letters of scripts, with marks, digits and now and then a special token."""
    text = []
    for _ in range(rng.randrange(1, 9)):
        letters = LETTERS[rng.choice(list(LETTERS))][:n_letters]
        word = rng.choices(letters[:rng.choice((4, 12, len(letters)))], k=rng.randrange(1, 7))
        text += [c.upper() if rng.random() < 0.1 and len(c.upper()) == 1 else c for c in word]
        text += rng.choices(COMMON, k=rng.choice((0, 1, 1, 1, 2, 4)))
        if special and rng.random() < 0.03:
            text.append(rng.choice(special + ["<tool>"]))
    return "".join(text)


def trained(model, trainer, texts, normalizer=None, pre_tokenizer=None, decoder=None, added=()):
    made = Tokenizer(model)
    if normalizer:
        made.normalizer = normalizer
    if pre_tokenizer:
        made.pre_tokenizer = pre_tokenizer
    made.decoder = decoder
    made.train_from_iterator(texts, trainer)
    made.add_special_tokens(SPECIAL)
    made.add_tokens([AddedToken("<tool>", normalized=True), *added])
    return made


def byte_level(texts, pre_tokenizer, **more):
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=SPECIAL, show_progress=False,
                                  initial_alphabet=pre.ByteLevel.alphabet())
    return trained(models.BPE(ignore_merges=more.pop("ignore_merges", False)), trainer, texts,
                   pre_tokenizer=pre_tokenizer, decoder=decoders.ByteLevel(), **more)


def split(pattern, behavior="isolated"):
    return pre.Split(Regex(pattern), behavior)


def with_bytes(texts, normalizer, **more):
    """SentencePiece's BPE as Hugging Face converts it: visible spaces, bytes for what is unknown."""
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=SPECIAL + BYTES, show_progress=False,
                                  limit_alphabet=300)
    model = models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    made = trained(model, trainer, texts, normalizer=normalizer, decoder=decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]), **more)
    parts = json.loads(made.to_str())  # bytes are tokens of the model, not written out in texts
    parts["added_tokens"] = [t for t in parts["added_tokens"] if t["content"] not in BYTES]
    return Tokenizer.from_str(json.dumps(parts))


def unigram(texts, normalizer, pre_tokenizer):
    trainer = trainers.UnigramTrainer(vocab_size=2000, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    return trained(models.Unigram(), trainer, texts, normalizer=normalizer, pre_tokenizer=pre_tokenizer,
                   decoder=decoders.Metaspace())


VARIANTS = {
    "llama 3": lambda t: byte_level(t, pre.Sequence([split(LLAMA3), pre.ByteLevel(False, use_regex=False)]),
                                    ignore_merges=True),
    "gpt-4o": lambda t: byte_level(t, pre.Sequence([split(CASED), pre.ByteLevel(False, use_regex=False)])),
    "qwen, NFC": lambda t: byte_level(
        t, pre.Sequence([split(LLAMA3.replace("{1,3}", "")), pre.ByteLevel(False, use_regex=False)]),
        normalizer=normalizers.NFC()),
    "gpt-2, space in front": lambda t: byte_level(t, pre.ByteLevel(True)),
    "smollm, digits": lambda t: byte_level(t, pre.Sequence([pre.Digits(True), pre.ByteLevel(False)])),
    "own pattern": lambda t: byte_level(
        t, pre.Sequence([pre.Punctuation("contiguous"), split(r"\w{3,}| ?\S\b", "removed"),
                         pre.ByteLevel(False, use_regex=False)])),
    "llama 2": lambda t: with_bytes(t, normalizers.Sequence(
        [normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])),
    "gemma": lambda t: with_bytes(t, normalizers.Replace(" ", MARK),
                                  pre_tokenizer=pre.Split(" ", "merged_with_previous"),
                                  added=[AddedToken("<strip>", lstrip=True, rstrip=True)]),
    "t5": lambda t: unigram(t, normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]),
                            pre.Metaspace(MARK, "always")),
    "xlm-r": lambda t: unigram(t, normalizers.NFKC(), pre.Sequence([pre.WhitespaceSplit(), pre.Metaspace(MARK)])),
}


def qslip_ids(program, path, lines):
    run = subprocess.run([program, path], input="\0".join(lines).encode(), stdout=subprocess.PIPE)
    return [[int(i) for i in row.split()] for row in run.stdout.decode().splitlines()] if run.returncode == 0 else []


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--lines", type=int, default=100_000)
    args = options.parse_args()
    n_wrong = 0
    training = [line(random.Random(-i), 60, []) for i in range(1, 4000)]
    lines = [line(random.Random(i)) for i in range(args.lines)]
    for name, make in VARIANTS.items():
        made = make(training)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokenizer.json")
            made.save(path)
            mine = qslip_ids(args.program, path, lines)
        theirs = [e.ids for e in made.encode_batch(lines, add_special_tokens=False)]
        differ = [i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b]
        n_wrong += bool(differ) or len(mine) != len(theirs)
        print(f"{name}: {len(mine)} of {len(lines)} lines, {sum(map(len, theirs))} tokens, {len(differ)} differ")
        for i in differ[:2]:
            print("  ", repr(lines[i]), [made.id_to_token(t) for t in mine[i]], [made.id_to_token(t) for t in theirs[i]])
    sys.exit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
