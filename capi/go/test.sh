#!/bin/sh
# test.sh [BUILD_DIR]: the Go tests against the moved prefix. Last line: "N passed, N failed, N skipped".
set -u
. "$(dirname "$0")/../prefix.sh"
if ! command -v go >/dev/null; then
    echo "SKIPPED: Go binding because go is not installed"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
cd "$source/capi/go" || exit 1
log=$build/packaging/go.log
{ go vet ./... && go test -count=1 -v ./...; } >"$log" 2>&1
code=$?
cat "$log"
passed=$(grep -c '^--- PASS' "$log") failed=$(grep -c '^--- FAIL' "$log")
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $(grep -c 'SKIPPED: ' "$log") skipped"
exit "$code"
