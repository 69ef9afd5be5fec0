#!/bin/sh
# test.sh [BUILD_DIR]: the Rust tests against the moved prefix. Last line: "N passed, N failed, N skipped".
set -u
. "$(dirname "$0")/../prefix.sh"
if ! command -v cargo >/dev/null; then
    echo "SKIPPED: Rust binding because cargo is not installed"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
cd "$source/capi/rust" || exit 1
log=$build/packaging/rust.log
CARGO_TARGET_DIR=$build/packaging/cargo cargo test --offline --workspace -- --nocapture >"$log" 2>&1
code=$?
cat "$log"
sum() { sed -n "s/^test result:.* \([0-9]*\) $1;.*/\1/p" "$log" | awk '{n += $1} END {print n + 0}'; }
passed=$(sum passed) failed=$(sum failed)
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $(grep -c 'SKIPPED: ' "$log") skipped"
exit "$code"
