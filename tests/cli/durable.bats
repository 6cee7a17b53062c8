#!/usr/bin/env bats
load helper

quick() { workflow quick <<<$'do:\n  - one:\n      set: {in: "${ . }"}'; }
sleepy() { workflow sleepy <<<$'do:\n  - pause:\n      wait: {seconds: 60}\n  - one:\n      set: {x: 1}'; }

# begin ID: a run of sleepy.yaml in the background, until its journal has it.
begin() {
    sleepy
    wfrun --run-id "$1" sleepy.yaml >"$1.out" 2>"$1.err" &
    children+=($!)
    until_true held "$1"
}

@test "a durable run says its id on standard error and is listed" {
    quick
    run --separate-stderr wfrun quick.yaml --set a=1
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":{"a":1}}' ]
    id=$(grep -oE 'wfrun: run [0-9a-f-]{36}' <<<"$stderr" | cut -d' ' -f3)
    status_is "$id" completed
    [[ $(wfrun list) == RUN*"$id"*quick*completed* ]]
}

@test "an ephemeral run leaves nothing behind" {
    quick
    run --separate-stderr wfrun --ephemeral quick.yaml
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ ! -e wfrun.db ]
}

@test "list without a journal is empty, and show says so" {
    run wfrun list
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$(wfrun list -o json)" = "[]" ]
    run wfrun show anything
    [ "$status" -eq 2 ]
    [[ $output == *"there is no journal"* ]]
}

@test "list can be narrowed" {
    quick
    wfrun --run-id a quick.yaml
    workflow fault <<<$'do:\n  - bad:\n      raise: {error: {type: https://e.x/y, status: 400}}'
    wfrun --run-id b fault.yaml || true
    [ "$(wfrun list -o json --status faulted | jq -c 'map(.run)')" = '["b"]' ]
    [ "$(wfrun list -o json --name quick | jq -c 'map(.run)')" = '["a"]' ]
    [ "$(wfrun list -o json --limit 1 | jq -c 'map(.run)')" = '["b"]' ]
    run wfrun list --status runing
    [ "$status" -eq 2 ]
    [[ $output == *"did you mean running?"* ]]
}

@test "a run can be named by the beginning of its id, unless several begin so" {
    quick
    wfrun --run-id alpha-1 quick.yaml
    wfrun --run-id alpha-2 quick.yaml
    wfrun --run-id alpha-10 quick.yaml
    [ "$(wfrun show alpha-1 -o json | jq -r .run)" = alpha-1 ]
    [ "$(wfrun show alpha-2 -o json | jq -r .run)" = alpha-2 ]
    run wfrun show alpha
    [ "$status" -eq 2 ]
    [[ $output == *"3 runs begin with alpha"* ]]
    run wfrun show beta
    [ "$status" -eq 2 ]
    [[ $output == *"there is no run beta"* ]]
}

@test "show tells where a run stands, in words and as JSON" {
    quick
    wfrun --run-id one quick.yaml --set a=1
    run wfrun show one
    [ "$status" -eq 0 ]
    [[ $output == *"workflow  test/quick 1.0.0"*"status    completed"*'output {"in":{"a":1}}'* ]]
    wfrun show one -o json | jq -e '.run == "one" and .status == "completed" and .output == {"in":{"a":1}} and
        .input == {"a":1} and .inDoubt == [] and (.records | type) == "array"'
}

@test "logs are a line for each record, or an object" {
    begin one
    wfrun suspend one
    wait "${children[0]}" || true
    [[ $(wfrun logs one) == *timer* ]]
    wfrun logs one -o json | jq -es 'map(select(.kind == "timer" and .state == "begun")) | length == 1'
    run wfrun logs one -o yaml
    [ "$status" -eq 2 ]
}

@test "a run id is used once" {
    quick
    wfrun --run-id one quick.yaml --set a=1
    run wfrun --run-id one quick.yaml --set a=2
    [ "$status" -ne 0 ]
}

@test "resume of a run that is over answers as it did" {
    quick
    wfrun --run-id one quick.yaml --set a=1
    run --separate-stderr wfrun resume one
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":{"a":1}}' ]
    [[ $stderr == *"over already: completed"* ]]
    workflow fault <<<$'do:\n  - bad:\n      raise: {error: {type: https://e.x/y, status: 400}}'
    run wfrun --run-id two fault.yaml
    run --separate-stderr wfrun resume two
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '.type == "https://e.x/y"'
}

@test "SIGTERM interrupts a durable run with 143, SIGINT with 130, and resume goes on" {
    workflow short <<<$'do:\n  - pause:\n      wait: {seconds: 2}\n  - one:\n      set: {x: 1}'
    interrupt TERM --run-id term short.yaml
    [ "$status" -eq 143 ]
    [[ $(tail -n 1 err) == *"wfrun resume term"* ]]
    interrupt INT --run-id int short.yaml
    [ "$status" -eq 130 ]
    run --separate-stderr wfrun resume term
    [ "$status" -eq 0 ]
    [ "$output" = '{"x":1}' ]
}

