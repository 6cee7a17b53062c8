#!/usr/bin/env bats
# What a resumed run does follows from the journal alone: the same times, ids, definitions and decisions as before.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# stop_and_resume FILE: ends the run after record 1, 2, 3 ... and resumes it each time; the output must be that of a run
# left alone, and so must the set of lines in `effects` (reads may be repeated). Prints the output.
stop_and_resume() {
    local whole given stop
    : >effects
    whole=$(wfrun --ephemeral "$1" 2>/dev/null)
    sort -u effects >effects.whole
    for stop in $(seq 60); do
        : >effects
        given=$(WFRUN_TEST_STOP_AFTER=$stop wfrun --run-id "s$stop" "$1" 2>/dev/null) && break
        given=$(wfrun resume "s$stop" 2>/dev/null)
        [ "$given" = "$whole" ] || { echo "stopped after record $stop: $given, not $whole" >&2; return 1; }
        sort -u effects >effects.now
        diff effects.whole effects.now || { echo "stopped after record $stop" >&2; return 1; }
    done
    [ "$stop" -gt 3 ]
    printf '%s\n' "$whole"
}

# An effect that leaves its own name, so that runs can be compared.
put() { printf '{call: fx-count, with: {file: %s/effects, id: "%s"}}' "$PWD" "$1"; }

@test "a wait keeps the time at which it ends" {
    workflow nap <<<$'do:\n  - nap:\n      wait: {seconds: 3}'
    began=$(date +%s%N)
    wfrun --run-id r nap.yaml 2>err &
    children+=($!)
    until_true held r
    sleep 0.5
    kill -9 "${children[0]}"
    wait "${children[0]}" || true
    wfrun logs r -o json >before
    sleep 1.5
    run wfrun resume r
    [ "$status" -eq 0 ]
    took=$((($(date +%s%N) - began) / 1000000))
    [ "$took" -ge 2900 ]
    [ "$took" -lt 4900 ] # three more seconds would be 5.0 at least
}

@test "now, start times and ids are the same after a resume" {
    workflow facts <<YAML
do:
  - a:
      set: {now: '\${ now }', task: '\${ \$task.startedAt.epoch.milliseconds }', id: '\${ \$workflow.id }',
            run: '\${ \$workflow.startedAt.epoch.milliseconds }'}
  - keep:
      call: fx-put
      with: {file: $PWD/effects, facts: '\${ . }', die: before, dieOnce: $PWD/mark}
      output: {as: .facts}
  - sub:
      export: {as: '\${ . }'}
      run: {workflow: {namespace: test, name: other, version: '1.0.0'}}
  - all:
      set: '\${ [\$context, .] }'
YAML
    workflow other <<<$'do:\n  - one:\n      set: {id: "${ $workflow.id }", at: "${ $workflow.startedAt.epoch.milliseconds }"}'
    run wfrun --run-id r --register other.yaml facts.yaml
    [ "$status" -eq 137 ]
    wfrun logs r -o json | jq -s '[.[] | select(.path == "/do/1/keep")][0]' >intent
    sleep 0.05
    run --separate-stderr wfrun resume r --register other.yaml
    [ "$status" -eq 0 ]
    [ "$(jq -c '.. | .facts? // empty' intent | head -n 1)" != "" ]
    wfrun logs r -o json >logs
    now=$(jq -r '.. | .facts? // empty | .now' intent | head -n 1)
    grep -q "${now:0:13}" logs
}

@test "a sub-workflow stays the one that was found first" {
    workflow sub <<YAML
do:
  - sub:
      run: {workflow: {namespace: test, name: other, version: '1.0.0'}}
YAML
    workflow other <<YAML
do:
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
  - say:
      set: {said: first}
YAML
    run wfrun --run-id r --register other.yaml sub.yaml
    [ "$status" -eq 137 ]
    sed -i 's/first/second/' other.yaml
    run --separate-stderr wfrun resume r --register other.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"said":"first"}' ]
}

