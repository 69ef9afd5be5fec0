"""The starter suite is what its README says, whatever the seed. Standard library only."""
import collections
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
suite_folder = root / "examples/suite"
sys.path.insert(0, str(suite_folder))
sys.path.insert(0, str(root / "tests/support"))
sys.dont_write_bytecode = True
import damage_digits
import generate
import structured_items
import words

SEEDS = (1, 2, 3, 4, 5)
STRUCTURED = set(structured_items.MAKERS)
INFO = {"long_context", "requests_benign", "requests_borderline", "requests_unsafe", "text"}


def written(seed):
    done = subprocess.run([sys.executable, suite_folder / "generate.py", "--seed", str(seed)], check=True,
                          stdout=subprocess.PIPE)
    return done.stdout


def by_slice(items):
    table = collections.defaultdict(list)
    for item in items:
        table[item["slice"]].append(item)
    return table


class starter_suite(unittest.TestCase):
    def test_bytes_follow_from_the_seed(self):
        first = written(1)
        self.assertEqual(first, written(1))
        self.assertNotEqual(first, written(2))
        self.assertTrue(first.isascii())

    def test_items_are_distinct(self):
        for seed in SEEDS:
            items = list(generate.suite(seed))
            self.assertEqual(len(items), len({i["id"] for i in items}))
            for name, rows in by_slice(items).items():
                asked = {i.get("prompt", i.get("text", json.dumps(i.get("messages")))) for i in rows}
                self.assertEqual(len(rows), len(asked), name)

    def test_deciding_slices_have_200_items_with_short_answers(self):
        for seed in SEEDS:
            slices = by_slice(generate.suite(seed))
            self.assertEqual(set(slices), set(generate.MAKERS) | STRUCTURED | INFO)
            for name in generate.MAKERS:
                self.assertGreaterEqual(len(slices[name]), 200, name)
                for item in slices[name]:
                    self.assertLessEqual(item["max_tokens"], 8)
                    self.assertIn("task", item)

    def test_clusters_are_enough_and_even(self):
        for name, rows in by_slice(generate.suite(1)).items():
            sizes = collections.Counter(i.get("cluster", i["id"]) for i in rows).values()
            if name in generate.MAKERS:
                self.assertGreaterEqual(len(rows) ** 2 / sum(n * n for n in sizes), 60, name)

    def test_language_slices_hold_no_digit(self):
        languages = set(words.LANGUAGES) | {"english"}
        for seed in SEEDS:
            for item in generate.suite(seed):
                if item["slice"] in languages or item["slice"] == "text":
                    self.assertIsNone(re.search("[0-9]", item.get("prompt", "") + item.get("text", "")), item["id"])

    def test_number_slices_ask_for_digits(self):
        for item in generate.suite(1):
            if item["slice"] in ("arithmetic", "number_sequence", "number_copy"):
                self.assertRegex(str(item["task"]["answer"]), "^[0-9]+$")
        for item in generate.decided(1, "arithmetic", generate.GATED):
            a, sign, b = re.search(r"(\d+) ([-+]) (\d+) =$", item["prompt"]).groups()
            self.assertEqual(item["task"]["answer"], int(a) + int(b) * (1 if sign == "+" else -1))

    def test_long_context_has_the_fact_first_and_40_questions(self):
        for seed in SEEDS:
            rows = by_slice(generate.suite(seed))["long_context"]
            self.assertEqual(len(rows), 40)
            for item in rows:
                thing = re.search(r"\nThe secret word of the (\w+) is$", item["prompt"])[1]
                fact = re.search(rf"The secret word of the {thing} is (\w+)\.", item["prompt"])
                self.assertLess(fact.end(), 200)
                self.assertRegex(f" {fact[1]}", item["task"]["pattern"])
                self.assertNotIn(fact[1], item["prompt"][fact.end():])
            lengths = sorted(len(i["prompt"].split()) for i in rows)
            self.assertTrue(750 < lengths[0] < lengths[31] < 900 and 2300 < lengths[32] < lengths[39] < 2500, lengths)

    def test_registry_decides_what_the_suite_holds(self):
        registry = json.loads((suite_folder / "registry.json").read_text())
        self.assertEqual(set(registry["slices"]["tasks"]["tags"]), set(generate.MAKERS))
        self.assertEqual(set(registry["slices"]["structured"]["tags"]), STRUCTURED)
        roles = collections.Counter(cell["role"] for cell in registry["cells"])
        self.assertEqual(roles["gate"], 2)
        tiers = {f"json/S{i}" for i in range(4)}
        known = set(generate.MAKERS) | STRUCTURED | INFO | set(registry["slices"]) | tiers | {"*", "all"}
        for cell in registry["cells"]:
            self.assertIn(cell["slice"], known)

    def test_structured_slices_have_80_chat_items_whose_values_fit_their_schema(self):
        for seed in SEEDS:
            for name in STRUCTURED:
                rows = list(generate.structured(seed, name))
                self.assertGreaterEqual(sum(i["task"].get("call", True) for i in rows), 80, name)
                for item in rows:
                    self.assertLessEqual(item["max_tokens"], 60)
                    self.assertEqual(item["messages"][-1]["role"], "user")
                    for message in item["messages"]:
                        if message["role"] == "assistant":
                            json.loads(message["content"])

    def test_examples_do_not_give_the_answer_away(self):
        for name in STRUCTURED:
            for item in generate.structured(1, name):
                wanted = item["task"].get("required_values")
                for message in item["messages"]:
                    if message["role"] == "assistant" and wanted:
                        self.assertNotEqual(json.loads(message["content"]), wanted)

    def test_sources_are_ascii(self):
        for path in suite_folder.glob("*.py"):
            self.assertTrue(path.read_bytes().isascii(), path)


class planted_damage(unittest.TestCase):
    """tests/support/damage_digits.py touches the rows of digits, and those only."""

    @staticmethod
    def tiny_gguf(tokens, rows):
        def string(text):
            return struct.pack("<Q", len(text)) + text
        head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + string(b"tokenizer.ggml.tokens")
        head += struct.pack("<IIQ", 9, 8, len(tokens)) + b"".join(map(string, tokens))
        head += string(b"token_embd.weight") + struct.pack("<IQQIQ", 2, 32, len(tokens), 8, 0)
        return head + bytes(-len(head) % 32) + b"".join(struct.pack("<e32b", 0.5, *row) for row in rows)

    def test_only_digit_rows_change(self):
        tokens = [b"a", b"7", b"77", b"\xc4\xa03", b"\xc2\xb2"]
        rows = [[(7 * r + 5 * i) % 255 - 127 for i in range(32)] for r in range(5)]
        data = self.tiny_gguf(tokens, rows)
        with tempfile.TemporaryDirectory() as folder:
            source, target = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
            source.write_bytes(data)
            subprocess.run([sys.executable, damage_digits.__file__, source, target], check=True, stdout=subprocess.DEVNULL)
            damaged = target.read_bytes()
        start = len(data) - 5 * 34
        self.assertEqual(damaged[:start], data[:start])
        for r in range(5):
            old, new = data[start + 34 * r:start + 34 * (r + 1)], damaged[start + 34 * r:start + 34 * (r + 1)]
            if r not in (1, 3):
                self.assertEqual(old, new)
                continue
            scale, *levels = struct.unpack("<e32b", new)
            self.assertLessEqual(set(levels), {-2, -1, 0, 1})
            for before, level in zip(rows[r], levels):
                self.assertLessEqual(abs(0.5 * before - scale * level), abs(scale) * 1.001)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed, 0 skipped", flush=True)
    raise SystemExit(bad > 0)
