#!/usr/bin/env bats
# Cancel takes back what the workflow wants taken back; kill never does, and says so.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# half [METADATA] [WITH]: lends a book and then pauses for an hour.
half() {
    touch books
    cat >half.yaml <<YAML
document:
  dsl: '1.0.3'
  namespace: test
  name: half
  version: '1.0.0'
  metadata: {wfrun: {$1}}
do:
  - lend: {call: fx-lend, with: {file: $PWD/books, id: half${2:+, $2}}}
  - pause: {wait: {hours: 1}}
YAML
}

# tell WORD: runs the workflow, and says the word to the process that drives it. Sets status; its words are in out and err.
tell() {
    local pid
    rm -f begun
    wfrun --run-id r half.yaml --events begun >out 2>err &
    pid=$!
    children+=("$pid")
    until_true grep -q 'task\.started.*"name":"pause"' begun
    wfrun "$@" r 2>said
    status=0
    wait "$pid" || status=$?
}

backs() { grep -c '^back' books || true; }

@test "a cancelled run is rolled back by the process that drove it, which ends with 10" {
    half 'onCancel: rollback'
    tell cancel --reason 'wrong customer'
    [ "$status" -eq 10 ]
    [ "$(backs)" -eq 1 ]
    status_is r cancelled
    status_is r-rollback-1 completed
    grep -q 'declares that a cancelled run is rolled back' err
    [ ! -s out ]
}

@test "a killed run is not, and what stays done is named" {
    half 'onCancel: rollback'
    tell kill
    [ "$status" -eq 10 ]
    [ "$(backs)" -eq 0 ]
    status_is r cancelled
    for file in said err; do
        grep -q 'fx-lend lend' $file
        grep -q 'to take it back: wfrun rollback r' $file
    done
    grep -q 'declares a rollback, which was not done' err
    [ "$(wfrun list -o json | jq length)" -eq 1 ]
    wfrun rollback r --yes
    [ "$(backs)" -eq 1 ]
}

@test "without onCancel a cancelled run is left as it is, in words" {
    half
    tell cancel
    [ "$status" -eq 10 ]
    [ "$(backs)" -eq 0 ]
    grep -q 'what run r did stays done' err
}

@test "a parked run is rolled back by the cancel itself" {
    half 'onCancel: rollback'
    tell suspend
    [ "$status" -eq 6 ]
    run wfrun cancel r
    [ "$status" -eq 0 ]
    [ "$(backs)" -eq 1 ]
    status_is r-rollback-1 completed
}

@test "a cancel whose rollback leaves something ends with 3" {
    half 'onCancel: rollback' 'lost: it is lost'
    tell suspend
    run wfrun cancel r
    [ "$status" -eq 3 ]
    [[ "$output" = *"CANNOT: it is lost"* ]]
    status_is r cancelled
}

@test "a parked run that is killed stays as it is" {
    half 'onCancel: rollback'
    tell suspend
    run wfrun kill r
    [ "$status" -eq 0 ]
    [[ "$output" = *"run r is killed"*"to take it back: wfrun rollback r"* ]]
    [ "$(backs)" -eq 0 ]
}

@test "a run that was resumed is rolled back when it is cancelled" {
    half 'onCancel: rollback'
    tell suspend
    wfrun resume r >out 2>err &
    children+=("$!")
    until_true held r
    wfrun cancel r
    status=0
    wait "${children[-1]}" || status=$?
    [ "$status" -eq 10 ]
    [ "$(backs)" -eq 1 ]
}

@test "who cancelled, and why, is kept" {
    half
    tell cancel --reason 'wrong customer'
    sqlite3 wfrun.db "SELECT json FROM note WHERE key = 'cancelled'" | jq -e '.reason == "wrong customer" and .kill == null'
}

@test "a rollback that is cancelled is not rolled back" {
    half
    tell suspend
    run env WFRUN_TEST_STOP_AFTER=2 wfrun rollback r --yes
    [ "$status" -eq 42 ]
    run wfrun cancel r-rollback-1
    [ "$status" -eq 0 ]
    [[ "$output" != *"stays done"* ]]
    run wfrun rollback r --yes
    [ "$status" -eq 0 ]
    [ "$(backs)" -eq 1 ]
}

@test "a parked run that is in doubt is not cancelled, with 7 and what to type; killed it can be" {
    workflow doubt <<YAML
do:
  - pay: {call: fx-write, with: {file: $PWD/lines, die: after, dieOnce: $PWD/mark}}
YAML
    wfrun --run-id d doubt.yaml || true
    wfrun resume d || true
    status_is d in-doubt
    run --separate-stderr wfrun cancel d
    [ "$status" -eq 7 ]
    [[ $stderr == *"wfrun resolve d '/do/0/pay' --done"*"not cancelled"*"wfrun kill d"* ]]
    status_is d in-doubt
    wfrun kill d
    status_is d cancelled
}

@test "why a run was suspended is kept, whether a process drove it or not" {
    half ''
    tell suspend --reason 'they are on holiday'
    [ "$status" -eq 6 ]
    [[ $(wfrun explain r) == *"$(id -un) suspended it (they are on holiday); it goes on when it is resumed."* ]]
    wfrun suspend r --reason 'for longer'
    [[ $(wfrun explain r) == *"$(id -un) suspended it (for longer)"* ]]
}
