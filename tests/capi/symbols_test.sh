#!/bin/sh
# symbols_test.sh LIBRARY LIST SONAME: the library exports what the list says and nothing else, under that name.
set -eu
nm -D --defined-only "$1" | sed 's/@.*//' | awk '$2 == "T" {print $3} $2 != "T" && $2 != "A" {print $2, $3}' |
    LC_ALL=C sort | diff -u "$2" -
[ "$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = "$3" ]
echo "$(wc -l < "$2") symbols, all known"
