#!/bin/sh
# scaffolds.sh ROOT: each folder that `wfrun plugin new` can write is made, checked without a touch, and installed below ROOT.
# A warning of the compiler is an error.
set -eu
for kind in c-none c-read c-write c-spend c-irreversible manifest-none manifest-read; do
    wfrun plugin new $kind --lang "${kind%-*}" --effect "${kind#*-}"
    make -C $kind check CPPFLAGS=-Werror
    make -C $kind install DESTDIR="${1:?usage: scaffolds.sh ROOT}"
done
