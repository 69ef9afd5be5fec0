"""What each verb prints and refuses, on tiny models."""
import os
import re

import support
from support import qslip
from tiny import tiny_case


class json_everywhere(tiny_case):
    def lines(self):
        """verb -> (a line that works, a line that fails)"""
        suite, ids = self.items(), self.write("ids.json", "[[1,2],[3]]")
        schema = self.write("schema.json", '{"type":"object"}')
        instance, out = self.write("instance.json", "{}"), self.dir / "out"
        support.run_ok("compare", self.base, self.cand, "--suite", suite, "-o", out, codes=(0, 1, 3))
        pair = [self.base, self.cand]
        return {
            "doctor": (["doctor", *pair, "--suite", suite], ["doctor", self.dir / "none.gguf"]),
            "tokenize": (["tokenize", self.base, "--text", "hi"], ["tokenize", self.base]),
            "logits": (["logits", self.base, "--tokens", ids, "-o", self.dir / "x.npy"],
                       ["logits", self.base, "--tokens", self.base, "-o", self.dir / "x.npy"]),
            "generate": (["generate", self.base, "--prompt", "hi", "--max-tokens", "2"], ["generate", self.base]),
            "quantize": (["quantize", self.base, self.dir / "q.gguf", "--type", "Q8_0"],
                         ["quantize", self.base, self.dir / "q.gguf", "--type", "Q9"]),
            "compare": (["compare", *pair, "--suite", suite, "-o", out], ["compare", *pair, "-o", out]),
            "baseline": (["baseline", self.base, "--suite", suite, "-o", self.dir / "b.qbase"],
                         ["baseline", self.base, "-o", self.dir / "b.qbase"]),
            "report": (["report", out / "result.json"], ["report", suite]),
            "inspect": (["inspect", out, "--prompt", "i0"], ["inspect", out, "--prompt", "i9"]),
            "bench": (["bench", self.base, "--no-kernels", "--tokens", "8", "--decode", "2", "--threads", "1"],
                      ["bench", self.dir / "none.gguf", "--no-kernels"]),
            "schema check": (["schema", "check", schema, instance], ["schema", "check", instance / "x", instance]),
            "schema complexity": (["schema", "complexity", schema], ["schema", "complexity", self.dir / "none"]),
        }

    def test_every_verb_prints_one_document_when_it_works_and_when_it_fails(self):
        lines = self.lines()
        verbs = set(re.findall(r"^    '([a-z ]+)'\*", support.run_ok("help", "--completion", "bash"), re.MULTILINE))
        self.assertEqual({*lines, "help", "schema"}, {*verbs, "schema"})
        for verb, (works, fails) in lines.items():
            with self.subTest(verb):
                self.assertNotIn("error", self.document(*works, codes=(0, 1, 3)))
                error = self.document(*fails, codes=(2,))["error"]
                self.assertEqual(set(error), {"code", "message"})
                self.assertTrue(error["message"])

    def test_a_failure_is_said_on_stderr_too(self):
        code, out, err = qslip("doctor", self.dir / "none.gguf", "--json")
        self.assertEqual(code, 2)
        self.assertIn("none.gguf: no such file", err)
        self.assertIn('"code":"not_found"', out)

    def test_a_command_line_that_is_not_understood_is_a_document_too(self):
        for line in (["nosuch"], ["compare", "--sute", "x"], ["doctor", "--threads", "x"], []):
            self.assertEqual(self.document(*line, codes=(2,))["error"]["code"], "usage")

    def test_models_that_do_not_fit_together_are_4(self):
        other = self.write("other.gguf", self.cand.read_bytes().replace(b"</s>", b"<|s>"))
        self.assertEqual(self.document("doctor", self.base, other, codes=(4,))["error"]["code"], "not_comparable")

    def test_doctor_holds_models_and_plan(self):
        found = self.document("doctor", self.base, "--suite", self.items(3))
        self.assertEqual(found["models"][0]["chat_template"], "none")
        cell = next(c for c in found["plan"] if c["metric"] == "task_correct")
        self.assertEqual((cell["slice"], cell["role"], cell["n"]), ("s", "gate", 3))
        self.assertGreater(cell["n_needed"], 3)

    def test_decoded_text_is_a_member(self):
        self.assertEqual(self.document("tokenize", self.base, "--decode", "--text", "[104,105]"), {"text": "hi"})

    def test_tiers_are_a_list(self):
        self.assertIn("scalar", self.document("doctor", "--tiers"))


