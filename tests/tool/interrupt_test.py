"""An interrupted comparison says so, and the same line continues it."""
import re
import signal
import subprocess
import time

import support
from tiny import tiny_case


n_items = 2000  # seconds of work


class interrupted(tiny_case):
    def start(self, *line):
        return subprocess.Popen([support.tool, *map(str, line)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def interrupt_after_some_work(self, line, journal):
        """Its exit code and stderr; the signal is sent when the journal holds more than its header."""
        process = self.start(*line)
        while process.poll() is None and not (journal.exists() and journal.stat().st_size > 20_000):
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        return process.returncode, err

    def check(self, line, journal, items):
        code, err = self.interrupt_after_some_work(line, journal)
        self.assertEqual(code, -signal.SIGINT, err)
        self.assertRegex(err, r"interrupted at \d+ %: the same line continues\n$")
        code, _, err = support.qslip(*line)
        self.assertIn(code, (0, 1, 3))
        done = re.search(rf"^note: ([\d,]+) of {items} items were done by an earlier run$", err, re.MULTILINE)
        self.assertTrue(done, err)
        self.assertFalse(journal.exists())
        return err

    def test_compare(self):
        suite, out = self.items(n_items, max_tokens=60), self.dir / "out"
        err = self.check(["compare", self.base, self.cand, "--suite", suite, "-o", out, "--threads", "1"],
                         out / "unfinished.qrun", f"{n_items:,}")
        self.assertNotIn("note: both", err.split("items were done")[0])

    def test_baseline(self):
        capsule = self.dir / "b.qbase"
        self.check(["baseline", self.base, "--suite", self.items(n_items, max_tokens=60), "-o", capsule, "--threads", "1"],
                   self.dir / "b.qbase.part", f"{n_items:,}")


if __name__ == "__main__":
    support.main()
