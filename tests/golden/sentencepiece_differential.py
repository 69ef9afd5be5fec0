#!/usr/bin/env python3
"""Token ids of GGUF vocabularies with scores against the Python package `sentencepiece`, on random lines.

usage: sentencepiece_differential.py TOKENIZE_TEXTS GGUF... [--lines N]

The other side is a SentencePiece model put together from the same lists. It sums scores in single precision, we in
double: of two spellings whose scores are equal, either may be chosen. Exit 0: equal, or of equal score.
"""
import argparse
import random
import sys

from tokenizer_differential import metadata
from tokenizer_json_differential import MARK, line, qslip_ids

try:
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
except ImportError:
    print("SKIPPED: SPM and Unigram beside Python's sentencepiece because that package is missing")
    sys.exit(0)


def model_of(keys):
    """The lists of a GGUF file as a SentencePiece model; types are numbered alike."""
    proto = sentencepiece_model_pb2.ModelProto()
    is_bpe = keys["model"] == "llama"
    proto.trainer_spec.model_type = 2 if is_bpe else 1
    proto.trainer_spec.byte_fallback = is_bpe
    proto.normalizer_spec.add_dummy_prefix = keys.get("add_space_prefix", is_bpe)
    proto.normalizer_spec.remove_extra_whitespaces = keys.get("remove_extra_whitespaces", False)
    proto.normalizer_spec.precompiled_charsmap = bytes(keys.get("precompiled_charsmap", []))
    for text, score, kind in zip(keys["tokens"], keys["scores"], keys["token_type"]):
        if kind == 4:  # converters write the spaces of user-defined tokens as they are
            text = text.replace(" ", MARK)
        proto.pieces.add(piece=text, score=score, type=kind)
    made = sentencepiece.SentencePieceProcessor()
    made.LoadFromSerializedProto(proto.SerializeToString())
    return made


def same_score(a, b, scores):
    return abs(sum(scores[i] for i in a) - sum(scores[i] for i in b)) < 1e-4


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("files", nargs="+")
    options.add_argument("--lines", type=int, default=100_000)
    args = options.parse_args()
    # A mark in the text itself: converters have no user-defined tokens with marks.
    lines = [line(random.Random(i), special=[]).replace(MARK, "") for i in range(args.lines)]
    n_wrong = 0
    for path in args.files:
        keys = metadata(path)
        other = model_of(keys)
        mine, theirs = qslip_ids(args.program, path, lines), other.encode(lines)
        unequal = [i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b]
        differ = [i for i in unequal if keys["model"] != "t5" or not same_score(mine[i], theirs[i], keys["scores"])]
        n_wrong += bool(differ) or len(mine) != len(theirs)
        print(f"{path}: {len(mine)} of {len(lines)} lines, {sum(map(len, theirs))} tokens, "
              f"{len(unequal) - len(differ)} ties, {len(differ)} differ")
        for i in differ[:2]:
            print("  ", repr(lines[i]), other.id_to_piece(mine[i]), other.id_to_piece(theirs[i]))
    sys.exit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