@test "a run keeps the definition that it began with" {
    workflow main <<YAML
do:
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
  - say:
      set: {said: first}
YAML
    run wfrun --run-id r main.yaml
    [ "$status" -eq 137 ]
    sed -i 's/first/second/' main.yaml
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = '{"said":"first"}' ]
}

@test "a plugin of another major version is refused with words" {
    workflow main <<YAML
do:
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
YAML
    run wfrun --run-id r main.yaml
    [ "$status" -eq 137 ]
    WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/v2/.libs run wfrun resume r
    [ "$status" -ne 0 ]
    [[ $output == *"began with fx-put 1.0.0"*"2.0.0 is installed"* ]]
    run wfrun resume r
    [ "$status" -eq 0 ]
}

@test "a plugin of another major version is refused in a sub-workflow too" {
    workflow sub <<YAML
do:
  - sub:
      run: {workflow: {namespace: test, name: other, version: '1.0.0'}}
YAML
    workflow other <<YAML
do:
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
YAML
    run wfrun --run-id r --register other.yaml sub.yaml
    [ "$status" -eq 137 ]
    WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/v2/.libs run wfrun resume r --register other.yaml
    [ "$status" -ne 0 ]
    [[ $output == *"began with fx-put 1.0.0"*"2.0.0 is installed"* ]]
    [ ! -s effects ]
    run wfrun resume r
    [ "$status" -eq 0 ]
    [ "$(wc -l <effects)" -eq 1 ]
}

@test "a sub-workflow that was missing stays missing for what was decided by it" {
    workflow sub <<YAML
do:
  - t:
      try: [{sub: {run: {workflow: {namespace: test, name: other, version: '1.0.0'}}}}]
      catch: {do: [{instead: {set: {did: without}}}]}
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark, did: '\${ .did }'}
      output: {as: .did}
YAML
    run wfrun --run-id r sub.yaml
    [ "$status" -eq 137 ]
    workflow other <<<$'do: [{one: {set: {did: other}}}]'
    run --separate-stderr wfrun resume r -o json --register other.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '"without"' ]
}

@test "a resume without the secret is refused, and one with it goes on" {
    workflow secret <<YAML
use: {secrets: [token]}
do:
  - die:
      call: fx-put
      with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
  - say:
      set: {length: '\${ \$secrets.token | length }'}
YAML
    echo '{"token": "abc"}' >secrets.json
    chmod 600 secrets.json
    run wfrun --run-id r --secrets secrets.json secret.yaml
    [ "$status" -eq 137 ]
    mv secrets.json kept.json
    run wfrun resume r
    [ "$status" -ne 0 ]
    [ "$status" -ne 1 ]
    run --separate-stderr wfrun resume r --secrets kept.json
    [ "$status" -eq 0 ]
    [ "$output" = '{"length":3}' ]
}

@test "whether there is another attempt is decided once, however late the resume" {
    workflow late <<YAML
do:
  - t:
      try:
        - first:
            call: fx-count
            with: {file: $PWD/effects, id: attempt}
        - second:
            if: '\${ \$context == null }'
            export: {as: 1}
            set: {x: 1}
        - pay:
            call: fx-put
            with: {file: $PWD/effects, die: before, dieOnce: $PWD/mark}
        - fail:
            call: fx-fail
            with: {type: communication}
      catch:
        errors: {with: {status: 500}}
        retry: {delay: {milliseconds: 10}, limit: {duration: {seconds: 1}, attempt: {count: 1}}}
        do:
          - gave-up:
              set: {gave: up}
YAML
    touch mark effects
    # The first attempt passes the door, the second one dies in it.
    sed -i "s#dieOnce: $PWD/mark#dieOnce: '\${ if \$context == 2 then \"$PWD/mark2\" else \"$PWD/mark\" end }'#" late.yaml
    sed -i 's/export: {as: 1}/export: {as: 1}/; s/if: .*context == null.*/if: "${ true }"/; s/export: {as: 1}/export: {as: "${ ($context \/\/ 0) + 1 }"}/' late.yaml
    run wfrun --run-id r late.yaml
    [ "$status" -eq 137 ]
    [ "$(grep -cx attempt effects)" -eq 2 ]
    sleep 1.2
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = '{"gave":"up"}' ]
    [ "$(grep -cx attempt effects)" -eq 2 ]
    [ "$(grep -vcx attempt effects)" -eq 2 ] # the first attempt's, and the second one's by the resumed run
}

