#!/usr/bin/env bats
load helper

waves() {
    workflow waves <<<"do:
  - loop:
      metadata: {wfrun: {concurrency: 2, waves: [1, '50%', '100%'], gate: $1}}
      for: {each: x, in: '[range(6)]'}
      do:
        - one: {set: '\${ \$x }'}"
}

@test "a pause between waves parks the run; each resume lets one wave go" {
    waves pause
    run --separate-stderr wfrun --run-id a waves.yaml
    [ "$status" -eq 6 ]
    [ -z "$output" ]
    [[ $stderr == *"wave 2 of 3: items 2 to 3 of 6"*"wfrun resume a"* ]]
    status_is a waiting
    [[ $(wfrun show a) == *"waits since "*"at task /do/0/loop: wave 2 of 3"* ]]
    [ "$(wfrun show a -o json | jq -r '.waiting[] | "\(.path) \(.for)"')" = "/do/0/loop/for/wave/2 pause" ]
    run --separate-stderr wfrun wait a
    [ "$status" -eq 6 ]
    [[ $stderr == *"wave 2 of 3"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 6 ]
    [[ $stderr == *"wave 3 of 3: items 4 to 6 of 6"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 0 ]
    [ "$output" = "[0,1,2,3,4,5]" ]
    [ "$(wfrun show a -o json | jq -c '.waiting')" = "[]" ]
    [ "$(wfrun show a -o json | jq -r '.records[] | select(.kind == "event") | .output.decision')" = $'go\ngo' ]
}

@test "stopped after every record, a paused run ends as it would have, and no gate opens by itself" {
    waves pause
    for stop in $(seq 30); do
        run --separate-stderr env WFRUN_TEST_STOP_AFTER="$stop" wfrun --run-id "r$stop" waves.yaml
        [ "$status" -eq 42 ] || break
        run --separate-stderr wfrun resume "r$stop"
        [ "$status" -eq 6 ]
        [[ $stderr == *"wave 2 of 3"* ]]
    done
    for stop in $(seq 30); do
        wfrun --run-id "s$stop" waves.yaml 2>/dev/null || true
        run --separate-stderr env WFRUN_TEST_STOP_AFTER="$stop" wfrun resume "s$stop"
        [ "$status" -eq 42 ] || break
        # The word was given, and is kept: that wave went, or goes now, and not the one behind it.
        run --separate-stderr wfrun resume "s$stop"
        [ "$status" -eq 6 ]
        [[ $stderr == *"wave 3 of 3"* ]]
        run --separate-stderr wfrun resume "s$stop"
        [ "$output" = "[0,1,2,3,4,5]" ]
    done
    [ "$stop" -gt 1 ]
}

@test "a run that needs an approval is not gone on with by a resume" {
    waves approval
    for command in "wfrun --run-id a waves.yaml" "wfrun resume a" "wfrun resume a"; do
        run --separate-stderr $command
        [ "$status" -eq 6 ]
        [[ $stderr == *"wave 2 of 3"*"it needs an approval"* ]]
    done
}

@test "a run that waits can be cancelled" {
    waves pause
    wfrun --run-id a waves.yaml || true
    wfrun cancel a
    status_is a cancelled
    run wfrun resume a
    [ "$status" -eq 10 ]
}
