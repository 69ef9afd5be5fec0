# Sourced by the bindings' test scripts: finds the installed and moved prefix that tests/packaging/run.sh
# leaves in a build folder ($1, default build/release), and a small model.
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$source/build/release}" && pwd)
prefix=$build/packaging/moved
library=$(dirname "$(find "$prefix" -name libqslip.so -print -quit 2>/dev/null)")
tiny=$build/packaging/tiny.gguf
if [ ! -e "$library/libqslip.so" ] || ! "$build/tests/capi/tiny_model" "$tiny"; then
    echo "no installed library in $prefix: run tests/packaging/run.sh first"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
export QSLIP_TINY="$tiny"
export PKG_CONFIG_PATH="$library/pkgconfig" LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
