#!/bin/sh
# Unpacks the AArch64 libraries of the cross build below a folder, beside the installed ones (some of their
# packages cannot be installed for two architectures at once). Needs root, or the architecture added before.
# Usage: .ci/arm64_packages.sh [build/arm64-root]
set -eu
root=$(mkdir -p "${1:-build/arm64-root}" && cd "${1:-build/arm64-root}" && pwd)
wanted="libsimdjson-dev:arm64 libsimdjson14:arm64 libpcre2-dev:arm64 libpcre2-8-0:arm64
    libidn2-dev:arm64 libidn2-0:arm64 libunistring2:arm64 libunistring-dev:arm64
    libutf8proc-dev:arm64 libutf8proc2:arm64 libpugixml-dev:arm64 libpugixml1v5:arm64
    doctest-dev libmsgsl-dev libcli11-dev"
[ "$(cat "$root/unpacked" 2>/dev/null)" = "$wanted" ] && exit 0
if ! dpkg --print-foreign-architectures | grep -qx arm64; then
    dpkg --add-architecture arm64
    apt-get update -q
fi
packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
cd "$packages"
apt-get download -q $wanted
for package in *.deb; do dpkg -x "$package" "$root"; done
printf '%s\n' "$wanted" >"$root/unpacked"
