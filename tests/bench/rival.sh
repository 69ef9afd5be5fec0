# Sourced after .ci/setup.sh: llama.cpp, fetched by version and hash and built outside the tree with the same
# compiler, Release and native.
rival_programs="llama-quantize llama-perplexity llama-bench"

# The source with its vocabularies and their tests: QSLIP_RIVAL.
ensure_rival_source() {
    export QSLIP_RIVAL=$cache/llama.cpp/vendor/llama.cpp
    [ -e "$QSLIP_RIVAL/CMakeLists.txt" ] && return
    local sdist
    sdist=$(fetch_package llama-cpp-python==0.3.36 \
        832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e --no-binary llama-cpp-python)
    mkdir -p "$cache/llama.cpp"
    tar xf "$sdist" -C "$cache/llama.cpp" --strip-components=1
}

# The Python packages that tokenizers are compared with; their tests say so when they are missing.
ensure_python_tokenizers() {
    export QSLIP_PYTHON_TOKENIZERS=$cache/python-tokenizers
    [ -e "$QSLIP_PYTHON_TOKENIZERS/ok" ] && return
    python3 -m pip install -q --no-deps --disable-pip-version-check --target "$QSLIP_PYTHON_TOKENIZERS" \
        tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2 >&2 && touch "$QSLIP_PYTHON_TOKENIZERS/ok" || true
}

# The programs of llama.cpp, built once: QSLIP_RIVAL_BIN.
ensure_rival() {
    ensure_rival_source
    export QSLIP_RIVAL_BIN=$cache/llama.cpp-build/bin
    [ -x "$QSLIP_RIVAL_BIN/llama-bench" ] && return
    say "building the rival"
    cmake -G Ninja -S "$QSLIP_RIVAL" -B "$cache/llama.cpp-build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
        -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
        >build/rival.log 2>&1
    cmake --build "$cache/llama.cpp-build" -j "$jobs" --target $rival_programs >>build/rival.log 2>&1
}
