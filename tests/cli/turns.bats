#!/usr/bin/env bats
load helper

# How many iterations of these runs have had their turn.
begun() { for run in "$@"; do wfrun show "$run" -o json; done | jq -s '[.[].records[] | select(.path | endswith("/turn"))] | length'; }
have_begun() { [ "$(begun "${@:2}")" -eq "$1" ]; }
# How far ahead of a time the bucket's next token is due, in hours: as many as were taken from then on.
hours_taken() { sqlite_get "SELECT CAST(round((due_us / 1e6 - $1) / 3600) AS INTEGER) FROM rate WHERE key = 'partner'"; }
sqlite_get() { python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$WFRUN_STATE" "$1"; }
are_taken() { [ "$(hours_taken "$2")" -eq "$1" ]; }

locked() {
    workflow locked <<<'do:
  - loop:
      metadata: {wfrun: {concurrency: 2, lock: $x.key}}
      for: {each: x, in: .items}
      do:
        - nap: {wait: {hours: 1}, if: $x.nap}
        - keep: {set: "${ $x.key }"}'
    cat >long.json <<<'{"items": [{"key": "contoso", "nap": true}]}'
    cat >short.json <<<'{"items": [{"key": "contoso"}, {"key": "fabrikam"}]}'
}

@test "an iteration waits for the lock of another process, others go on, and kill -9 sets it free" {
    locked
    wfrun --run-id a -i long.json locked.yaml >/dev/null 2>&1 &
    first=$!
    children+=("$first")
    until_true have_begun 1 a
    wfrun --run-id b -i short.json -o json locked.yaml >out 2>err &
    second=$!
    children+=("$second")
    until_true have_begun 1 b # fabrikam's
    kill -0 "$second"
    [ "$(wfrun show b -o json | jq -r '.records[].path | select(endswith("/turn"))')" = /do/0/loop/for/1/turn ]
    status_is b running
    kill -9 "$first"
    wait "$second"
    [ "$(cat out)" = '["contoso","fabrikam"]' ]
}

@test "a resumed run waits for the lock that another took meanwhile before it goes on inside of it" {
    locked
    wfrun --run-id a -i long.json locked.yaml >/dev/null 2>&1 &
    children+=("$!")
    until_true have_begun 1 a
    kill -9 "${children[0]}"
    wait "${children[0]}" || true
    wfrun --run-id b -i long.json locked.yaml >/dev/null 2>&1 &
    children+=("$!")
    until_true have_begun 1 b
    wfrun resume a >out 2>err &
    resumed=$!
    children+=("$resumed")
    until_true held a
    # Its nap has not even been asked for: that is what comes behind the lock.
    wfrun suspend a
    status=0
    wait "$resumed" || status=$?
    [ "$status" -eq 6 ]
    wfrun cancel b
    wfrun resume a >out 2>err &
    children+=("$!")
    until_true eval 'wfrun show a -o json | jq -e ".records[] | select(.path | endswith(\"/nap/wait\"))"'
}

@test "two processes take turns of one rate, and a run that waits for one can be suspended" {
    workflow paced <<<'do:
  - loop:
      metadata: {wfrun: {concurrency: 3, rateLimit: {key: "\"partner\"", rate: 1/h, burst: 4}}}
      for: {each: x, in: "[1, 2, 3]"}
      do:
        - keep: {set: "${ $x }"}'
    now=$(date +%s)
    wfrun --run-id a paced.yaml >/dev/null 2>&1 &
    children+=("$!")
    wfrun --run-id b paced.yaml >/dev/null 2>&1 &
    children+=("$!")
    until_true are_taken 6 "$now"
    until_true have_begun 4 a b
    status=0
    if [ "$(begun a)" -lt 3 ]; then waits=a pid=${children[0]}; else waits=b pid=${children[1]}; fi
    wfrun suspend "$waits"
    wait "$pid" || status=$?
    [ "$status" -eq 6 ]
    [ "$(begun a b)" -eq 4 ]
}

@test "a plan waits for no rate and no lock" {
    workflow paced <<<'do:
  - loop:
      metadata: {wfrun: {concurrency: 3, lock: "\"one\"", rateLimit: {key: "\"partner\"", rate: 1/h}}}
      for: {each: x, in: "[1, 2, 3]"}
      do:
        - keep: {set: "${ $x }"}'
    run --separate-stderr timeout 60 wfrun plan paced.yaml
    [ "$status" -eq 0 ]
}

@test "a lock and a rate that make no sense are found before the run, with their place and a hint" {
    workflow wrong <<<'do:
  - loop:
      metadata: {wfrun: {lock: [1], rateLimit: {key: .id, rate: often}}}
      for: {each: x, in: "[1]"}
      do: []'
    run --separate-stderr wfrun check wrong.yaml
    [ "$status" -eq 5 ]
    [[ $output$stderr == *"wrong.yaml:8:32: error[WF0505]: "*"\`lock\` must be an expression"* ]]
    [[ $output$stderr == *"wrong.yaml:8:65: error[WF0505]: \`rate\`: not a number in a unit of time"*'"300/m"'* ]]
}

@test "explain says what an item that has not begun must have first" {
    workflow turns <<<'do:
  - loop:
      metadata: {wfrun: {concurrency: 2, label: $x, lock: "\"one\"", rateLimit: {key: "\"partner\"", rate: 1/h, burst: 9}}}
      for: {each: x, in: "[\"Contoso\", \"Fabrikam\"]"}
      do:
        - nap: {wait: PT1H}'
    wfrun --run-id a turns.yaml >/dev/null 2>&1 &
    children+=("$!")
    until_true eval 'wfrun explain a | grep -q "1 is waiting, 1 is not begun"'
    run -0 wfrun explain a
    [[ $output == *'One begins when it has its lock (`lock: "one"`), which another item or run may hold, and when it is its turn in the rate of 1/h, which all runs share.'* ]]
    [[ $output == *'Fabrikam waits for the lock "one" since '*'. This run has it since '*', for loop[0].'* ]]
}

@test "explain names the run that has the lock an item waits for, and nobody once it is let go" {
    locked
    wfrun --run-id a -i long.json locked.yaml >/dev/null 2>&1 &
    first=$!
    children+=("$first")
    until_true have_begun 1 a
    wfrun --run-id b -i long.json locked.yaml >/dev/null 2>&1 &
    children+=("$!")
    until_true held b
    until_true eval 'wfrun explain b | grep -q "the lock"'
    run -0 wfrun explain b
    [[ $output == *'loop[0] waits for the lock "contoso" since '*'. Run a has it since '*', for loop[0].'* ]]
    [[ $(wfrun explain a) != *"the lock"* ]]
    [[ $(wfrun explain b -o json | jq -r '.why[0]') == *'Run a has it since '* ]]
    kill -9 "$first"
    until_true have_begun 1 b
    [[ $(wfrun explain b) != *"the lock"* && $(wfrun explain a) != *"the lock"* ]]
    wfrun resume a >/dev/null 2>&1 &
    children+=("$!")
    until_true eval 'wfrun explain a | grep -q "Run b has it since"'
}
