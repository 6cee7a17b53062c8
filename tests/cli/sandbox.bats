#!/usr/bin/env bats
load helper

@test "under --sandbox a long wait takes no time" {
    workflow wait <<<$'do:\n  - pause:\n      wait: {days: 365}\n  - one:\n      set: {x: 1}'
    run --separate-stderr timeout 20 wfrun --ephemeral --sandbox wait.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"x":1}' ]
}

@test "with a real clock it does" {
    workflow wait <<<$'do:\n  - pause:\n      wait: {seconds: 60}'
    interrupt TERM --ephemeral --sandbox --sandbox-clock real wait.yaml
    [ "$status" -eq 10 ]
}

@test "the stand-in that plugins declare is started, pointed at and stopped" {
    workflow find <<'YAML'
do:
  - one: {set: {x: 1}}
YAML
    run --separate-stderr wfrun --run-id r1 --sandbox find.yaml
    [ "$status" -eq 0 ]
    [ -s wfrun.db-sandbox-r1.db ]
    ! pgrep -f "partner-center-sandbox.*$PWD" >/dev/null
}

@test "a stand-in that is not there is a sentence" {
    workflow one <<<'do: [{one: {set: {x: 1}}}]'
    run wfrun --ephemeral --sandbox=http://127.0.0.1:1 one.yaml
    [ "$status" -eq 1 ]
    [[ $output == *"no stand-in answers at http://127.0.0.1:1"* ]]
}
