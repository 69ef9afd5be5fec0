"""The whole comparison flow beside llama.cpp's two-step flow, on the same text and windows.

Theirs: llama-perplexity writes the baseline's log-probabilities to a file, then a second run reads them
(--kl-divergence). Ours: one `qslip compare --text`. Prints mean KL of both, wall and CPU time (medians of interleaved
runs and of their ratio; CPU time holds on a busy machine too), peak memory, bytes written. Needs QSLIP_MODEL, QSLIP_RIVAL_BIN. Asserts only the means.
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


def main():
    scratch = tempfile.TemporaryDirectory()  # 0.5 GB of their log-probabilities; gone with this object
    folder = pathlib.Path(scratch.name)
    text = folder / "text.txt"
    text.write_text("".join((licenses / n).read_text() for n in ("GPL-3", "Apache-2.0", "MPL-2.0"))[:45000])
    candidate = support.twin("Q4_0")
    threads = os.cpu_count()
    ours, theirs = [], []  # (wall s, CPU s) of each run
    for _ in range(runs):
        common = ["-f", text, "-c", window, "-t", threads, "--kl-divergence-base", folder / "base.kld"]
        code1, base_times, base_mib, out1 = timed(rival / "llama-perplexity", "-m", support.model, *common)
        code2, cand_times, cand_mib, out2 = timed(rival / "llama-perplexity", "-m", candidate, *common, "--kl-divergence")
        code3, our_times, our_mib, out3 = timed(support.tool, "compare", support.model, candidate, "--text", text, "--window",
                                           window, "--score", "second-half", "--threads", threads, "-o", folder / "out")
        assert (code1, code2, code3) == (0, 0, 0), out1[-800:] + out2[-800:] + out3[-800:]
        ours.append(our_times)
        theirs.append(tuple(map(sum, zip(base_times, cand_times))))
    whole = next(s for s in json.loads((folder / "out/result.json").read_text())["slices"] if s["name"] == "all")
    mean = whole["metrics"]["kl_fwd_nats"]["mean"]
    their_mean = float(re.search(r"Mean\s+KLD:\s+([0-9.eE+-]+)", out2)[1])
    written = sum(f.stat().st_size for f in (folder / "out").iterdir())
    print(f"{whole['clusters']} windows of {window}, {whole['positions']} scored positions, {threads} threads")
    print(f"mean KL nats: qslip {mean:.6f}, llama.cpp {their_mean:.6f}, ratio {mean / their_mean:.4f}")
    for i, clock in enumerate(("wall", "CPU")):
        ratios = [t[i] / o[i] for o, t in zip(ours, theirs)]
        print(f"{clock} s (median of {runs}): qslip {statistics.median(o[i] for o in ours):.1f}, "
              f"llama.cpp {statistics.median(t[i] for t in theirs):.1f}, ratio theirs/ours "
              f"{statistics.median(ratios):.2f} (all {', '.join(f'{r:.2f}' for r in ratios)})")
    print(f"peak MiB: qslip {our_mib:.0f}, llama.cpp {max(base_mib, cand_mib):.0f}; "
          f"bytes written: qslip {written:,}, llama.cpp {(folder / 'base.kld').stat().st_size:,}")
    same = abs(mean / their_mean - 1) <= tolerance
    print(f"{int(same)} passed, {int(not same)} failed, 0 skipped")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
