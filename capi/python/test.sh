#!/bin/sh
# test.sh [BUILD_DIR]: the Python tests against the moved prefix. Last line: "N passed, N failed, N skipped".
set -u
. "$(dirname "$0")/../prefix.sh"
cd "$source/capi/python" || exit 1
export PYTHONDONTWRITEBYTECODE=1
log=$build/packaging/python.log
python3 -m unittest -v tests.test_qslip >"$log" 2>&1
code=$?
cat "$log"
passed=$(grep -c ' \.\.\. ok$' "$log")
failed=$(grep -cE ' \.\.\. (FAIL|ERROR)$' "$log")
skipped=$(grep -c '^SKIPPED:\|SKIPPED: ' "$log")
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
