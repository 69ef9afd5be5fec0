"""What the tool's tests share: cases with two tiny models in a folder of their own."""
import json
import os
import subprocess

import support


class tiny_case(support.scratch_case):
    def setUp(self):
        super().setUp()
        self.base, self.cand = self.model("base.gguf", 1), self.model("cand.gguf", 2)

    def model(self, name, seed):
        path = self.dir / name
        subprocess.run([os.environ["QSLIP_TINY_MODEL"], path, str(seed)], check=True)
        return path

    def items(self, n=1, max_tokens=4):
        return self.suite([{"id": f"i{i}", "slice": "s", "prompt": f"hello {i}", "max_tokens": max_tokens,
                            "task": {"type": "contains", "answer": "q"}} for i in range(n)])

    def refused(self, *args, code=2):
        """What the tool says on stderr when it refuses; stdout stays empty."""
        got, out, err = support.qslip(*args)
        self.assertEqual((got, out), (code, ""), err)
        return err

    def document(self, *args, codes=(0,)):
        """The one JSON document that the tool prints with --json."""
        code, out, err = support.qslip(*args, "--json")
        self.assertIn(code, codes, err)
        return json.loads(out)
