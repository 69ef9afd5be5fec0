"""The engine beside llama.cpp, interleaved: prefill of 512 tokens and decoding, per weight type and mode.

Ours computes the logits of every position, theirs of the last one. Per pair one run of each in turn; medians of the
ratio with a bootstrap interval. Needs QSLIP_MODEL, QSLIP_RIVAL_BIN; QSLIP_PAIRS pairs (11), QSLIP_ISA a tier to force,
QSLIP_ROWS some of the rows (Q8_0:a8,F16:f32). Another build or fork of theirs: QSLIP_RIVAL_NAME, and in
QSLIP_RIVAL_OPTIONS what its llama-bench is to be asked (-fa 0,1; ik_llama.cpp: -rtr 1), the best run of which counts.
Prints a Markdown table; asserts nothing, for no timing is a test.
"""
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e"))
import support

pairs = int(os.environ.get("QSLIP_PAIRS", 11))
threads = os.environ.get("QSLIP_THREADS", "2")
tier = os.environ.get("QSLIP_ISA", "")
bench = pathlib.Path(os.environ["QSLIP_RIVAL_BIN"]) / "llama-bench"
# rival's weight type, our mode, KL(F32 || mode) in nats as numerics.py prints it for this model
rows = [("Q8_0", "a8", "4e-3"), ("Q4_1", "a8", "4e-3"), ("Q4_0", "a8", "4e-3"), ("Q8_0", "a16", "8e-8"),
        ("F16", "f32", "0")]
if "QSLIP_ROWS" in os.environ:
    rows = [r for r in rows if f"{r[0]}:{r[1]}" in os.environ["QSLIP_ROWS"].split(",")]
rival_name, rival_options = os.environ.get("QSLIP_RIVAL_NAME", "llama.cpp"), os.environ.get("QSLIP_RIVAL_OPTIONS", "-fa 0,1")


def ours(model, mode):
    command = [support.tool, "bench", str(model), "--no-kernels", "--json", "--mode", mode, "--threads", threads]
    out = json.loads(subprocess.run(command + (["--isa", tier] if tier else []), check=True, capture_output=True).stdout)
    return out["isa"], out["models"][0]


def theirs(model):
    """The best of the settings, for each of the two figures."""
    out = subprocess.run([bench, "-m", str(model), "-t", threads, "-p", "512", "-n", "128", "-r", "3", "-o", "json",
                          *rival_options.split()], check=True, capture_output=True).stdout
    runs = json.loads(out)
    best = {}
    for run in runs:
        key = "prefill" if run["n_gen"] == 0 else "decode"
        best[key] = max(best.get(key, 0), run["avg_ts"])
    return best


def interval(ratios):
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[-51]


def steal_seconds():
    return int(open("/proc/stat").readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def main():
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    family = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("cpu family")), "?")
    print(f"{cpu}, family {family}, {threads} threads, {pairs} interleaved pairs, medians\n")
    print(f"| weights | mode | KL floor | what | qslip tok/s | {rival_name} tok/s | ratio | 95 % interval |")
    print("|---|---|---|---|---|---|---|---|")
    stolen = steal_seconds()
    for dtype, mode, floor in rows:
        model = support.model if dtype == "Q4_1" else support.twin(dtype)
        samples = []
        for _ in range(pairs):
            isa, our = ours(model, mode)
            samples.append((our, theirs(model)))
        for what, key, their_key in (("512 tokens, a sequence a thread", "sequences_tok_s", "prefill"),
                                     ("512 tokens, one sequence", "shared_tok_s", "prefill"),
                                     ("decode 128", "decode_tok_s", "decode")):
            ratios = [o[key] / t[their_key] for o, t in samples]
            low, high = interval(ratios)
            print(f"| {dtype} | {mode} {isa} | {floor} | {what} | {statistics.median(o[key] for o, _ in samples):.0f} | "
                  f"{statistics.median(t[their_key] for _, t in samples):.0f} | {statistics.median(ratios):.2f} | "
                  f"{low:.2f} to {high:.2f} |", flush=True)
    print(f"\nsteal time meanwhile: {steal_seconds() - stolen:.1f} s; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
