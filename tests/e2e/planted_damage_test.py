"""Damage that was planted is found, and only where it was planted: a number slice and a language slice of the
starter suite, a Q8_0 twin, and the same twin with the embedding rows of digit tokens rounded to 2 bits."""
import json
import os
import sys

import support
from support import cache, model, root, run_ok

number_slices = {"number_copy"}
language_slices = {"lang_de"}


def starter_suite(case, seed, slices):
    everything = case.dir / "everything.jsonl"
    import subprocess
    subprocess.run([sys.executable, root / "examples/suite/generate.py", "--seed", str(seed), "-o", everything],
                   check=True, stdout=subprocess.DEVNULL)
    items = [json.loads(line) for line in everything.read_text().splitlines()]
    return case.suite([i for i in items if i["slice"] in slices], f"seed{seed}.jsonl")


class planted(support.scratch_case):
    def gates(self, candidate, suite):
        out = self.dir / "out"
        run_ok("compare", model, candidate, "--suite", suite, "-o", out, codes=(0, 1, 3))
        return {g["slice"]: g["state"] for g in json.loads((out / "result.json").read_text())["gates"]}

    def test_digit_damage_fails_numbers_and_spares_language(self):
        twin = support.twin("Q8_0")
        damaged = cache / "SmolLM2-135M-Instruct.digits-2bit.gguf"
        if not damaged.exists():
            import subprocess
            subprocess.run([os.environ["QSLIP_DAMAGE_DIGITS"], twin, damaged], check=True)
        suite = starter_suite(self, 1, number_slices | language_slices)
        healthy, broken = self.gates(twin, suite), self.gates(damaged, suite)
        print("RAN: Q8_0 twin", healthy, "digits at 2 bits", broken)
        self.assertNotIn("FAIL", healthy.values())
        self.assertIn("FAIL", [broken[s] for s in number_slices])
        self.assertNotIn("FAIL", [broken[s] for s in language_slices])


if __name__ == "__main__":
    support.main()
