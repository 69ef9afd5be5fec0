"""What the modes cost in accuracy, beside llama.cpp: mean KL from F32 of A16, A8 and of the rival's own pass.

Needs QSLIP_MODEL, QSLIP_RIVAL (source) and QSLIP_RIVAL_BIN (built libraries), NumPy. Builds two small programs in a
scratch folder. Checks: A16 <= 1e-6 nats and no flip where the margin exceeds 1e-2; A8 a row's product within 1e-6 of
ggml's; KL(F32 || A8) within 15 % of KL(F32 || rival) and KL(A8 || rival) at most twice KL(F32 || A8).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e"))
import support

here = pathlib.Path(__file__).resolve().parent
rival, rival_bin = pathlib.Path(os.environ["QSLIP_RIVAL"]), pathlib.Path(os.environ["QSLIP_RIVAL_BIN"])
n_windows, window = int(os.environ.get("QSLIP_WINDOWS", 8)), 512
licenses = pathlib.Path("/usr/share/common-licenses")
threads = str(os.cpu_count())


def build(folder, source, *extra):
    program = folder / pathlib.Path(source).stem
    subprocess.run(["g++", "-std=c++20", "-O2", "-ffp-contract=off", str(here / source), "-o", str(program),
                    f"-I{rival}/include", f"-I{rival}/ggml/include", *extra, f"-L{rival_bin}",
                    f"-Wl,-rpath,{rival_bin}"], check=True)
    return program


def windows():
    text = "".join((licenses / n).read_text() for n in ("GPL-3", "Apache-2.0", "MPL-2.0"))
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        ids = json.loads(support.run_ok("tokenize", support.model, "--file", file.name))
    return [ids[i * window:(i + 1) * window] for i in range(min(n_windows, len(ids) // window))]


def log_softmax(x):
    x = x.astype(np.float64)
    x -= x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


class tally:
    """KL(first || second) over positions, flips by margin of the first."""

    def __init__(self):
        self.kl, self.flips, self.flips_with_margin = [], 0, 0

    def add(self, p, q):
        self.kl += list((np.exp(p) * (p - q)).sum(axis=-1))
        top = np.sort(p, axis=-1)[:, -2:]
        differ = p.argmax(axis=-1) != q.argmax(axis=-1)
        self.flips += int(differ.sum())
        self.flips_with_margin += int((differ & (top[:, 1] - top[:, 0] > 1e-2)).sum())

    def line(self, name):
        kl = np.array(self.kl)
        return (f"{name:24} mean {kl.mean():.3e}  p99 {np.quantile(kl, .99):.3e}  max {kl.max():.3e}  "
                f"flips {self.flips} ({self.flips_with_margin} with margin > 0.01) of {len(kl)}")

    def mean(self):
        return float(np.mean(self.kl))


def compare(folder, model):
    """Window by window: the logits of a whole text would not fit in memory four times."""
    program = build(folder, "rival_logits.cpp", "-lllama", "-lggml", "-lggml-base", "-lggml-cpu")
    pairs = {("f32", "a16"): tally(), ("f32", "a8"): tally(), ("f32", "rival"): tally(), ("a8", "rival"): tally()}
    for ids in windows():
        tokens = folder / "tokens.json"
        tokens.write_text(json.dumps([ids]))
        rows = {}
        for mode in ("f32", "a16", "a8"):
            support.run_ok("logits", model, "--tokens", tokens, "-o", folder / "out.npy", "--mode", mode)
            rows[mode] = log_softmax(np.load(folder / "out.npy"))
        subprocess.run([program, str(model), str(tokens), str(folder / "out.f32"), threads], check=True)
        rows["rival"] = log_softmax(np.fromfile(folder / "out.f32", np.float32).reshape(rows["f32"].shape))
        for (p, q), t in pairs.items():
            t.add(rows[p], rows[q])
    for (p, q), t in pairs.items():
        print(t.line(f"KL({p} || {q})"), flush=True)
    a16, a8, theirs, between = (pairs[k] for k in pairs)
    return [("A16 mean KL <= 1e-6", a16.mean() <= 1e-6), ("A16 flips no clear margin", a16.flips_with_margin == 0),
            ("A8 KL within 15 % of the rival's", abs(a8.mean() / theirs.mean() - 1) <= 0.15),
            ("KL(A8 || rival) <= 2 floors", between.mean() <= 2 * a8.mean())]


def main():
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        library = pathlib.Path(support.tool).parents[1] / "libqslip-cpp.a"
        program = build(folder, "rival_matmul.cpp", f"-I{support.root}/include", f"-I{support.root}/src", str(library),
                        "-lggml-cpu", "-lggml-base", "-lsimdjson", "-lpcre2-8", "-lutf8proc", "-lpugixml", "-lidn2")
        results.append(("A8 products within 1e-6 of ggml's", subprocess.run([program]).returncode == 0))
        for dtype in os.environ.get("QSLIP_TYPES", "Q8_0 Q4_1").split():
            model = support.model if dtype == "Q4_1" else support.twin(dtype)
            print(f"{dtype}: {model.name if hasattr(model, 'name') else pathlib.Path(model).name}")
            results += [(f"{dtype}: {what}", good) for what, good in compare(folder, model)]
    for what, good in results:
        print(("ok      " if good else "FAILED  ") + what)
    bad = sum(not good for _, good in results)
    print(f"{len(results) - bad} passed, {bad} failed, 0 skipped")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
