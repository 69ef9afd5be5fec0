"""The whole comparison flow beside llama.cpp's two-step flow, on the same text and windows.

Theirs: llama-perplexity writes the baseline's log-probabilities to a file, then a second run reads them
(--kl-divergence); it scores half of each window. Ours: one `qslip compare --text`, of the same half and of all
positions, and a later candidate beside a capsule of the baseline: base in F32 and candidate in A16 or A8, and both in
A8, which is their arithmetic of both. Medians of interleaved runs and of their ratios, wall and CPU time (CPU time
holds on a busy machine too), peak memory, bytes written. Needs QSLIP_MODEL, QSLIP_RIVAL_BIN; QSLIP_RUNS (3). Asserts only that the mean KL agree.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support

runs, window, tolerance = int(os.environ.get("QSLIP_RUNS", 3)), 512, 0.04
rival = pathlib.Path(os.environ["QSLIP_RIVAL_BIN"])
licenses = pathlib.Path("/usr/share/common-licenses")


def timed(*command):
    """(exit code, (wall s, CPU s), peak MiB, stdout and stderr) of one process."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    times = seconds, usage.ru_utime + usage.ru_stime
    return os.waitstatus_to_exitcode(status), times, usage.ru_maxrss / 1024, text


def positions_and_mean(folder):
    result, = json.loads((folder / "result.json").read_text())["candidates"]
    whole = next(s for s in result["slices"] if s["name"] == "all")
    return whole["positions"], whole["metrics"]["kl_fwd_nats"]["mean"]


def main():
    scratch = tempfile.TemporaryDirectory()  # 0.5 GB of their log-probabilities; gone with this object
    folder = pathlib.Path(scratch.name)
    text = folder / "text.txt"
    text.write_text("".join((licenses / n).read_text() for n in ("GPL-3", "Apache-2.0", "MPL-2.0"))[:45000])
    candidate, their_file = support.twin("Q4_0"), folder / "base.kld"
    capsules = {(part, mode): folder / f"{part}-{mode}.qbase" for part in ("half", "all") for mode in ("f32", "a8")}
    later_modes = {"A16": ("f32", "a16"), "A8": ("f32", "a8"), "A8, base A8": ("a8", "a8")}  # base, candidate
    threads = os.cpu_count()
    theirs = ["-f", text, "-c", window, "-t", threads, "--kl-divergence-base", their_file]
    ours = ["--text", text, "--window", window, "--threads", threads, "-o"]
    jobs = {
        "llama.cpp, base": [rival / "llama-perplexity", "-m", support.model, *theirs],
        "llama.cpp, candidate": [rival / "llama-perplexity", "-m", candidate, *theirs, "--kl-divergence"],
    }
    for part, how in (("half", ["--score", "second-half"]), ("all", [])):
        jobs[f"qslip, {part}"] = [support.tool, "compare", support.model, candidate, *ours, folder / part, *how]
        for mode in ("f32", "a8"):
            jobs[f"qslip, base {mode.upper()}, {part}"] = [support.tool, "baseline", support.model, *ours,
                                                           capsules[part, mode], *how, "--mode-base", mode]
        for name, (base_mode, mode) in later_modes.items():
            jobs[f"qslip, later {name}, {part}"] = [support.tool, "compare", capsules[part, base_mode], candidate, *ours,
                                                    folder / "later", *how, "--mode-base", base_mode, "--mode", mode]
    seen, texts = {name: [] for name in jobs}, {}
    for _ in range(runs):
        for path in capsules.values():
            path.unlink(missing_ok=True)
        for name, command in jobs.items():
            code, times, mib, texts[name] = timed(*command)
            assert code == 0, texts[name][-800:]
            seen[name].append((*times, mib))
    half, mean = positions_and_mean(folder / "half")
    whole, _ = positions_and_mean(folder / "all")
    print(f"{threads} threads, windows of {window}; scored positions: {half} by them, {half} or {whole} by us; medians of {runs}")
    for name, runs_seen in seen.items():
        wall, cpu, mib = (statistics.median(column) for column in zip(*runs_seen))
        print(f"{name:30} wall {wall:6.2f} s   CPU {cpu:6.2f} s   peak {mib:5.0f} MiB")

    def show(what, their_jobs, our_job, per=1.0):
        ratios = [[per * sum(seen[t][i][clock] for t in their_jobs) / seen[our_job][i][clock] for i in range(runs)]
                  for clock in (0, 1)]
        print(f"{what:56} theirs/ours: wall {statistics.median(ratios[0]):.2f} "
              f"({min(ratios[0]):.2f} to {max(ratios[0]):.2f}), CPU {statistics.median(ratios[1]):.2f}")

    both, later, more = ["llama.cpp, base", "llama.cpp, candidate"], ["llama.cpp, candidate"], whole / half
    show("comparison, per forward token", both, "qslip, half")
    show("comparison, per scored position", both, "qslip, all", more)
    for name in later_modes:
        show(f"later candidate {name}, per forward token", later, f"qslip, later {name}, half")
        show(f"later candidate {name}, per scored position", later, f"qslip, later {name}, all", more)
    sizes = capsules["all", "f32"].stat().st_size / whole, their_file.stat().st_size / half
    print(f"bytes a scored position: capsule {sizes[0]:.0f}, llama.cpp's file {sizes[1]:.0f} ({sizes[1] / sizes[0]:.1f} times)")
    their_mean = float(re.search(r"Mean\s+KLD:\s+([0-9.eE+-]+)", texts["llama.cpp, candidate"])[1])
    print(f"mean KL nats: qslip {mean:.6f}, llama.cpp {their_mean:.6f}, ratio {mean / their_mean:.4f}")
    same = abs(mean / their_mean - 1) <= tolerance
    print(f"{int(same)} passed, {int(not same)} failed, 0 skipped")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
