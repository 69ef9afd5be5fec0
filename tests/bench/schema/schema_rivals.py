"""Our validator beside valijson, ajv and jsonschema-rs on real schemas: schema_rivals.py [CASE...].

From bytes to verdict, parsing included, formats as annotations; compiling is timed apart. All validators run in
one go: in every round each takes its turn on each case, in rotating order. Prints medians of the rounds and of the
rounds' ratios theirs/ours; a verdict that two or more do not share counts as wrong. `parse only` is simdjson's DOM
parse of the same bytes without any verdict: what of a ratio is left to a faster validator.
Times are CPU time of the thread (ajv: of the process), since other work on the machine must not count.
Environment: QSLIP_BUILD (build/release), QSLIP_CACHE (.cache), QSLIP_ROUNDS (7), QSLIP_SECONDS (0.1) per turn.
Needs libvalijson-dev, rapidjson-dev, npm; jsonschema-rs, orjson and PyYAML come by pip into the cache.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import venv

here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]
build = pathlib.Path(os.environ.get("QSLIP_BUILD", root / "build/release"))
cache = pathlib.Path(os.environ.get("QSLIP_CACHE", root / ".cache")) / "schema-rivals"
rounds, seconds = int(os.environ.get("QSLIP_ROUNDS", 7)), float(os.environ.get("QSLIP_SECONDS", 0.1))
python_packages = ["jsonschema-rs==0.60.3", "orjson==3.13.0", "pyyaml==6.0.3"]
parse_only = "parse only"
node_packages = ["ajv@8.20.0", "ajv-draft-04@1.0.0"]


def prepare():
    python = cache / "venv/bin/python"
    if not python.exists():
        venv.create(cache / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *python_packages], check=True)
    if not (cache / "node/node_modules/ajv").exists():
        (cache / "node").mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--no-save", *node_packages], check=True,
                       cwd=cache / "node")
    subprocess.run(["cmake", "--build", build, "--target", "schema_worker_qslip", "schema_worker_valijson",
                    "schema_worker_simdjson"], check=True,
                   stdout=subprocess.DEVNULL)
    if not (cache / "cases/metaschema-draft7").exists():
        subprocess.run([python, here / "schema_cases.py", cache], check=True)
    return {"qslip": [build / "tests/bench/schema/schema_worker_qslip"],
            parse_only: [build / "tests/bench/schema/schema_worker_simdjson"],
            "valijson": [build / "tests/bench/schema/schema_worker_valijson"],
            "ajv": ["node", here / "worker_ajv.js", cache / "node"],
            "jsonschema-rs": [python, here / "worker_jsonschema_rs.py"]}


class worker:
    """A validator's process; None for what it cannot do (it died on it)."""

    def __init__(self, command):
        self.command = [str(part) for part in command]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def ask(self, verb, case, for_seconds):
        self.process.stdin.write(f"{verb} {case} {for_seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line:
            ns, verdicts = line.split()
            return float(ns), verdicts
        print(f"    {verb} {case.name}: {self.process.stderr.read().strip()[-300:]}", flush=True)
        self.start()
        return None


def measure(case, workers, verb):
    """name -> (nanoseconds per round, verdicts); names that fail are left out."""
    names = [n for n in workers if verb == "validate" or n != parse_only]
    names = [n for n in names if workers[n].ask(verb, case, 0.01)]
    times, verdicts = {n: [] for n in names}, {}
    for turn in range(min(rounds, 3) if verb == "compile" else rounds):  # ajv compiles for seconds
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            ns, verdicts[name] = workers[name].ask(verb, case, seconds)
            times[name].append(ns)
    return times, verdicts


def show(name, times):
    cells = []
    for other, values in times.items():
        ratios = [theirs / ours for theirs, ours in zip(values, times["qslip"])]
        cells.append(f"{other} {statistics.median(values) / 1e3:10.2f} us" +
                     (f" x{statistics.median(ratios):7.2f}" if other != "qslip" else ""))
    print(f"{name:22} " + "   ".join(cells), flush=True)
    return {other: statistics.median(t / o for t, o in zip(values, times["qslip"])) for other, values in times.items()}


def main():
    workers = {name: worker(command) for name, command in prepare().items()}
    cases = sorted(p for p in (cache / "cases").iterdir() if not sys.argv[1:] or p.name in sys.argv[1:])
    n_wrong, ratios = 0, {"validate": {}, "compile": {}}
    for verb in ("validate", "compile"):
        print(f"-- {verb}: median of {min(rounds, 3) if verb == 'compile' else rounds} rounds of {seconds} s; xN: median ratio to qslip")
        for case in cases:
            times, verdicts = measure(case, workers, verb)
            if "qslip" not in times:
                n_wrong += 1
                continue
            for other, ratio in show(case.name, times).items():
                ratios[verb].setdefault(other, []).append(ratio)
            differing = [other for other, theirs in verdicts.items()
                         if other != parse_only and theirs != verdicts["qslip"]]
            for other in differing:
                print(f"    verdicts differ: qslip {verdicts['qslip']}, {other} {verdicts[other]}")
            n_wrong += len(differing) > 1  # one alone is that one's fault: the others agree with us
        for other, values in ratios[verb].items():
            if other != "qslip":
                print(f"{verb}: {other} / qslip over {len(values)} schemas: geometric mean {statistics.geometric_mean(values):.2f}, "
                      f"least {min(values):.2f}, most {max(values):.2f}")
    print(f"{len(cases) - n_wrong} passed, {n_wrong} failed, 0 skipped")


if __name__ == "__main__":
    main()