@test "a second process cannot drive the same run" {
    begin one
    run wfrun resume one
    [ "$status" -eq 9 ]
    held one
}

@test "a killed run is resumed" {
    workflow short <<<$'do:\n  - pause:\n      wait: {seconds: 1}\n  - one:\n      set: {x: 1}'
    wfrun --run-id one short.yaml &
    children+=($!)
    until_true held one
    kill -9 "${children[0]}"
    wait "${children[0]}" || true
    run --separate-stderr wfrun resume one
    [ "$status" -eq 0 ]
    [ "$output" = '{"x":1}' ]
}

@test "suspend stops a run with 6, resume goes on" {
    begin one
    wfrun suspend one --reason lunch
    status=0
    wait "${children[0]}" || status=$?
    [ "$status" -eq 6 ]
    grep -q "wfrun resume one" one.err
    status_is one suspended
    run wfrun wait one
    [ "$status" -eq 6 ]
    wfrun cancel one --reason "no longer wanted"
    status_is one cancelled
}

@test "cancel ends a run with 10, and it stays cancelled" {
    begin one
    wfrun cancel one --reason enough
    status=0
    wait "${children[0]}" || status=$?
    [ "$status" -eq 10 ]
    status_is one cancelled
    run wfrun resume one
    [ "$status" -eq 10 ]
    run wfrun cancel one
    [ "$status" -eq 1 ]
    [[ $output == *"over already"* ]]
}

@test "wait answers as the run does, and gives up after its time-out" {
    begin one
    run wfrun wait one --timeout 300ms
    [ "$status" -eq 6 ]
    [[ $output == *"still running"* ]]
    run wfrun wait one --timeout soon
    [ "$status" -eq 2 ]
    quick
    wfrun --run-id two quick.yaml --set a=1 >/dev/null
    [ "$(wfrun wait two 2>/dev/null)" = '{"in":{"a":1}}' ]
}

@test "a detached run prints its id and goes on by itself" {
    workflow short <<<$'do:\n  - pause:\n      wait: {milliseconds: 300}\n  - one:\n      set: {x: 1}'
    run --separate-stderr wfrun --detach --run-id bg short.yaml
    [ "$status" -eq 0 ]
    [ "$output" = bg ]
    [ "$(wfrun wait bg --timeout 20s 2>/dev/null)" = '{"x":1}' ]
    grep -q '"x":1' wfrun.db-bg.log
}

@test "a detached run that cannot begin says why" {
    workflow bad <<<'do: [{one: {sett: {x: 1}}}]'
    run --separate-stderr wfrun --detach bad.yaml
    [ "$status" -eq 5 ]
    [ -z "$output" ]
    [[ $stderr == *"error[WF0203]"* ]]
}

@test "killed while it makes its journal, a run leaves one that has no runs, and the next one makes it" {
    quick
    sqlite3 wfrun.db 'PRAGMA journal_mode=WAL' >/dev/null # the first that is done to the new file
    [ -s wfrun.db ]
    [ "$(wfrun list -o json)" = "[]" ]
    run -2 --separate-stderr wfrun show one
    [[ $stderr == *"there is no journal"* ]]
    run -0 wfrun --run-id one quick.yaml
    status_is one completed
}

@test "killed in the middle of a transaction on its new journal, a run leaves one that can be read, and used" {
    quick
    python3 - <<'PYTHON' # leaves a hot rollback journal
import os, sqlite3
db = sqlite3.connect("wfrun.db", isolation_level=None)
db.execute("PRAGMA cache_size=2")
db.execute("BEGIN")
db.execute("CREATE TABLE t(x)")
for _ in range(200):
    db.execute("INSERT INTO t VALUES(zeroblob(4000))")
os._exit(0)
PYTHON
    [ -s wfrun.db-journal ]
    [ "$(wfrun list -o json)" = "[]" ]
    run -0 wfrun --run-id one quick.yaml
    status_is one completed
}

@test "a file that is no journal is refused with words" {
    quick
    echo "this is no journal, but some text that is long enough to be looked at" >wfrun.db
    for command in "list" "show one" "run quick.yaml" "resume one"; do
        # shellcheck disable=SC2086
        run wfrun $command
        [ "$status" -eq 5 ]
        [[ $output == *wfrun.db* ]]
    done
    grep -q "this is no journal" wfrun.db
}

@test "a journal in a folder that cannot be made is refused with words" {
    quick
    run wfrun --state /proc/nowhere/wfrun.db quick.yaml
    [ "$status" -ne 0 ]
    [[ $output == *"/proc/nowhere"* ]]
}

@test "many processes make a journal at the same moment, and each has its run in it" {
    workflow one <<<'do: [{a: {set: {x: 1}}}]'
    for round in $(seq 10); do
        export WFRUN_STATE=$BATS_TEST_TMPDIR/made$round.db
        started=()
        for _ in 1 2 3 4 5 6; do
            wfrun one.yaml -o none 2>>said &
            started+=("$!")
        done
        for pid in "${started[@]}"; do wait "$pid" || { cat said; false; }; done
        wfrun list -o json | jq -e 'length == 6 and all(.status == "completed")'
    done
}
