#!/bin/sh
# check-sanitized.sh NAME SANITIZERS TARGET: makes TARGET in a build of its own, ./NAME, with gcc's sanitizers.
set -eu
name=${1:?} sanitizers=${2:?} target=${3:?}
top=$(cd "$(dirname "$0")/.." && pwd)

mkdir -p "$name"
cd "$name"
if [ ! -e Makefile ]; then
    "$top/configure" --enable-werror --with-sanitizer="$sanitizers" CFLAGS='-O1 -g'
fi

# The first finding ends a program with an exit status that no test expects.
supp=$top/tests/lib
export FLOW_STOP_EVERY=4
export ASAN_OPTIONS="abort_on_error=0:exitcode=98:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:exitcode=98"
export LSAN_OPTIONS="exitcode=98:suppressions=$supp/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="exitcode=98:halt_on_error=1:atexit_sleep_ms=0:suppressions=$supp/tsan.supp"
# The thread sanitizer of gcc 12 does not start where the kernel randomises addresses with more than 28 bits.
run=
case $sanitizers in *thread*) if setarch -R true 2>/dev/null; then run='setarch -R'; fi ;; esac
exec $run make -k "$target"
