"""result.json is the same bytes for every thread count and instruction set of this machine."""
import hashlib
import json

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


if __name__ == "__main__":
    support.main()
