"""What the end-to-end tests share: the tool, the models, a scratch folder. Standard library only."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
tool = os.environ.get("QSLIP_TOOL", str(root / "build/release/src/tool/qslip"))
model = os.environ["QSLIP_MODEL"]
long = bool(os.environ.get("QSLIP_LONG"))
cache = pathlib.Path(os.environ.get("QSLIP_CACHE", root / ".cache"))


def qslip(*args, env=None, cwd=None):
    """Runs the tool; returns (exit code, stdout, stderr)."""
    done = subprocess.run([tool, *map(str, args)], capture_output=True, text=True, cwd=cwd,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def run_ok(*args, codes=(0,), env=None):
    code, out, err = qslip(*args, env=env)
    assert code in codes, f"exit {code}: qslip {' '.join(map(str, args))}\n{err}"
    return out


def twin(dtype):
    """The demo model in another weight type, made once."""
    path = cache / f"SmolLM2-135M-Instruct.{dtype}.gguf"
    if not path.exists():
        run_ok("quantize", model, path, "--type", dtype)
    return path


class scratch_case(unittest.TestCase):
    """A test case with an empty folder, removed afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def write(self, name, data):
        path = self.dir / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def suite(self, items, name="suite.jsonl"):
        return self.write(name, "".join(json.dumps(item) + "\n" for item in items))


def main():
    """Runs the module's tests; the last line is `N passed, N failed, N skipped`."""
    result = unittest.main(exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors)
    skips = len(result.skipped)
    for case, reason in result.skipped:
        print(f"SKIPPED: {case}: {reason}")
    print(f"{result.testsRun - bad - skips} passed, {bad} failed, {skips} skipped", flush=True)
    raise SystemExit(bad > 0)
