"""result.json is the same bytes for every thread count and instruction set of this machine, and under emulation; in
every mode; and with a baseline capsule in the model's place, also one whose making was killed and resumed."""
import hashlib
import json
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import time
import unittest

import support
from support import model, run_ok

sys.path.insert(0, str(support.root / "tests/support"))
import qbase


class determinism(support.scratch_case):
    def digest(self, *options, env=None, base=model):
        out = self.dir / "out"
        run_ok("compare", base, support.twin("Q4_0"), "--suite", self.items, "-o", out, *options, codes=(0, 1, 3), env=env)
        return hashlib.sha256((out / "result.json").read_bytes()).hexdigest()

    def setUp(self):
        super().setUp()
        words = "river stone cloud lamp forest paper wheel candle".split()
        self.items = self.suite(
            [{"id": f"copy{i}", "slice": "copy", "prompt": f"{a} {b} {a} {b} {a}", "max_tokens": 3,
              "task": {"type": "contains", "answer": b}}
             for i, (a, b) in enumerate((a, b) for a in words for b in words if a != b)][:24]
            + [{"id": "text", "slice": "prose", "text": "The boat left the harbour before the rain came. " * 6}])

    def test_threads_in_every_mode(self):
        by_mode = {}
        for mode in ("f32", "a16", "a8"):
            digests = {n: self.digest("--mode", mode, "--threads", n) for n in (1, 2, 7)}
            self.assertEqual(len(set(digests.values())), 1, (mode, digests))
            by_mode[mode] = digests[1]
        self.assertEqual(len(set(by_mode.values())), 3, by_mode)
        self.assertEqual(self.digest(), by_mode["a16"])

    def test_a_capsule_gives_the_bytes_of_the_model(self):
        capsule, want = self.dir / "base.qbase", self.digest()
        for options in ((), ("--keep-logits",), ("--threads", 1)):
            run_ok("baseline", model, "--suite", self.items, "-o", capsule, *options)
            print("RAN: capsule", *options, f"{capsule.stat().st_size:,} bytes")
            if "--keep-logits" not in options:
                fields, rows = qbase.read(capsule.read_bytes())  # by the written format alone
                positions = sum(len(tokens) for tokens, _, _ in rows)
                print(f"RAN: {capsule.stat().st_size / positions:.0f} bytes a scored position, {positions} of them")
                self.assertLess(20 * (4 + 4 * int(fields["d_model"])), 2 * int(fields["n_vocab"]))
                self.assertLess(capsule.stat().st_size, (4 + 4 * 576) * positions + 32 * len(rows) + 2048)
            for threads in (1, 7):
                self.assertEqual(self.digest("--threads", threads, base=capsule), want, options)
        for wrong in (("--mode-base", "a8"), ("--pre", "gpt-2")):
            code, _, error = support.qslip("compare", capsule, support.twin("Q4_0"), "--suite", self.items,
                                           "-o", self.dir / "no", *wrong)
            self.assertIn("mode_base" if wrong[0] == "--mode-base" else "tokenizer", error)
            self.assertEqual(code, 4, error)

    def test_a_killed_baseline_resumes_to_the_same_bytes(self):
        whole, resumed = self.dir / "whole.qbase", self.dir / "resumed.qbase"
        line = ["baseline", model, "--suite", self.items, "--threads", 1, "-o"]
        start = time.monotonic()
        run_ok(*line, whole)
        seconds, chance, kills = time.monotonic() - start, random.Random(1), 0
        part = self.dir / "resumed.qbase.part"
        while not resumed.exists() and kills < 200:
            process = subprocess.Popen([support.tool, *map(str, line), str(resumed)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=chance.uniform(0.1, 0.6 if kills < 6 else 3) * seconds)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
        print(f"RAN: {kills} kills")
        self.assertGreater(kills, 0)
        self.assertEqual(resumed.read_bytes(), whole.read_bytes())
        self.assertFalse(part.exists())
        self.assertEqual(self.digest(base=resumed), self.digest())

    def test_a_killed_comparison_resumes_to_the_same_bytes(self):
        want, kills, chance, out = self.digest("--threads", 1), 0, random.Random(2), self.dir / "resumed"
        start = time.monotonic()
        self.digest("--threads", 1)
        seconds = time.monotonic() - start
        line = ["compare", model, support.twin("Q4_0"), "--suite", self.items, "--threads", 1, "-o", out]
        journal = out / "unfinished.qrun"
        while not (out / "result.json").exists() and kills < 200:
            process = subprocess.Popen([support.tool, *map(str, line)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, said = process.communicate(timeout=chance.uniform(0.1, 0.6 if kills < 6 else 3) * seconds)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
        print(f"RAN: {kills} kills; the last run said:", *(l for l in said.decode().splitlines() if "were done" in l))
        self.assertGreater(kills, 0)
        self.assertEqual(hashlib.sha256((out / "result.json").read_bytes()).hexdigest(), want)
        self.assertFalse(journal.exists())

    def test_tiers(self):
        tiers = run_ok("doctor", "--tiers").split()
        digests = {t: self.digest(env={"QSLIP_FORCE_ISA": t}) for t in tiers if t != "scalar" or len(tiers) < 2}
        print("RAN: result.json equal on", ", ".join(sorted(digests)), "(native)")
        self.assertEqual(len(set(digests.values())), 1, digests)

    def test_a_model_against_itself_shows_no_divergence(self):
        out = self.dir / "self"
        run_ok("compare", model, model, "--suite", self.items, "-o", out, codes=(0, 3))
        result, = json.loads((out / "result.json").read_text())["candidates"]
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
        return done.stdout

    def test_tiers(self):
        results = {tier: self.compare_here(tier) for tier in run_ok("doctor", "--tiers").split()}
        print("RAN: small model, result.json equal on", ", ".join(sorted(results)), "(native)")
        self.assertEqual(len(set(results.values())), 1)

    @unittest.skipUnless(os.environ.get("QSLIP_ARM64_TOOL"), "QSLIP_ARM64_TOOL is not set")
    def test_neon(self):
        twin = self.dir / "twin.gguf"
        self.emulated("quantize", self.base, twin, "--type", "Q4_0")
        self.assertEqual(twin.read_bytes(), self.cand.read_bytes())
        results = {}
        for tier in self.emulated("doctor", "--tiers").split():
            out = self.dir / f"arm-{tier}"
            self.emulated("compare", self.base, self.cand, "--suite", self.items, "-o", out, "--isa", tier, codes=(0, 1, 3))
            self.assertEqual(json.loads((out / "run_info.json").read_text())["isa"], tier)
            results[tier] = (out / "result.json").read_bytes()
        self.assertIn("neon", results)
        print("RAN: small model, result.json equal on", ", ".join(sorted(results)), "(emulated by qemu-aarch64) and scalar")
        self.assertEqual(set(results.values()), {self.compare_here("scalar")})


class finished_prompts(support.scratch_case):
    """A capsule of chat prompts, or of rendered ones, stands for the model that it was made from and for no other prompts."""

    template = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}</s>{% endfor %}<s>"
    words = "river stone cloud lamp".split()

    def with_template(self, name, plain, template):
        """A copy that carries a chat template. Its field comes first, padded so that all that follows stays aligned."""
        key = b"tokenizer.chat_template"
        template = template.encode() + b" " * (-(8 + len(key) + 4 + 8 + len(template)) % 32)
        field = struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(template)) + template
        n_fields, = struct.unpack_from("<Q", plain, 16)
        return self.write(name, plain[:16] + struct.pack("<Q", n_fields + 1) + field + plain[24:])

    def setUp(self):
        super().setUp()
        plain = self.dir / "plain.gguf"
        subprocess.run([pathlib.Path(support.tool).parents[2] / "tests/capi/tiny_model", plain], check=True)
        self.plain = plain.read_bytes()
        self.base, self.cand = self.with_template("base.gguf", self.plain, self.template), self.dir / "cand.gguf"
        run_ok("quantize", self.base, self.cand, "--type", "Q4_0")
        task = {"slice": "copy", "max_tokens": 6, "task": {"type": "contains", "answer": "o"}}
        self.talk = self.suite([{"id": w, "messages": [{"role": "user", "content": f"hell {w} </s>"}], **task}
                                for w in self.words], "talk.jsonl")
        self.done = self.suite([{"id": w, "prompt": f"<s>user: hell {w}</s><s>", **task} for w in self.words],
                               "done.jsonl")

    def compare(self, base, suite, *options, codes=(0, 1, 3)):
        code, _, error = support.qslip("compare", base, self.cand, "--suite", suite, "-o", self.dir / "out", *options)
        self.assertIn(code, codes, error)
        return error if codes == (4,) else json.loads((self.dir / "out/result.json").read_text())

    def capsule(self, name, suite, *options):
        run_ok("baseline", self.base, "--suite", suite, "-o", self.dir / name, *options)
        return self.dir / name

    def test_a_capsule_gives_what_the_model_gives(self):
        talk = self.compare(self.base, self.talk)
        self.assertEqual(self.compare(self.capsule("talk.qbase", self.talk), self.talk), talk)
        done = self.compare(self.base, self.done, "--rendered")
        self.assertEqual(self.compare(self.capsule("done.qbase", self.done, "--rendered"), self.done, "--rendered"), done)
        ways = [r["manifest"]["decoding"]["chat_template"] for r in (talk, done)]
        self.assertEqual(ways[1], "rendered")
        self.assertEqual(len(ways[0]), 64)
        self.assertNotEqual(talk["manifest"]["prompts_sha256"], done["manifest"]["prompts_sha256"])

    def test_other_prompts_are_refused(self):
        made = self.capsule("done.qbase", self.done, "--rendered")
        self.assertIn("chat_template", self.compare(made, self.done, codes=(4,)))
        made = self.capsule("plain.qbase", self.done)
        self.assertIn("chat_template", self.compare(made, self.done, "--rendered", codes=(4,)))
        made = self.capsule("talk.qbase", self.talk)
        fields, rows = qbase.read(made.read_bytes())
        for field in ("chat_template", "prompts_sha256"):
            other = self.write("other.qbase", qbase.write({**fields, field: "0" * 64}, rows))
            self.assertIn(field, self.compare(other, self.talk, codes=(4,)))
        self.with_template("base.gguf", self.plain, self.template.replace("role }}:", "role }};"))  # of the same size
        self.assertIn("base_sha256", self.compare(made, self.talk, codes=(4,)))


if __name__ == "__main__":
    support.main()
