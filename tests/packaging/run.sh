#!/bin/sh
# run.sh [BUILD_DIR]: installs the built tree, moves it, and uses it in every way a consumer may.
# The moved prefix stays in BUILD_DIR/packaging/moved for the bindings' tests.
# Last line: "N passed, N failed, N skipped".
set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$source/build/release}" && pwd)
work=$build/packaging
here=$source/tests/packaging
passed=0 failed=0 skipped=0

# try NAME COMMAND...: one check; its output is shown when it fails.
try() {
    name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        tail -n 30 "$work/log"
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "SKIPPED: $1 because $2"
}

# consume FOLDER CMAKE_ARGUMENTS...: configures, builds, runs every program it made.
consume() {
    folder=$1
    shift
    rm -rf "$work/$folder/CMakeCache.txt"
    cmake -S "$here/$folder" -B "$work/$folder" -G Ninja $launcher "$@" &&
        cmake --build "$work/$folder" -j2 || return 1
    for program in consumer c_consumer; do
        [ ! -x "$work/$folder/$program" ] || "$work/$folder/$program" || return 1
    done
}

launcher='' ccache=''
if command -v ccache >/dev/null; then
    ccache=ccache
    launcher="-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache"
fi
mkdir -p "$work"
rm -rf "$work/first" "$work/moved"
try "install" cmake --install "$build" --prefix "$work/first"
mv "$work/first" "$work/moved"
prefix=$work/moved
library=$(dirname "$(find "$prefix" -name libqslip.so -print -quit)")
PKG_CONFIG_PATH=$library/pkgconfig
LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

no_path_inside() { ! grep -rlE "$work|$source" "$library/cmake" "$library/pkgconfig" "$prefix/include"; }
try "no absolute path in what is installed" no_path_inside

try "CMake find_package, C++, two translation units" consume find_package -DCMAKE_PREFIX_PATH="$prefix"
try "one program, both builds of the sweep, the same bits" consume two_builds -DCMAKE_PREFIX_PATH="$prefix"
try "CMake find_package, headers only, other packages absent" consume headers_only \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
try "CMake find_package, C, other packages absent" consume capi \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
only_one_keeps_its_contraction() {
    [ "$(grep -c '"command".* -ffp-contract=off ' "$work/headers_only/compile_commands.json")" = 1 ] &&
        [ "$(grep -c '"command"' "$work/headers_only/compile_commands.json")" = 2 ]
}
try "a target may keep its own -ffp-contract" only_one_keeps_its_contraction
try "CMake add_subdirectory, C++ and C" consume subdirectory -DQSLIP_SOURCE="$source"
kernels_are_optimized() {
    grep '"command".*/src/kernels/' "$work/subdirectory/compile_commands.json" >"$work/kernels" &&
        ! grep -v -e ' -O2 ' "$work/kernels"
}
try "without a build type the kernels are -O2" kernels_are_optimized
release_by_default() {
    rm -rf "$work/default"
    cmake -S "$source" -B "$work/default" -G Ninja -DQSLIP_BUILD_TESTS=OFF -DQSLIP_BUILD_TOOL=OFF >"$work/configured" &&
        grep "CMAKE_BUILD_TYPE is not set: building Release" "$work/configured" &&
        grep -x "CMAKE_BUILD_TYPE:STRING=Release" "$work/default/CMakeCache.txt"
}
try "without a build type the project itself is Release" release_by_default
examples_alone() {
    rm -rf "$work/examples/CMakeCache.txt"
    cmake -S "$source/examples" -B "$work/examples" -G Ninja $launcher -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror" &&
        cmake --build "$work/examples" -j2 && ctest --test-dir "$work/examples" --output-on-failure
}
try "the examples build and run on their own" examples_alone

missing_component() {
    mkdir -p "$work/missing"
    printf 'cmake_minimum_required(VERSION 3.25)\nproject(x LANGUAGES NONE)\nfind_package(qslip %s)\n' "$1" \
        >"$work/missing/CMakeLists.txt"
    ! cmake -S "$work/missing" -B "$work/missing/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
}
try "an unknown component is refused" missing_component "REQUIRED COMPONENTS nonsense"
try "another major version is refused" missing_component "1.0 REQUIRED"
try "an older minor version is refused until 1.0" missing_component "0.0 REQUIRED"

strict="-Wall -Wextra -pedantic -Werror"
by_pkg_config() { # COMPILER PACKAGE OUTPUT SOURCES/FLAGS...
    compiler=$1 package=$2 output=$3
    shift 3
    "$compiler" "$@" $(pkg-config --cflags "$package") -o "$work/$output" $(pkg-config --libs "$package")
}
c_program() {
    by_pkg_config cc qslip c_program -std=c99 $strict "$here/capi/main.c" && "$work/c_program"
}
cpp_program() {
    by_pkg_config "$1" qslip-cpp cpp_program -std=c++20 $strict "$here/find_package/main.cpp" \
        "$here/find_package/other.cpp" && "$work/cpp_program"
}
headers_program() {
    pkg-config --cflags qslip-headers | grep -e -ffp-contract=off &&
        by_pkg_config "$1" qslip-headers headers_program -std=c++20 $strict "$here/headers_only/main.cpp" &&
        "$work/headers_program"
}
try "C99 by pkg-config from the moved prefix" c_program
try "C++20 by pkg-config, g++" cpp_program g++
try "C++20 headers alone by pkg-config, g++" headers_program g++
needs_only_the_c_library() {
    readelf -d "$work/c_program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | LC_ALL=C sort | tr '\n' ' ' |
        grep -x 'libc.so.6 libqslip.so.0.1 '
}
try "the C program needs libqslip.so.0.1 and libc only" needs_only_the_c_library
try "qslip.h as C++98" g++ -std=c++98 $strict -fsyntax-only -x c++ "$prefix/include/qslip.h"

