#!/bin/sh
# Runs each fuzz target over its folder of examples. Automake sets srcdir and runs this in the build folder.
set -eu
here=${srcdir:-.}/tests/fuzz
for target in val expr schema def manifest; do
    printf '%s: ' "$target"
    "tests/fuzz/fuzz_$target" "$here/$target"
done
