#!/bin/sh
# abi_test.sh LIBRARY DUMP [--update]: programs built against what DUMP describes run with LIBRARY.
# Additions are reported, removals and changes fail. --update writes the dump anew: when additions are published,
# or when breaking programs is meant.
set -eu
library=$1 dump=$2
readelf -S "$library" | grep -q '\.debug_info' || { echo "$library has no types: build it with -g"; exit 1; }
command -v abidiff >/dev/null || { echo "abidiff is missing: install the Debian package abigail-tools"; exit 1; }
if [ "${3:-}" = --update ]; then
    abidw --exported-interfaces-only --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed \
        --no-architecture --type-id-style hash --out-file "$dump" "$library"
    exit
fi
compare() { abidiff --exported-interfaces-only --no-architecture "$@" "$dump" "$library"; }
compare || true
compare --no-added-syms >/dev/null
echo "nothing that programs rely on has changed"
