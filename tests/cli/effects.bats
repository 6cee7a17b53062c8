#!/usr/bin/env bats
# What a run promises about effects: each happens once, whatever ends the process and whenever it does.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

effects() { grep -vcx verify effects; }
asked() { grep -cx verify effects; }

# pay MEMBERS [STEP]: a workflow that calls the step, which leaves a line in the file `effects`, and another one.
pay() {
    touch effects
    workflow pay <<YAML
do:
  - pay:
      call: ${2:-fx-spend}
      with: {file: $PWD/effects, $1}
      output: {as: '\${ .key }'}
  - after:
      call: fx-echo
      with: {text: '\${ . }'}
      output: {as: {paid: '\${ .text | length }'}}
YAML
}

# spend_dies WHEN [MEMBERS]: dies in a step that spends, before or after the effect.
spend_dies() {
    pay "die: $1, dieOnce: $PWD/mark${2:+, $2}"
    run wfrun --run-id r pay.yaml
    [ "$status" -eq 137 ]
}

resumed_ok() {
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = '{"paid":36}' ]
}

intent_of_pay() { wfrun logs r -o json | grep -q '"/do/0/pay"'; }

ended_with() {
    status=0
    wait "${children[0]}" || status=$?
    [ "$status" -eq "$1" ]
}

@test "killed after it spent, the run finds out and does not spend again" {
    spend_dies after
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -eq 1 ]
}

@test "killed before it spent, the run spends once, and no sooner than the first call could land" {
    spend_dies before
    began=$(date +%s%N)
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -ge 1 ]
    [ $((($(date +%s%N) - began) / 1000000)) -ge 700 ] # what is left of the deadline of 1.5 s
}

@test "killed twice, the second attempt too has its time to land before a no counts" {
    spend_dies before
    sleep 1.6
    rm mark
    run wfrun resume r
    [ "$status" -eq 137 ]
    began=$(date +%s%N)
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ $((($(date +%s%N) - began) / 1000000)) -ge 700 ]
}

@test "the key of an effect is the same on every attempt" {
    spend_dies before
    resumed_ok
    key=$(grep -vx verify effects)
    wfrun show r -o json | jq -e --arg key "$key" '[.records[] | select(.path == "/do/0/pay")] | length > 0'
    [[ $(wfrun logs r -o json) == *"$key"* ]]
}

@test "a step that cannot tell parks the run with 7 and the words to type" {
    spend_dies after "verdict: unknown"
    run --separate-stderr wfrun resume r
    [ "$status" -eq 7 ]
    [[ $stderr == *"wfrun resolve r '/do/0/pay' --done"* ]]
    [[ $stderr == *"the remote side does not say"* ]]
    run wfrun resume r
    [ "$status" -eq 7 ]
    [ "$(effects)" -eq 1 ]
    wfrun resolve r --done --output '{"key": "abc"}' --reason "it is on the bill"
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = '{"paid":3}' ]
    [ "$(effects)" -eq 1 ]
    [[ $(wfrun logs r -o json) == *"it is on the bill"* ]]
}

@test "a person's answer counts once: killed again after not-done, the run is in doubt again" {
    pay "die: after, dieOnce: $PWD/mark" fx-write
    run wfrun --run-id r pay.yaml
    [ "$status" -eq 137 ]
    run wfrun resume r
    [ "$status" -eq 7 ]
    wfrun resolve r --not-done --reason "never seen"
    rm mark
    run wfrun resume r
    [ "$status" -eq 137 ]
    [ "$(effects)" -eq 2 ]
    run wfrun resume r
    [ "$status" -eq 7 ]
    [ "$(effects)" -eq 2 ]
}

@test "an idempotent write is repeated without a question" {
    pay "die: after, dieOnce: $PWD/mark" fx-put
    run wfrun --run-id r pay.yaml
    [ "$status" -eq 137 ]
    resumed_ok
    [ "$(effects)" -eq 2 ]
    [ "$(sort -u effects | wc -l)" -eq 1 ]
}

@test "a read without an answer is repeated, one with an answer is not" {
    workflow read <<YAML
do:
  - first:
      call: fx-count
      with: {file: $PWD/first}
  - second:
      call: fx-count
      with: {file: $PWD/second}
  - pay:
      call: fx-put
      with: {file: $PWD/effects, die: after, dieOnce: $PWD/mark}
YAML
    run wfrun --run-id r read.yaml
    [ "$status" -eq 137 ]
    run wfrun resume r
    [ "$status" -eq 0 ]
    [ "$(wc -l <first)" -eq 1 ]
    [ "$(wc -l <second)" -eq 1 ]
}

@test "what a step remembered is there again after a crash" {
    workflow note <<YAML
do:
  - note:
      call: fx-note
      with: {die: after, dieOnce: $PWD/mark}
      output: {as: .count}
YAML
    run wfrun --run-id r note.yaml
    [ "$status" -eq 137 ]
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = 2 ]
}

@test "a step that answers retry is called again with the same key" {
    pay "times: 2, afterMs: 20"
    run --separate-stderr wfrun pay.yaml
    [ "$status" -eq 0 ]
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -eq 0 ]
    workflow count <<<$'do: [{again: {call: fx-retry, with: {times: 3, afterMs: 10}, output: {as: .attempt}}}]'
    [ "$(wfrun count.yaml 2>/dev/null)" = 4 ]
}

ended_an_attempt() { wfrun logs r -o json | grep -q '#ended/1'; }

@test "interrupted between two attempts, nothing is in doubt" {
    pay "times: 1, afterMs: 60000" fx-spend
    sed -i 's/^      output:/      timeout: {after: {minutes: 5}}\n&/' pay.yaml
    wfrun --run-id r pay.yaml 2>err &
    children+=($!)
    until_true ended_an_attempt
    kill -TERM "${children[0]}"
    ended_with 143
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -eq 0 ]
}