class smaller_verbs(tiny_case):
    def test_report_makes_the_files_of_a_run_again(self):
        out = self.dir / "out"
        said = support.run_ok("compare", self.base, self.cand, "--suite", self.items(), "-o", out, codes=(0, 1, 3))
        result = out / "result.json"
        for flag, name in (("--md", "report.md"), ("--junit", "junit.xml"), ("--prom", "qslip.prom")):
            self.assertEqual(support.run_ok("report", result, flag), (out / name).read_text())
        self.assertEqual(support.run_ok("report", result, "--json"), result.read_text())
        self.assertIn(support.run_ok("report", result), said)
        self.assertIn("give one format, not 2", self.refused("report", result, "--md", "--prom"))
        self.write("out/result.json", result.read_text().replace('"verdict"', '"verdikt"', 1))
        self.assertIn('"verdikt" is not a field this version knows', self.refused("report", result))

    def test_quantize_refuses_its_own_input_under_any_name(self):
        before = self.base.read_bytes()
        os.symlink(self.base, self.dir / "symbolic.gguf")
        os.link(self.base, self.dir / "hard.gguf")
        for name in ("base.gguf", "symbolic.gguf", "hard.gguf"):
            err = self.refused("quantize", self.base, self.dir / name, "--type", "Q8_0", "--force")
            self.assertIn(f"{name}: is the input", err)
        self.assertEqual(self.base.read_bytes(), before)

    def test_quantize_replaces_an_existing_file_only_when_forced(self):
        before = self.cand.read_bytes()
        self.assertIn("cand.gguf: exists already", self.refused("quantize", self.base, self.cand, "--type", "Q8_0"))
        self.assertEqual(self.cand.read_bytes(), before)
        support.run_ok("quantize", self.base, self.cand, "--type", "Q8_0", "--force")
        self.assertNotEqual(self.cand.read_bytes(), before)

    def test_other_writers_spare_their_inputs_too(self):
        ids = self.write("ids.json", "[[1]]")
        self.assertIn("is the input", self.refused("logits", self.base, "--tokens", ids, "-o", self.base))
        self.assertIn("is the input", self.refused("logits", self.base, "--tokens", ids, "-o", ids))
        self.assertIn("is the input", self.refused("baseline", self.base, "--suite", self.items(), "-o", self.base))

    def test_logits_says_what_it_wrote(self):
        ids = self.write("ids.json", "[[1,2],[3]]")
        code, _, err = qslip("logits", self.base, "--tokens", ids, "-o", self.dir / "x.npy")
        self.assertEqual(code, 0)
        self.assertIn("x.npy: float32 [3, 261], one row per token", err)

    def test_tokenize_without_text_says_what_to_give(self):
        self.assertIn("--text 'The sky' or --file TEXT.txt", self.refused("tokenize", self.base))
        self.assertIn("--text '[504, 2967]'", self.refused("tokenize", self.base, "--decode"))

    def test_an_empty_text_is_a_text(self):
        self.assertEqual(support.run_ok("tokenize", self.base, "--text", "").strip(), "[]")

    def test_decode_names_the_form_it_expects(self):
        self.assertIn("expects a JSON list of token ids, such as [504, 2967]",
                      self.refused("tokenize", self.base, "--decode", "--text", "Hello"))
        self.assertIn("ids.json", self.refused("tokenize", self.base, "--decode", "--file", self.write("ids.json", "{}")))

    def test_messages_of_a_suite_line_are_explained(self):
        line = self.write("line.jsonl", '{"id":"a","messages":[{"role":"user","content":"Hi"}]}\n')
        err = self.refused("generate", self.base, "--messages", line)
        self.assertIn('line.jsonl: expected a JSON list of turns, such as [{"role":"user"', err)
        self.assertIn('take the value of "messages"', err)

    def test_a_capsule_is_named_where_a_model_is_due(self):
        capsule, suite = self.dir / "b.qbase", self.items()
        support.run_ok("baseline", self.base, "--suite", suite, "-o", capsule)
        for line in (["doctor", capsule], ["compare", self.base, capsule, "--suite", suite, "-o", self.dir / "out"],
                     ["tokenize", capsule, "--text", "a"], ["quantize", capsule, self.dir / "q.gguf", "--type", "Q8_0"]):
            err = self.refused(*line)
            self.assertIn("b.qbase: a baseline capsule (of base.gguf, 1 items), not a model", err)
            self.assertIn("BASE of qslip compare", err)

    def test_safetensors_and_folders_are_named_with_a_way_out(self):
        header = b'{"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'
        file = self.write("model.safetensors", len(header).to_bytes(8, "little") + header + b"\0\0")
        for path in (file, self.dir):
            self.assertIn("convert_hf_to_gguf.py", self.refused("doctor", path))
        self.assertIn("model.safetensors: a safetensors file", self.refused("doctor", file))
        self.assertIn("a folder", self.refused("doctor", self.dir))

    def test_a_value_glued_to_o_is_refused(self):
        err = self.refused("compare", self.base, self.cand, "--suite", self.items(), "-out", "out")
        self.assertIn("option -out: write --out", err)
        self.assertFalse((self.dir / "out").exists())

    def test_text_file_is_the_name_and_text_still_works(self):
        text = self.write("text.txt", "hello, hello, hello, hello, hello")
        for verb in (["compare", self.base, self.cand], ["baseline", self.base]):
            for i, option in enumerate(("--text-file", "--text")):
                code, _, err = qslip(*verb, option, text, "--window", "8", "-o", self.dir / f"{verb[0]}{i}")
                self.assertEqual(code, 0, err)

    def test_a_flag_that_would_do_nothing_is_unknown(self):
        self.assertIn("unknown option --seed", self.refused("doctor", self.base, "--seed", "1"))
        self.assertIn("unknown option --threads", self.refused("tokenize", self.base, "--text", "a", "--threads", "1"))

    def test_limits_name_the_nearest(self):
        limits = self.write("limits.json", '{"model_byte": 1}')
        self.assertIn('limits.json: no limit is called "model_byte"; did you mean model_bytes?',
                      self.refused("doctor", self.base, "--limits", limits))


if __name__ == "__main__":
    support.main()
