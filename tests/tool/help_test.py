"""Help, manual page and completion say the same as the parser does."""
import re
import shlex
import subprocess
import unittest

import support
from support import qslip, run_ok

verbs = ["compare", "baseline", "report", "inspect", "doctor", "quantize", "generate", "tokenize", "logits", "schema check",
         "schema complexity", "bench", "help"]


def options_of(verb):
    return set(re.findall(r"(?<=[ ,])--[a-z-]+", run_ok("help", *verb.split()).split("Examples:")[0]))


class help_texts(support.scratch_case):
    def test_help_is_a_verb_and_equals_the_flag(self):
        self.assertEqual(run_ok("help"), run_ok("--help"))
        for verb in verbs:
            self.assertEqual(run_ok("help", *verb.split()).splitlines()[2:],
                             run_ok(*verb.split(), "--help").splitlines()[2:], verb)

    def test_the_verbs_are_all_of_them(self):
        listed = set(re.findall(r"^  ([a-z]+)  ", run_ok("help").split("Verbs:")[1], re.MULTILINE))
        self.assertEqual(listed, {verb.split()[0] for verb in verbs})

    def test_an_unknown_verb_gets_the_nearest(self):
        code, _, err = qslip("help", "compar")
        self.assertEqual(code, 2)
        self.assertIn("unknown verb compar; did you mean compare?", err)

    def test_defaults_are_shown(self):
        for verb, default in (("compare", "a sequence of its own (default 512)"), ("compare", "(default auto)"),
                              ("generate", "tokens at most (default 128)"), ("logits", "(default one per core)"),
                              ("quantize", "(default rtn)")):
            self.assertIn(default, run_ok("help", verb))

    def test_each_argument_says_what_it_is(self):
        for verb in verbs:
            for line in run_ok("help", *verb.split()).split("Examples:")[0].splitlines():
                if line.startswith("  "):
                    self.assertRegex(line, r"^  \S.*  +\S", verb)

    def test_each_verb_has_two_examples_that_are_understood(self):
        for verb in verbs:
            examples = run_ok("help", *verb.split()).split("Examples:\n")[1].strip().splitlines()
            self.assertGreaterEqual(len(examples), 2, verb)
            for example in examples:
                words = shlex.split(example.split("|")[0])
                self.assertEqual(words[0], "qslip")
                if words[1:] == ["bench"]:
                    continue  # a benchmark of the machine
                _, _, err = qslip(*words[1:], cwd=self.dir)
                self.assertNotRegex(err, "unknown|required|must be|give ", example)

    def test_a_file_named_like_a_verb_is_a_file(self):
        self.assertIn("schema: no such file", qslip("doctor", "schema", cwd=self.dir)[2])


class generated_pages(unittest.TestCase):
    def test_the_manual_has_each_verb_with_each_option(self):
        page = run_ok("help", "--man").replace("\\-", "-")
        self.assertTrue(page.startswith(".TH QSLIP 1"))
        for verb in verbs:
            section = re.search(rf"^\.SS qslip {verb}[ \n].*?(?=^\.S[SH])", page, re.MULTILINE | re.DOTALL)[0]
            for option in options_of(verb):
                self.assertIn(option, section, verb)

    def complete(self, *words):
        script = run_ok("help", "--completion", "bash") + """
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qslip; echo "${COMPREPLY[@]}" """
        done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
        return done.stdout.split()

    def test_bash_completes_verbs_options_and_leaves_files(self):
        self.assertEqual(self.complete("qslip", "com"), ["compare"])
        self.assertEqual(self.complete("qslip", "compare", "a.gguf", "--sui"), ["--suite"])
        self.assertEqual(self.complete("qslip", "schema", "c"), ["check", "complexity"])
        self.assertEqual(self.complete("qslip", "schema", "check", "--ref"), ["--ref-base"])
        self.assertEqual(self.complete("qslip", "doctor", ""), [])
        for verb in verbs:
            self.assertEqual(set(self.complete("qslip", *verb.split(), "--")), options_of(verb), verb)

    def test_other_shells_are_refused(self):
        self.assertIn("bash only", qslip("help", "--completion", "fish")[2])


if __name__ == "__main__":
    support.main()
