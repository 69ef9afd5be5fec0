"""result.json is the same bytes for every thread count and instruction set of this machine, and under emulation."""
import hashlib
import json
import os
import pathlib
import subprocess
import unittest

import support
from support import model, run_ok


class determinism(support.scratch_case):
    def digest(self, *options, env=None):
        out = self.dir / "out"
        run_ok("compare", model, support.twin("Q4_0"), "--suite", self.items, "-o", out, *options, codes=(0, 1, 3), env=env)
        return hashlib.sha256((out / "result.json").read_bytes()).hexdigest()

    def setUp(self):
        super().setUp()
        words = "river stone cloud lamp forest paper wheel candle".split()
        self.items = self.suite(
            [{"id": f"copy{i}", "slice": "copy", "prompt": f"{a} {b} {a} {b} {a}", "max_tokens": 3,
              "task": {"type": "contains", "answer": b}}
             for i, (a, b) in enumerate((a, b) for a in words for b in words if a != b)][:24]
            + [{"id": "text", "slice": "prose", "text": "The boat left the harbour before the rain came. " * 6}])

    def test_threads(self):
        digests = {n: self.digest("--threads", n) for n in (1, 2, 7)}
        self.assertEqual(len(set(digests.values())), 1, digests)

    def test_tiers(self):
        tiers = run_ok("doctor", "--tiers").split()
        digests = {t: self.digest(env={"QSLIP_FORCE_ISA": t}) for t in tiers if t != "scalar" or len(tiers) < 2}
        print("RAN: result.json equal on", ", ".join(sorted(digests)), "(native)")
        self.assertEqual(len(set(digests.values())), 1, digests)

    def test_a_model_against_itself_shows_no_divergence(self):
        out = self.dir / "self"
        run_ok("compare", model, model, "--suite", self.items, "-o", out, codes=(0, 3))
        result = json.loads((out / "result.json").read_text())
        for part in result["slices"]:
            for name in ("kl_fwd_nats", "kl_rev_nats", "js_nats"):
                self.assertEqual((part["metrics"][name]["mean"], part["metrics"][name]["max"]), (0, 0))
        self.assertNotIn("PASS", [g["state"] for g in result["gates"] if g["n"] < 59])


class small_model(support.scratch_case):
    """Every tier, the slow and the emulated ones too. QSLIP_ARM64_TOOL: the tool of the arm64 build."""

    def setUp(self):
        super().setUp()
        self.base, self.cand = self.dir / "base.gguf", self.dir / "cand.gguf"
        subprocess.run([pathlib.Path(support.tool).parents[2] / "tests/capi/tiny_model", self.base], check=True)
        run_ok("quantize", self.base, self.cand, "--type", "Q4_0")
        self.items = self.suite(
            [{"id": f"copy{i}", "slice": "copy", "prompt": f"{i} and {i * 7} and {i}", "max_tokens": 6,
              "task": {"type": "contains", "answer": str(i)}} for i in range(40)]
            + [{"id": "text", "slice": "prose", "text": "The boat left before the rain came."}])

    def compare_here(self, tier):
        out = self.dir / tier
        run_ok("compare", self.base, self.cand, "--suite", self.items, "-o", out, "--isa", tier, codes=(0, 1, 3))
        return (out / "result.json").read_bytes()

    def emulated(self, *args, codes=(0,)):
        libraries = pathlib.Path(os.environ["QSLIP_ARM64_ROOT"]) / "usr/lib/aarch64-linux-gnu"
        command = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "-E", f"LD_LIBRARY_PATH={libraries}",
                   os.environ["QSLIP_ARM64_TOOL"], *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertIn(done.returncode, codes, done.stderr)

    def test_tiers(self):
        results = {tier: self.compare_here(tier) for tier in run_ok("doctor", "--tiers").split()}
        print("RAN: small model, result.json equal on", ", ".join(sorted(results)), "(native)")
        self.assertEqual(len(set(results.values())), 1)

    @unittest.skipUnless(os.environ.get("QSLIP_ARM64_TOOL"), "QSLIP_ARM64_TOOL is not set")
    def test_neon(self):
        twin, out = self.dir / "twin.gguf", self.dir / "neon"
        self.emulated("quantize", self.base, twin, "--type", "Q4_0")
        self.assertEqual(twin.read_bytes(), self.cand.read_bytes())
        self.emulated("compare", self.base, self.cand, "--suite", self.items, "-o", out, codes=(0, 1, 3))
        self.assertEqual(json.loads((out / "run_info.json").read_text())["isa"], "neon")
        print("RAN: small model, result.json equal on neon (emulated by qemu-aarch64)")
        self.assertEqual((out / "result.json").read_bytes(), self.compare_here("scalar"))


if __name__ == "__main__":
    support.main()
