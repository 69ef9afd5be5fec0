"""Logits and divergences of the tool against independent NumPy code.

- `qslip compare --text` (KL both ways, top-1 agreement) equals NumPy on the two `qslip logits` files to 1e-9.
- `qslip logits` equals the shared float64 reference of the demo model within its bounds.
"""
import json
import os
import pathlib
import unittest

import numpy
import support
from support import model, run_ok

text_file = pathlib.Path("/usr/share/common-licenses/Apache-2.0")  # on every Debian
window = 256


def log_softmax(rows):
    x = rows.astype(numpy.float64)
    x -= x.max(axis=1, keepdims=True)
    return x - numpy.log(numpy.exp(x).sum(axis=1, keepdims=True))


def logits(case, path, sequences, name, *options, env=None):
    tokens = case.write(f"{name}.json", json.dumps(sequences))
    run_ok("logits", path, "--tokens", tokens, "-o", case.dir / f"{name}.npy", *options, env=env)
    return numpy.load(case.dir / f"{name}.npy", mmap_mode="r")


class kl_against_numpy(support.scratch_case):
    def test_second_half_windows(self):
        text = self.write("text.txt", text_file.read_bytes()[:9000])
        ids = json.loads(run_ok("tokenize", model, "--file", text))
        windows = [ids[i:i + window] for i in range(0, len(ids) - window + 1, window)]
        self.assertGreater(len(windows), 4)
        twin = support.twin("Q4_0")
        base, cand = (logits(self, p, windows, n) for p, n in ((model, "base"), (twin, "cand")))
        scored = numpy.concatenate([numpy.arange(w * window + window // 2, (w + 1) * window - 1)
                                    for w in range(len(windows))])
        p, q = log_softmax(base[scored]), log_softmax(cand[scored])
        want = {"kl_fwd_nats": (numpy.exp(p) * (p - q)).sum(axis=1).mean(),
                "kl_rev_nats": (numpy.exp(q) * (q - p)).sum(axis=1).mean()}
        agree = (base[scored].argmax(axis=1) == cand[scored].argmax(axis=1)).mean()

        out = self.dir / "out"
        run_ok("compare", model, twin, "--text", text, "--window", window, "--score", "second-half", "--mode", "f32", "--mode-base", "f32",
               "-o", out)
        result, = json.loads((out / "result.json").read_text())["candidates"]
        whole = next(s for s in result["slices"] if s["name"] == "all")
        self.assertEqual(whole["positions"], len(scored))
        self.assertEqual(whole["clusters"], len(windows))
        for name, value in want.items():
            got = whole["metrics"][name]["mean"]
            print(f"{name}: tool {got!r} numpy {float(value)!r}")
            self.assertLessEqual(abs(got - float(value)), 1e-9 * float(value))
        self.assertEqual(whole["metrics"]["top1_agreement"]["rate"], agree)


class logits_against_reference(support.scratch_case):
    def setUp(self):
        super().setUp()
        shared = os.environ.get("QSLIP_SHARED")
        if not shared:
            raise unittest.SkipTest("no shared reference logits: QSLIP_SHARED is not set")
        reference = json.loads((pathlib.Path(shared) / "reference/smollm2-135m-q4_1.json").read_text())
        self.sequences = reference["sequences"]

    def check(self, tier):
        rows = logits(self, model, [s["tokens"] for s in self.sequences], tier, env={"QSLIP_FORCE_ISA": tier})
        start, logit_error, nll_error = 0, 0.0, 0.0
        for s in self.sequences:
            got = rows[start:start + len(s["tokens"])]
            start += len(s["tokens"])
            ids, want = numpy.array(s["top8_ids"]), numpy.array(s["top8_logits"])
            logit_error = max(logit_error, numpy.abs(numpy.take_along_axis(got, ids, 1) - want).max())
            order = numpy.argsort(-got, axis=1, kind="stable")[:, :8]
            for row, (mine, theirs) in enumerate(zip(order, ids)):
                gaps = -numpy.diff(want[row])
                for k in range(7):  # compare ranks that no gap <= 1e-3 blurs
                    if (k == 0 or gaps[k - 1] > 1e-3) and gaps[k] > 1e-3:
                        self.assertEqual(mine[k], theirs[k], (s["id"], row, k))
            nll = -log_softmax(got)[numpy.arange(len(got) - 1), s["tokens"][1:]]
            nll_error = max(nll_error, float(numpy.abs(nll - numpy.array(s["nll_nats"])).max()))
        print(f"RAN: reference on {tier}: max |logit error| {logit_error:.2e}, max |NLL error| {nll_error:.2e} nats")
        self.assertLessEqual(logit_error, 2e-3)
        self.assertLessEqual(nll_error, 1e-3)

    def test_token_ids(self):
        for s in self.sequences:
            self.assertEqual(json.loads(run_ok("tokenize", model, "--text", s["text"])), s["tokens"])

    def test_avx2(self):
        self.check("avx2")

    def test_avx512(self):
        if "avx512" not in run_ok("doctor", "--tiers").split():
            self.skipTest("this CPU has no AVX-512; the wide emulation covers it in the unit tests")
        self.check("avx512")


if __name__ == "__main__":
    support.main()
