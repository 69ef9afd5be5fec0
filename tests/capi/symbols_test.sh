#!/bin/sh
# symbols_test.sh LIBRARY LIST: the library exports what the list says and nothing else.
set -eu
nm -D --defined-only "$1" | sed 's/@.*//' | awk '$2 == "T" {print $3} $2 != "T" && $2 != "A" {print $2, $3}' |
    LC_ALL=C sort | diff -u "$2" -
[ "$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = libqslip.so.1 ]
echo "$(wc -l < "$2") symbols, all known"
