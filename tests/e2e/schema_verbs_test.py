"""qslip schema check and complexity: exit codes, output, and that --ref-base reads below its folder only."""
import json
import os

import support
from support import qslip

base = "http://example.org/s"


class schema_verbs(support.scratch_case):
    def check(self, schema, *instances, options=()):
        """(exit code, the instances' answers or None, stderr) for instances given as JSON text."""
        files = [self.write(f"instance{i}.json", text) for i, text in enumerate(instances)]
        code, out, err = qslip("schema", "check", self.write("schema.json", schema), *files, "--json", *options)
        document = json.loads(out)
        return code, None if "error" in document else document, err

    def refers_to(self, uri, *options):
        return self.check(json.dumps({"$ref": uri}), "1", options=[*options])

    def served(self):
        folder = self.dir / "served"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.json").write_text('{"type":"string"}')
        (folder / "sub" / "b c.json").write_text('{"$ref":"../a.json"}')
        return folder

    def test_all_valid_is_0(self):
        code, answers, err = self.check('{"type":"object"}', "{}", '{"a":1}')
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([(a["valid"], a["errors"]) for a in answers], [(True, []), (True, [])])

    def test_one_invalid_is_1_and_every_fault_is_located(self):
        code, answers, _ = self.check('{"properties":{"a":{"items":{"type":"string"}}},"required":["b"]}', "{}",
                                      '{"a":["x",1,2],"b":0}', '{"b":0}')
        self.assertEqual(code, 1)
        self.assertEqual([a["valid"] for a in answers], [False, False, True])
        self.assertEqual([a["instance"].endswith(f"instance{i}.json") for i, a in enumerate(answers)], [True] * 3)
        first, second = answers[1]["errors"]
        self.assertEqual((first["instance_location"], second["instance_location"]), ("/a/1", "/a/2"))
        self.assertEqual(first["keyword_location"], "/properties/a/items/type")
        self.assertEqual((first["schema_location"], first["keyword"]), ("#/properties/a/items/type", "type"))
        self.assertTrue(first["message"])
        self.assertEqual(answers[0]["errors"][0]["keyword"], "required")

    def test_text_output(self):
        schema = self.write("schema.json", '{"required":["b"]}')
        good, bad = self.write("good.json", '{"b":1}'), self.write("bad.json", "{}")
        code, out, err = qslip("schema", "check", schema, good, bad)
        self.assertEqual((code, err), (1, ""))
        lines = out.splitlines()
        self.assertEqual(lines[:2], [f"{good}: valid", f"{bad}: invalid"])
        self.assertIn('member "b" is missing (#/required)', lines[2])

    def test_no_answer_is_2_and_the_others_are_answered(self):
        code, answers, _ = self.check("true", "{}", '{"a":', '{"a":1,"a":2}', '"\\ud800"', b'"\xff"')
        self.assertEqual(code, 2)
        self.assertEqual([a["valid"] for a in answers][:3], [True, None, None])
        self.assertIn("instance1.json", answers[1]["reason"])
        self.assertIn("UTF-8", answers[4]["reason"])
        missing = self.dir / "none.json"
        code, out, err = qslip("schema", "check", self.dir / "schema.json", self.dir / "instance0.json", missing)
        self.assertEqual((code, out), (2, f"{self.dir}/instance0.json: valid\n"))
        self.assertIn(f"{missing}: no such file", err)

    def test_a_schema_without_answer_is_2_and_has_no_answers(self):
        for schema, word in (('{"type":"strin"}', "type"), ('{"$ref":"#"}', "loop"), ("{", "byte"),
                             ('{"pattern":"("}', "pattern"), ('{"$schema":"http://example.org/none"}', "dialect")):
            code, answers, err = self.check(schema, "1")
            self.assertEqual((code, answers), (2, None), err)
            self.assertIn("schema.json", err)
            self.assertIn(word, err)

    def test_budget_is_2(self):
        limits = self.write("limits.json", '{"schema_steps": 1000}')
        code, answers, _ = self.check('{"items":{"type":"integer"}}', json.dumps(list(range(5000))),
                                      options=["--limits", limits])
        self.assertEqual((code, answers[0]["valid"]), (2, None))

    def test_forged_text_stays_on_one_line(self):
        schema = self.write("schema.json", '{"additionalProperties":false}')
        instance = self.write("i.json", '{"\\u001b[31m\\nvalid":1}')
        code, out, _ = qslip("schema", "check", schema, instance)
        self.assertEqual(code, 1)
        self.assertNotIn("\x1b", out)
        self.assertEqual(len(out.splitlines()), 2)

    def test_references_are_served_below_their_base(self):
        folder = self.served()
        option = ["--ref-base", f"{base}={folder}"]
        for uri in (f"{base}/a.json", f"{base}/sub/b%20c.json"):
            code, answers, err = self.refers_to(uri, *option)
            self.assertEqual(code, 1, err)
            self.assertTrue(answers[0]["errors"][0]["schema_location"].startswith(f"{base}/a.json#"))
        other = self.dir / "other"
        other.mkdir()
        (other / "a.json").write_text('{"type":"integer"}')
        longest = [*option, "--ref-base", f"{base}/sub/={other}"]
        self.assertEqual(self.refers_to(f"{base}/sub/a.json", *longest)[0], 0)

    def test_nothing_else_is_read(self):
        folder = self.served()
        secret = self.write("secret.json", "true")
        os.symlink(secret, folder / "link.json")
        os.symlink(self.dir, folder / "linked")
        os.mkfifo(folder / "pipe.json")
        escapes = ["link.json", "linked/secret.json", "../secret.json", "%2e%2e/secret.json", "..%2fsecret.json",
                   "sub/../../secret.json", "sub/%2e./../secret.json", str(secret), f"%2f{secret}", "a.json%00", "sub", "",
                   "sub/", "/a.json", "pipe.json", "./a.json%2f..", "a.json?x"]
        for name in escapes:
            code, answers, err = self.refers_to(f"{base}/{name}", "--ref-base", f"{base}={folder}")
            self.assertEqual((code, answers), (2, None), name)
            self.assertIn("cannot be resolved", err, name)
        for uri in (f"{base}x/a.json", f"file://{secret}", str(secret), "secret.json", "http://example.org/a.json"):
            self.assertEqual(self.refers_to(uri, "--ref-base", f"{base}={folder}")[0], 2, uri)
        self.assertEqual(self.refers_to(f"{base}/a.json")[0], 2)

    def test_assert_format(self):
        schema = '{"format":"date"}'
        self.assertEqual(self.check(schema, '"2021-02-29"')[0], 0)
        code, answers, _ = self.check(schema, '"2021-02-29"', '"2020-02-29"', options=["--assert-format"])
        self.assertEqual((code, [a["valid"] for a in answers]), (1, [False, True]))
        self.assertEqual(answers[0]["errors"][0]["keyword"], "format")

    def test_complexity(self):
        schema = self.write("schema.json", json.dumps({
            "type": "object", "required": ["a"], "additionalProperties": False,
            "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"type": "number"},
                           "c": {"type": "array", "items": {"$ref": f"{base}/a.json"}}}}))
        folder = self.served()
        code, out, err = qslip("schema", "complexity", schema, "--json", "--ref-base", f"{base}={folder}")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(json.loads(out), {
            "schema": str(schema), "points": 3 + 1 + 0.5 * 2 + 2 + 2, "tier": "S1", "depth": 2, "n_required": 1,
            "n_optional": 2, "n_arrays": 1, "n_arrays_of_objects": 0, "n_constraints": 2, "n_combinators": 0,
            "n_recursions": 0})
        code, out, _ = qslip("schema", "complexity", schema, "--ref-base", f"{base}={folder}")
        self.assertEqual((code, out.splitlines()[:2]), (0, [f"{schema}: tier S1, C = 9", "  depth 2"]))
        self.assertEqual(qslip("schema", "complexity", schema)[:2], (2, ""))

    def test_mistyped(self):
        self.assertEqual(self.refers_to("#", "--ref-base", "no-equals")[0], 2)
        for words, hint in ((["schema", "chek"], 'unknown verb chek for "schema"; did you mean check?'),
                            (["schema", "check", "a", "b", "--assert-formt"], "did you mean --assert-format?"),
                            (["schema", "check", "a"], "INSTANCE"), (["schema"], "verb")):
            code, out, err = qslip(*words)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(hint, err)


if __name__ == "__main__":
    support.main()