cited_pages_exist() {
    grep -rhoE '[A-Za-z_./-]+\.md\b' "$prefix/include" | grep -vx report.md | LC_ALL=C sort -u >"$work/pages" && [ -s "$work/pages" ] &&
        while read -r page; do [ -f "$source/$page" ] || { echo "no such page: $page" && return 1; }; done <"$work/pages"
}
try "pages that public headers cite are in the tree" cited_pages_exist

# What must not compile, each beside what must.
refused() { # MESSAGE COMPILER FLAGS...
    message=$1
    shift
    ! "$@" -I"$prefix/include" -fsyntax-only "$here/headers_only/main.cpp" 2>"$work/refusal" &&
        grep "error: .*$message" "$work/refusal"
}
cpp17_is_refused_first() {
    for header in "$prefix"/include/qslip/*.hpp; do
        echo "#include \"$header\"" | "$1" -std=c++17 -I"$prefix/include" -fsyntax-only -x c++ - 2>&1 |
            grep -m 1 "error: " | grep "qslip needs C++20" || return 1
    done
}
named_options() {
    "$@" -std=c++20 $strict -I"$prefix/include" -fsyntax-only "$here/option_structs.cpp" &&
        "$@" -std=c++20 $strict -I"$prefix/include" -fsyntax-only "$source/examples/cpp/compare.cpp"
}
compilers=g++
command -v clang++-14 >/dev/null && compilers="g++ clang++-14"
for compiler in $compilers; do
    for flag in -ffast-math -ffinite-math-only; do
        try "$flag is refused, $compiler" refused "wrong under -ffast-math" "$compiler" -std=c++20 $flag
    done
    try "C++17 is refused by every header, $compiler" cpp17_is_refused_first "$compiler"
    try "one named field of an options struct, $compiler" named_options "$compiler"
done

# Every public header alone, by either compiler, one of them without exceptions and RTTI.
alone=$work/alone
rm -rf "$alone"
mkdir -p "$alone"
(cd "$prefix/include" && find qslip -name '*.hpp' ! -name '*-inl.hpp' | LC_ALL=C sort) >"$work/headers"
while read -r header; do
    echo "#include <$header>" >"$alone/$(echo "$header" | tr / _).cpp"
done <"$work/headers"
headers_alone() {
    ls "$alone"/*.cpp | xargs -P 2 -I '{}' $ccache "$@" -std=c++20 $strict -Wconversion -Wshadow \
        -I"$prefix/include" -c '{}' -o '{}.o'
}
n_headers=$(wc -l <"$work/headers")
umbrella() { echo "#include <qslip/qslip.hpp>" | "$@" -std=c++20 $strict -I"$prefix/include" -fsyntax-only -x c++ -; }
try "$n_headers headers alone, g++, no exceptions, no RTTI" headers_alone g++ -fno-exceptions -fno-rtti
try "qslip/qslip.hpp, g++" umbrella g++
if command -v clang++-14 >/dev/null; then
    try "$n_headers headers alone, clang 14" headers_alone clang++-14
    try "qslip/qslip.hpp, clang 14, no exceptions, no RTTI" umbrella clang++-14 -fno-exceptions -fno-rtti
else
    skip "headers with clang 14" "clang++-14 is not installed"
fi
umbrella_is_whole() {
    g++ -std=c++20 -I"$prefix/include" -M -x c++ "$prefix/include/qslip/qslip.hpp" | tr -d '\\' | tr ' ' '\n' |
        sed -n "s|.*/include/\(qslip/.*\.hpp\)|\1|p" | LC_ALL=C sort -u >"$work/reached"
    ! grep -v '^qslip/detail/' "$work/headers" | grep -vxFf "$work/reached"
}
try "qslip/qslip.hpp reaches every public header" umbrella_is_whole

for example in "$source"/examples/c/*.c; do
    name=$(basename "$example" .c)
    try "examples/c/$name.c builds by pkg-config" by_pkg_config cc qslip "example_$name" -std=c99 $strict "$example" -lm
done
try "examples/c/kl.c runs" "$work/example_kl"
if [ -n "${QSLIP_MODEL:-}" ]; then
    try "examples/c/score.c on a real model" "$work/example_score" "$QSLIP_MODEL" "2 + 2 = 4"
else
    skip "examples/c/score.c on a real model" "QSLIP_MODEL is not set"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
