#!/usr/bin/env bats
# confine.bats: a plugin in a process of its own can be kept from files and from the network.
load helper

setup_file() { export WFRUN_ISOLATION=process; }

# Functions of the C library that touch files and the network. $1: lines of the manifest.
touching() {
    python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)' ||
        skip "this kernel has no Landlock"
    mkdir -p plugins given
    echo open >given/file
    echo closed >secret
    cat >plugins/touch.function.yaml <<YAML
version: 1.0.0
summary: For tests
library: libc.so.6
$1
functions:
  touch-open:
    summary: Open a file
    effect: none
    declaration: int open(const char *path, int flags, ...)
    varargs: [int mode]
    fails: {when: return < 0}
    output: return
    errno: true
  touch-socket:
    summary: Open a socket
    effect: none
    declaration: int socket(int domain, int type, int protocol)
    fails: {when: return < 0}
    output: return
    errno: true
  touch-system:
    summary: Run a command
    effect: none
    declaration: int system(const char *command)
    output: return
YAML
    workflow read <<<"do: [{a: {call: touch-open, with: {path: '\${ .path }', flags: 0, mode: 0}}}]"
    workflow write <<<"do: [{a: {call: touch-open, with: {path: '\${ .path }', flags: 577, mode: 420}}}]" # O_WRONLY | O_CREAT | O_TRUNC
    workflow socket <<<"do: [{a: {call: touch-socket, with: {domain: 2, type: 1, protocol: 0}}}]"
    workflow system <<<"do: [{a: {call: touch-system, with: {command: 'echo x >$PWD/given/by'}}}]"
    export WFRUN_PLUGIN_DIR=$PWD/plugins
}

does() { run -0 --separate-stderr wfrun run --ephemeral "$@"; }
cannot() {
    run -1 --separate-stderr wfrun run --ephemeral "$@"
    [[ $stderr == *"Permission denied"* ]]
}

@test "without a word about it a plugin may do what wfrun may" {
    touching ''
    does read.yaml --set path="$PWD/secret"
    does write.yaml --set path="$PWD/new"
    does socket.yaml
    does system.yaml
    [ -e given/by ]
}

@test "a manifest lets its process at what it names and at nothing else" {
    touching "confine: {read: [$PWD/given]}"
    does read.yaml --set path="$PWD/given/file"
    does read.yaml --set path=/usr/share/common-licenses/BSD
    cannot read.yaml --set path="$PWD/secret"
    cannot read.yaml --set path=/etc/passwd
    cannot read.yaml --set path="$PWD/given/../secret"
    cannot write.yaml --set path="$PWD/given/file"
    cannot write.yaml --set path="$PWD/given/new"
    cannot socket.yaml
    does system.yaml
    [ "$output" != 0 ] # there was no shell to be run
    [ ! -e given/by ]
    [ "$(cat given/file)" = open ]
}

@test "a manifest can name what is written, paths beside it, single files, and the network" {
    touching "confine: {write: [../given], read: [../secret], network: true}"
    does write.yaml --set path="$PWD/given/new"
    does read.yaml --set path="$PWD/secret"
    cannot write.yaml --set path="$PWD/secret"
    cannot write.yaml --set path="$PWD/plugins/touch.function.yaml"
    does socket.yaml
    [ "$(cat secret)" = closed ]
}

@test "the person who runs it can confine a plugin that says nothing, or trust one that does" {
    touching ''
    WFRUN_TOUCH_CONFINE=on cannot read.yaml --set path="$PWD/secret"
    WFRUN_TOUCH_CONFINE="read=$PWD/given network" does read.yaml --set path="$PWD/given/file"
    WFRUN_TOUCH_CONFINE="read=$PWD/given network" does socket.yaml
    WFRUN_TOUCH_CONFINE="read=$PWD/given network" cannot read.yaml --set path="$PWD/secret"
    touching "confine: {}"
    cannot read.yaml --set path="$PWD/secret"
    WFRUN_TOUCH_CONFINE=off does read.yaml --set path="$PWD/secret"
    WFRUN_TOUCH_CONFINE="read=$PWD" cannot read.yaml --set path="$PWD/secret" # what both let through
}

@test "a shared object is confined like a manifest" {
    touching ''
    cp "$top_builddir"/tests/plugins/.libs/fx.so plugins/
    workflow spend <<<"do: [{a: {call: fx-spend, with: {id: a, file: $PWD/given/ledger}}}]"
    WFRUN_FX_CONFINE=on run wfrun run --ephemeral spend.yaml
    [ ! -e given/ledger ]
    WFRUN_FX_CONFINE="write=$PWD/given" does spend.yaml
    [ -s given/ledger ]
}

@test "a step without the network speaks HTTP all the same: wfrun does it" {
    touching ''
    cp secret page.txt
    python3 -u -m http.server --bind 127.0.0.1 0 >port 2>/dev/null &
    children+=("$!")
    until_true grep -q 'port [0-9]' port
    port=$(sed -nE 's/.* port ([0-9]+) .*/\1/p' port)
    workflow get <<<"do: [{a: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:$port/page.txt'}}}]"
    export WFRUN_PLUGIN_DIR=$top_builddir/plugins/all WFRUN_HTTP_CONFINE=on
    does get.yaml
    [[ $output == *closed* ]]
}

@test "a profile that cannot be kept is a refusal with words" {
    touching 'confine: {red: [/x]}'
    run -5 --separate-stderr wfrun read.yaml
    [[ $stderr == *"red"*"did you mean"*"read"* ]]
    touching 'confine: {read: [/nowhere]}'
    run -5 --separate-stderr wfrun read.yaml
    [[ $stderr == *"it cannot be confined: read=/nowhere: No such file or directory"*"confine: off"* ]]
    touching ''
    WFRUN_TOUCH_CONFINE="reed=/x" run -5 --separate-stderr wfrun read.yaml
    [[ $stderr == *"its \`confine\` has \`reed=/x\`"* ]]
    WFRUN_ISOLATION=in-process WFRUN_TOUCH_CONFINE=on run -5 --separate-stderr wfrun read.yaml
    [[ $stderr == *"its setting confine is \`on\`, and it is to run in wfrun's process"*"isolation: process"* ]]
}
