"""What a comparison costs as the work grows: 1x, 4x and 16x sequences, one and two candidates, a later candidate
from a capsule, peak memory. CPU seconds (user and system, which a busy machine disturbs least) and wall seconds:
medians of interleaved runs. Needs QSLIP_MODEL; QSLIP_RUNS (3), QSLIP_WINDOWS (4), the windows of 256 of 1x."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support

runs, unit, window = int(os.environ.get("QSLIP_RUNS", 3)), int(os.environ.get("QSLIP_WINDOWS", 4)), 256
licenses = pathlib.Path("/usr/share/common-licenses")


def measured(*command):
    """(CPU seconds, wall seconds, peak MiB) of one process."""
    start = time.monotonic()
    process = subprocess.Popen([support.tool, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, error.decode()
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024


def texts(folder):
    """Texts of exactly 1, 4 and 16 units of windows."""
    ids = []
    for name in ("GPL-3", "Apache-2.0", "MPL-2.0", "LGPL-2.1", "GPL-2", "GFDL-1.3"):
        ids += json.loads(support.run_ok("tokenize", support.model, "--file", licenses / name))
    assert len(ids) > 16 * unit * window, "not enough text: lower QSLIP_WINDOWS"
    for k in (1, 4, 16):
        path = folder / f"{k}.txt"
        path.write_text(support.run_ok("tokenize", support.model, "--decode", "--text", json.dumps(ids[:k * unit * window + 8])))
        yield k, path


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    one, two = support.twin("Q4_0"), support.twin("Q8_0")
    jobs, text = {}, dict(texts(folder))
    common = lambda k: ["--text", text[k], "--window", window]
    out = ["-o", folder / "out"]
    for k in text:
        jobs[f"{k}x, one candidate"] = ["compare", support.model, one, *common(k), *out]
    jobs["4x, two candidates"] = ["compare", support.model, one, two, *common(4), *out]
    jobs["4x, the other candidate"] = ["compare", support.model, two, *common(4), *out]
    jobs["4x, baseline alone"] = ["baseline", support.model, *common(4), "-o", folder / "base.qbase"]
    jobs["4x, later candidate"] = ["compare", folder / "base.qbase", one, *common(4), *out]
    seen = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            seen[name].append(measured(*job))
    cpu, wall, peak = ({n: statistics.median(s[i] for s in all) for n, all in seen.items()} for i in range(3))
    print(f"{unit} windows of {window} tokens are 1x; {os.cpu_count()} threads; medians of {runs} interleaved runs")
    for name in jobs:
        print(f"{name:26} CPU {cpu[name]:7.2f} s   wall {wall[name]:7.2f} s   peak {peak[name]:6.0f} MiB")
    steps = [(cpu[f"{b}x, one candidate"] - cpu[f"{a}x, one candidate"]) / (b - a) for a, b in ((1, 4), (4, 16))]
    further = cpu["4x, two candidates"] - cpu["4x, one candidate"]
    later = cpu["4x, one candidate"] / cpu["4x, later candidate"]
    capsule = json.loads(support.run_ok("baseline", support.model, *common(1), "-o", folder / "one.qbase", "--json"))
    print(f"CPU s per further 1x: {steps[0]:.2f} from 1x to 4x, {steps[1]:.2f} from 4x to 16x (ratio {steps[1] / steps[0]:.2f})")
    print(f"a further candidate adds {further:.2f} CPU s; alone with the baseline it takes {cpu['4x, the other candidate']:.2f}")
    print(f"a later candidate from the capsule: {later:.2f} times less CPU than with the model")
    print(f"peak memory 16x over 1x: {peak['16x, one candidate'] / peak['1x, one candidate']:.3f}")
    print(f"capsule: {capsule['size_bytes'] / capsule['positions']:.0f} bytes a scored position")
    checks = {"linear": abs(steps[1] / steps[0] - 1) < 0.15,
              "a further candidate costs less than a run of its own": further < 0.8 * cpu["4x, the other candidate"],
              "peak memory": peak["16x, one candidate"] < 1.1 * peak["1x, one candidate"]}
    for what, holds in checks.items():
        print(f"{'ok' if holds else 'FAILED'}: {what}")
    print(f"{sum(checks.values())} passed, {len(checks) - sum(checks.values())} failed, 0 skipped")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
