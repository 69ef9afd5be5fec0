"""Damage that was planted is found, and only where it was planted: the number and language slices of the
starter suite, a Q8_0 twin, and the same twin with the embedding rows of digit tokens rounded to 2 bits."""
import json
import subprocess
import sys

import support
from support import cache, model, root, run_ok

number_slices = {"number_sequence", "number_copy", "arithmetic"}
language_slices = {"english", "german", "french", "spanish", "swahili", "icelandic"}


def starter_suite(case, seed, slices):
    everything = case.dir / "everything.jsonl"
    subprocess.run([sys.executable, root / "examples/suite/generate.py", "--seed", str(seed), "-o", everything], check=True)
    items = [json.loads(line) for line in everything.read_text().splitlines()]
    return case.suite([i for i in items if i["slice"] in slices], f"seed{seed}.jsonl")


class planted(support.scratch_case):
    def gates(self, candidate, suite, slices):
        registry = self.write("registry.json", json.dumps({"version": 1, "cells": [
            {"slice": s, "metric": "task_correct", "role": "guard", "budget": 0.10} for s in sorted(slices)]}))
        out = self.dir / "out"
        run_ok("compare", model, candidate, "--suite", suite, "--registry", registry, "-o", out, codes=(0, 1, 3))
        return {g["slice"]: g["state"] for g in json.loads((out / "result.json").read_text())["gates"]}

    def test_digit_damage_fails_numbers_and_spares_language(self):
        twin = support.twin("Q8_0")
        damaged = cache / "SmolLM2-135M-Instruct.digits-2bit.gguf"
        if not damaged.exists():
            subprocess.run([sys.executable, root / "tests/support/damage_digits.py", twin, damaged], check=True)
        slices = {"number_sequence", "german", "swahili"} if not support.long else number_slices | language_slices
        suite = starter_suite(self, 1, slices)
        healthy, broken = self.gates(twin, suite, slices), self.gates(damaged, suite, slices)
        print("RAN: Q8_0 twin", healthy, "digits at 2 bits", broken)
        self.assertNotIn("FAIL", healthy.values())
        self.assertIn("FAIL", [broken[s] for s in number_slices & slices])
        self.assertNotIn("FAIL", [broken[s] for s in language_slices & slices])

    def test_q8_twin_never_fails(self):
        if not support.long:
            self.skipTest("five seeds of the whole suite take half an hour: ./check --long")
        for seed in range(1, 6):
            suite, out = self.dir / f"seed{seed}.jsonl", self.dir / f"out{seed}"
            generator, registry = root / "examples/suite/generate.py", root / "examples/suite/registry.json"
            subprocess.run([sys.executable, generator, "--seed", str(seed), "-o", suite], check=True)
            run_ok("compare", model, support.twin("Q8_0"), "--suite", suite, "--registry", registry, "-o", out, codes=(0, 3))
            result = json.loads((out / "result.json").read_text())
            print(f"RAN: Q8_0 twin, seed {seed}: {result['verdict']}", flush=True)
            self.assertNotIn("FAIL", [g["state"] for g in result["gates"]])


if __name__ == "__main__":
    support.main()
