"""Totals of one step's log: `totals.py LOG EXIT_CODE` prints `passed failed skipped`.

Counts ctest's summary, `N passed, N failed[, N skipped]` lines and `SKIPPED:` lines. A log without
totals counts as one check, judged by the exit code; a failing exit code never counts as green.
"""
import re
import sys

text = open(sys.argv[1], errors="replace").read()
exit_code = int(sys.argv[2])
passed = failed = skipped = 0
for bad, total in re.findall(r"tests passed, (\d+) tests? failed out of (\d+)", text):
    passed += int(total) - int(bad)
    failed += int(bad)
for good, bad, _, missing in re.findall(r"^(\d+) passed, (\d+) failed(, (\d+) skipped)?$", text, re.M):
    passed, failed, skipped = passed + int(good), failed + int(bad), skipped + int(missing or 0)
skipped += len(set(re.findall(r"^(?:\d+: )?\s*SKIPPED:.*$", text, re.M)))
if passed + failed + skipped == 0:
    passed = int(exit_code == 0)
if exit_code != 0 and failed == 0:
    failed = 1
print(passed, failed, skipped)
