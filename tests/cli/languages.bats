#!/usr/bin/env bats
# languages.bats: steps in other languages than C are built with the header alone, pass their cases, and run.
load helper

languages() { printf %s "$top_srcdir/tests/plugins/languages"; }

# runs NAME EXPECTED < WITH: the plugin NAME.so is here, and its step gives the output in a workflow.
runs() {
    unset WFRUN_PLUGIN_DIR
    cp "$(languages)/$1.cases.yaml" .
    wfrun plugin test "$1.cases.yaml"
    { printf 'do:\n  - call-it:\n      call: %s\n      with: ' "$1"; cat; } | workflow main
    [ "$(wfrun run --ephemeral -o json --plugin-dir . main.yaml)" = "$2" ]
}

@test "a step in C++" {
    command -v "${CXX:-c++}" >/dev/null || skip "no C++ compiler"
    # shellcheck disable=SC2046
    "${CXX:-c++}" -std=c++20 -Wall -Wextra -Wno-missing-field-initializers -Werror -shared -fPIC -I"$top_srcdir/include" $(pkg-config --cflags libcjson) \
        "$(languages)/word-count.cc" $(pkg-config --libs libcjson) -o word-count.so
    runs word-count '{"a":1,"b":2}' <<<'{text: b a b}'
}

@test "a step in Rust" {
    command -v rustc >/dev/null || skip "no Rust compiler"
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6) # where rustup keeps its compiler
    rustc --version >/dev/null 2>&1 || skip "rustc does not work here"
    rustc --edition 2021 -C panic=abort -D warnings -A dead_code --crate-type cdylib "$(languages)/json-length.rs" -o json-length.so
    runs json-length '{"bytes":7}' <<<'{a: 1}'
}