@test "stopped after each record: a race" {
    workflow race <<YAML
do:
  - race:
      fork:
        compete: true
        branches:
          - slow: {do: [{a: $(put slow-a)}, {nap: {wait: {milliseconds: 40}}}, {b: {set: {won: slow}}}]}
          - quick: {do: [{a: $(put quick-a)}, {b: {set: {won: quick}}}]}
  - after: $(put after)
  - end: {set: {won: '\${ .id }'}}
YAML
    stop_and_resume race.yaml
}

@test "stopped after each record: branches that join" {
    workflow fork <<YAML
do:
  - fork:
      fork:
        branches:
          - a: {do: [{a1: $(put a1)}, {nap: {wait: {milliseconds: 5}}}, {a2: $(put a2)}]}
          - b: {do: [{b1: $(put b1)}, {b2: $(put b2)}], export: {as: {b: 1}}}
          - c: {set: {c: 1}, export: {as: {c: 1}}}
  - end: {set: {all: '\${ map(.id // .c) }', context: '\${ \$context }'}}
YAML
    [ "$(stop_and_resume fork.yaml)" = '{"all":["a2","b2",1],"context":{"b":1,"c":1}}' ]
}

@test "stopped after each record: a loop side by side, with faults that are caught" {
    workflow loop <<YAML
do:
  - loop:
      metadata: {wfrun: {concurrency: 3}}
      for: {each: x, in: '[1, 2, 3, 4, 5]'}
      do:
        - t:
            try:
              - a: {call: fx-count, with: {file: $PWD/effects, id: '\${ "a\(\$x)" }'}}
              - b: {call: fx-fail, if: \$x == 3, with: {status: 500}}
              - c: {call: fx-count, with: {file: $PWD/effects, id: '\${ "c\(\$x)" }'}, output: {as: .id}}
            catch:
              do: [{d: {set: caught}}]
YAML
    sed -i 's/{set: caught}/{set: "${ \\"caught\\" }"}/' loop.yaml
    [ "$(stop_and_resume loop.yaml)" = '["c1","c2","caught","c4","c5"]' ]
}

@test "stopped after each record: a time-out and a retry" {
    workflow timeout <<YAML
do:
  - t:
      try:
        - a: $(put a)
        - long:
            timeout: {after: {milliseconds: 60}}
            do: [{b: $(put b)}, {nap: {wait: {seconds: 30}}}, {never: $(put never)}]
      catch:
        errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout'}}
        retry: {delay: {milliseconds: 5}, jitter: {from: {milliseconds: 1}, to: {milliseconds: 9}}, limit: {attempt: {count: 1}}}
        do: [{c: $(put c)}, {end: {set: {done: true}}}]
YAML
    [ "$(stop_and_resume timeout.yaml)" = '{"done":true}' ]
}

@test "stopped after each record: money" {
    workflow money <<YAML
do:
  - loop:
      metadata: {wfrun: {concurrency: 2}}
      for: {each: x, in: '[1, 2]'}
      do:
        - pay: {call: fx-write, with: {file: $PWD/money}, output: {as: '\${ .key | length }'}}
YAML
    for stop in $(seq 40); do
        rm -f money
        run --separate-stderr env WFRUN_TEST_STOP_AFTER="$stop" wfrun --run-id "m$stop" money.yaml
        [ "$status" -eq 0 ] && break
        run --separate-stderr wfrun resume "m$stop"
        if [ "$status" -eq 7 ]; then # not one line may be there twice, whatever is in doubt
            [ -z "$(sort money 2>/dev/null | uniq -d)" ]
            continue
        fi
        [ "$status" -eq 0 ]
        [ "$output" = '[36,36]' ]
        [ "$(sort -u money | wc -l)" -eq 2 ]
        [ "$(wc -l <money)" -eq 2 ]
    done
    [ "$stop" -gt 4 ]
}
