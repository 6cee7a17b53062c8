#!/usr/bin/env bats
# files.bats: whatever wfrun writes to a FILE is there as a whole or not at all, and FILE may be anything a shell takes.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

made() {
    workflow pay <<YAML
do:
  - pay: {call: fx-spend, with: {id: a, price: 10, file: $PWD/ledger}}
YAML
    run -0 wfrun pay.yaml --run-id r
}

# each COMMAND...: for every command that writes a file, with --to or --out as its last word.
each() {
    "$@" report wfrun report r --to
    "$@" export wfrun export r --to
    "$@" plan wfrun plan pay.yaml --out
}

has() { [ "$(stat -c %a "$1")" = "$2" ]; }

@test "a report may be read by others as the umask says, a bundle and a plan by their owner" {
    made
    umask 022
    each bash -c '"$@" "$0.txt"'
    has report.txt 644
    has export.txt 600
    has plan.txt 600
    [ -z "$(compgen -G '*.part')" ]
}

into_link() {
    local name=$1
    shift
    mkdir -p there
    echo old >"there/$name"
    ln -s "there/$name" "$name.link"
    run -0 "$@" "$name.link"
    [ -L "$name.link" ]
    [ "$(wc -c <"there/$name")" -gt 100 ]
    ln -s "there/$name.new" "$name.dangling"
    run -0 "$@" "$name.dangling"
    [ "$(wc -c <"there/$name.new")" -gt 100 ]
}

@test "through a link the file behind it is written, and the link stays" {
    made
    each into_link
}

into_stream() {
    local name=$1
    shift
    [ "$("$@" /dev/stdout 2>err | wc -c)" -gt 100 ]
    [ "$("$@" - 2>err | wc -c)" -gt 100 ]
    [ ! -e ./- ]
    mkfifo "$name.fifo"
    cat "$name.fifo" >"$name.got" &
    children+=($!)
    run -0 "$@" "$name.fifo"
    wait $!
    [ -p "$name.fifo" ]
    [ "$(wc -c <"$name.got")" -gt 100 ]
    run -0 "$@" /dev/null
    [ -c /dev/null ]
}

@test "standard output, a pipe and a device are written as they are" {
    made
    each into_stream
}

refused() {
    local name=$1
    shift
    mkdir -p dir
    run -1 --separate-stderr "$@" dir
    [[ $stderr == *"dir cannot be written: Is a directory"* ]]
    run -1 --separate-stderr "$@" nowhere/file
    [[ $stderr == *"nowhere/file cannot be written: No such file or directory"* ]]
    run -1 --separate-stderr "$@" /dev/full
    [[ $stderr == *"/dev/full cannot be written: No space left on device"* ]]
}

@test "what cannot be written is said with its name and the system's words" {
    made
    each refused
}

@test "a file that was there stays when the new one does not fit" {
    made
    echo precious >old
    # the limit would hold for bats' own files of output too, so a pipe is in between
    run -1 bash -c 'set -o pipefail; (ulimit -f 0; trap "" XFSZ; exec wfrun plan pay.yaml --out old) 2>&1 | cat'
    [[ $output == *"old cannot be written: File too large"* ]]
    [ "$(cat old)" = precious ]
    [ -z "$(compgen -G '*.part')" ]
}

@test "a plan or a bundle that never ends is refused before it takes the memory" {
    run -5 --separate-stderr wfrun import /dev/zero
    [[ $stderr == *"/dev/zero is longer than 1024 MiB"* ]]
}
