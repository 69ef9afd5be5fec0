#!/bin/bash
# Every fuzz target for a while under ASan and UBSan: tests/fuzz/run.sh [seconds each].
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60} passed=0 failed=0
cmake --preset clang -B build/fuzz -DCMAKE_BUILD_TYPE=RelWithDebInfo -DQSLIP_BUILD_CAPI=OFF -DQSLIP_BUILD_TOOL=OFF \
    -DQSLIP_SANITIZE=fuzzer-no-link,address,undefined >/dev/null
python3 tests/fuzz/schema_seeds.py src/schema/keyword.inc build/fuzz/corpus ${QSLIP_SHARED:+"$QSLIP_SHARED/json-schema-test-suite"}
python3 tests/fuzz/qbase_seeds.py build/fuzz/corpus/qbase_fuzz
python3 tests/fuzz/chat_seeds.py tests/golden/chat_template_cases.json build/fuzz/corpus
for source in tests/fuzz/*_fuzz.cpp; do
    target=$(basename "$source" .cpp)
    cmake --build build/fuzz -j "$(nproc)" --target "$target"
    corpus=build/fuzz/corpus/$target
    mkdir -p "$corpus"
    dictionary=()
    case $target in
        schema_*) dictionary=(-dict=build/fuzz/corpus/schema.dict) ;;
        chat_*) dictionary=(-dict=build/fuzz/corpus/chat.dict) ;;
    esac
    if "build/fuzz/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        "${dictionary[@]}" -artifact_prefix=build/fuzz/ "$corpus"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