@test "past its deadline the world is asked before the fault counts: it happened" {
    pay "ms: 3000, late: true"
    sed -i 's/^      output:/      timeout: {after: {milliseconds: 400}}\n&/' pay.yaml
    run --separate-stderr wfrun pay.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"paid":36}' ]
    [ "$(effects)" -eq 1 ]
}

@test "past its deadline the world is asked before the fault counts: it did not happen" {
    pay "ms: 3000"
    sed -i 's/^      output:/      timeout: {after: {milliseconds: 400}}\n&/' pay.yaml
    run --separate-stderr wfrun pay.yaml
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '.status == 408 and .instance == "/do/0/pay"'
    [ "$(effects)" -eq 0 ]
    [ "$(asked)" -ge 1 ]
}

@test "a step that spent and gave no answer is asked about, and its fault does not count" {
    pay "mute: true"
    run --separate-stderr wfrun pay.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"paid":36}' ]
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -eq 1 ]
}

@test "end in another branch waits for a spending step" {
    touch effects
    workflow end <<YAML
do:
  - fork:
      fork:
        branches:
          - pay:
              call: fx-spend
              with: {file: $PWD/effects, ms: 500}
          - quick:
              do: [{pause: {wait: {milliseconds: 50}}}, {stop: {set: {ended: true}, then: end}}]
  - never:
      set: {wrong: true}
YAML
    run --separate-stderr wfrun end.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"ended":true}' ]
    [ "$(effects)" -eq 1 ]
}

@test "a time-out of a task around it does not cut a spending step off" {
    touch effects
    workflow around <<YAML
do:
  - around:
      timeout: {after: {milliseconds: 100}}
      do:
        - pay:
            call: fx-spend
            with: {file: $PWD/effects, ms: 600}
YAML
    run --separate-stderr wfrun around.yaml
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '.status == 408 and .instance == "/do/0/around"'
    [ "$(effects)" -eq 1 ]
}

@test "a time-out that comes while a retry is waited for ends the task, and nothing is spent" {
    pay "times: 9, afterMs: 60000"
    sed -i 's/^      output:/      timeout: {after: {milliseconds: 300}}\n&/' pay.yaml
    run --separate-stderr wfrun pay.yaml
    [ "$status" -eq 1 ]
    [ "$(effects)" -eq 0 ]
}

@test "the loser of a race ends its spending step before the race is over" {
    touch effects
    workflow race <<YAML
do:
  - race:
      fork:
        compete: true
        branches:
          - pay:
              call: fx-spend
              with: {file: $PWD/effects, ms: 500}
          - quick:
              do: [{pause: {wait: {milliseconds: 50}}}, {won: {set: {won: true}}}]
YAML
    run --separate-stderr wfrun race.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"won":true}' ]
    [ "$(effects)" -eq 1 ]
}


@test "cancelled while it spends, the run lets the step end and is cancelled" {
    pay "ms: 1000"
    wfrun --run-id r pay.yaml >out 2>err &
    children+=($!)
    until_true intent_of_pay
    wfrun cancel r --reason enough
    ended_with 10
    status_is r cancelled
    [ "$(effects)" -eq 1 ]
    wfrun show r -o json | jq -e '[.records[] | select(.path == "/do/0/pay" and .state == "done")] | length == 1'
}

@test "suspended while it spends, the run keeps the answer and goes on after it" {
    pay "ms: 1000"
    wfrun --run-id r pay.yaml >out 2>err &
    children+=($!)
    until_true intent_of_pay
    wfrun suspend r
    ended_with 6
    [ "$(effects)" -eq 1 ]
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -eq 0 ]
}

@test "interrupted while it spends, the run keeps the answer and goes on after it" {
    pay "ms: 1000"
    wfrun --run-id r pay.yaml >out 2>err &
    children+=($!)
    until_true intent_of_pay
    kill -TERM "${children[0]}"
    ended_with 143
    [ "$(effects)" -eq 1 ]
    resumed_ok
    [ "$(asked)" -eq 0 ]
}

@test "a second signal ends the process at once, and the run asks what happened" {
    pay "ms: 1000"
    wfrun --run-id r pay.yaml >out 2>err &
    children+=($!)
    until_true intent_of_pay
    kill -TERM "${children[0]}"
    sleep 0.2
    kill -TERM "${children[0]}"
    ended_with 143
    [ "$(effects)" -eq 0 ]
    resumed_ok
    [ "$(effects)" -eq 1 ]
    [ "$(asked)" -ge 1 ]
}

@test "cancelled and killed while it spends, the next process finds out before the run is cancelled" {
    pay "ms: 1000, late: true"
    wfrun --run-id r pay.yaml >out 2>err &
    children+=($!)
    until_true intent_of_pay
    wfrun cancel r --reason enough
    kill -9 "${children[0]}"
    wait "${children[0]}" || true
    run wfrun resume r
    [ "$status" -eq 10 ]
    [ "$(asked)" -ge 1 ]
    [ "$(effects)" -eq 0 ]
    wfrun show r -o json | jq -e '[.records[] | select(.path == "/do/0/pay" and .state == "fault")] | length == 1'
}

@test "a run that is suspended tells of no cancelled task" {
    workflow sleepy <<<$'do:\n  - pause:\n      wait: {seconds: 60}'
    wfrun --run-id r --events events.jsonl sleepy.yaml 2>err &
    children+=($!)
    until_true held r
    wfrun suspend r
    ended_with 6
    grep -q 'workflow.suspended' events.jsonl
    run grep -c cancelled events.jsonl
    [ "$output" = 0 ]
}
