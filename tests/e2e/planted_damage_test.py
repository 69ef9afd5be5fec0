"""Damage that was planted is found, and only where it was planted: a Q8_0 twin, a Q4_0 twin, and the Q8_0 twin with
the embedding rows of digit tokens rounded to 2 bits. By default three slices of the starter suite and two candidates,
QSLIP_LONG=1: the whole suite, and the Q8_0 twin over five seeds of it."""
import json
import subprocess
import sys
import unittest

import support
from support import cache, model, root, run_ok

number_slices = {"number_sequence", "number_copy", "arithmetic"}
language_slices = {"english", "german", "french", "spanish", "swahili", "icelandic"}
starter_registry = root / "examples/suite/registry.json"


def digits_at_two_bits():
    path = cache / "SmolLM2-135M-Instruct.digits-2bit.gguf"
    if not path.exists():
        script = root / "tests/support/damage_digits.py"
        subprocess.run([sys.executable, script, support.twin("Q8_0"), path], check=True)
    return path


class planted(support.scratch_case):
    def starter_suite(self, seed):
        path = self.dir / f"seed{seed}.jsonl"
        subprocess.run([sys.executable, root / "examples/suite/generate.py", "--seed", str(seed), "-o", path], check=True)
        return path

    def compare(self, candidates, suite, registry):
        """result.json's part of each candidate."""
        out = self.dir / f"out-{suite.stem}"
        run_ok("compare", model, *candidates, "--suite", suite, "--registry", registry, "-o", out, codes=(0, 1, 3))
        return json.loads((out / "result.json").read_text())["candidates"]

    def check(self, names, results, slices):
        states = {}
        for name, result in zip(names, results):
            whole = next(s for s in result["slices"] if s["name"] == "all")["metrics"]
            states[name] = {g["slice"]: g["state"] for g in result["gates"] if g["role"] in ("gate", "guard")}
            print(f"RAN: {name}: {result['verdict']}, KL {whole['kl_fwd_nats']['mean']:.5f} nats, flips "
                  f"{whole['token_flip']['rate']:.4f},", states[name], flush=True)
        self.assertNotIn("FAIL", states["Q8_0"].values())
        broken = states["digits at 2 bits"]
        self.assertIn("FAIL", [broken[s] for s in number_slices & slices])
        self.assertNotIn("FAIL", [broken[s] for s in language_slices & slices])

    @unittest.skipIf(support.long, "the whole suite is in the other test")
    def test_three_slices(self):
        slices = {"number_sequence", "german", "swahili"}
        lines = self.starter_suite(1).read_text().splitlines()
        suite = self.suite([i for i in map(json.loads, lines) if i["slice"] in slices], "three.jsonl")
        registry = self.write("registry.json", json.dumps({"version": 1, "cells": [
            {"slice": "*", "metric": "task_correct", "role": "guard", "budget": 0.10}]}))
        results = self.compare([support.twin("Q8_0"), digits_at_two_bits()], suite, registry)
        self.check(["Q8_0", "digits at 2 bits"], results, slices)

    @unittest.skipUnless(support.long, "the whole suite with three candidates takes ten minutes: ./check --long")
    def test_whole_suite(self):
        candidates = [support.twin("Q8_0"), support.twin("Q4_0"), digits_at_two_bits()]
        results = self.compare(candidates, self.starter_suite(1), starter_registry)
        self.check(["Q8_0", "Q4_0", "digits at 2 bits"], results, number_slices | language_slices)

    @unittest.skipUnless(support.long, "five seeds of the whole suite take half an hour: ./check --long")
    def test_q8_twin_never_fails(self):
        for seed in range(1, 6):
            result, = self.compare([support.twin("Q8_0")], self.starter_suite(seed), starter_registry)
            print(f"RAN: Q8_0 twin, seed {seed}: {result['verdict']}", flush=True)
            self.assertNotIn("FAIL", [g["state"] for g in result["gates"]])


if __name__ == "__main__":
    support.main()
