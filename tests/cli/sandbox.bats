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

@test "a stand-in that runs already is used by its URL" {
    mkfifo open
    partner-center-sandbox --exit-with-parent <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    workflow find <<<$'do:\n  - look: {call: http, with: {method: get, endpoint: "'"$url"'/_sandbox/hello"}}'
    run --separate-stderr wfrun --ephemeral --sandbox="$url" find.yaml
    [ "$status" -eq 0 ]
    jq -e --arg url "$url" '.url == $url and .config["partner-center"]["api-root"] == $url and (.now_ms | type) == "number"' <<<"$output"
    exec 7>&-
    until_true bash -c "! kill -0 ${children[0]}"
}

@test "a rehearsal that was interrupted goes on in the same world, at the time it had reached" {
    workflow two <<'YAML'
do:
  - ahead: {wait: {days: 30}}
  - note: {set: {noted: true}}
  - pause: {wait: {days: 1}}
  - one: {set: {x: 1}}
YAML
    run wfrun --run-id r1 --sandbox two.yaml
    [ "$status" -eq 0 ]
    # 31 days ahead, and kept: a world that starts again tells so.
    ahead=$(partner-center-sandbox --state wfrun.db-sandbox-r1.db --exit-with-parent </dev/null | jq '.now_ms / 1000 - now | . / 86400 | round')
    [ "$ahead" -eq 31 ]
    WFRUN_TEST_STOP_AFTER=3 run wfrun --run-id r2 --sandbox two.yaml
    [ "$status" -eq 42 ]
    run --separate-stderr wfrun resume r2
    [ "$status" -eq 0 ]
    [ "$output" = '{"x":1}' ]
    [ "$(ls wfrun.db-sandbox-r2.db)" = wfrun.db-sandbox-r2.db ]
}
