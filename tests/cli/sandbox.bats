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
    WFRUN_TEST_STOP_AFTER=3 run wfrun --run-id r2 --sandbox two.yaml
    [ "$status" -eq 42 ]
    # At least 30 days ahead, and kept, for its owner alone: a world that starts again tells so.
    [ "$(stat -c %a wfrun.db-sandbox-r2.db)" = 600 ]
    ahead=$(partner-center-sandbox --state wfrun.db-sandbox-r2.db --exit-with-parent </dev/null | jq '.now_ms / 1000 - now | . / 86400 | round')
    [ "$ahead" -ge 30 ]
    run --separate-stderr wfrun resume r2
    [ "$status" -eq 0 ]
    [ "$output" = '{"x":1}' ]
}

no_worlds() { ! compgen -G 'wfrun.db-sandbox-*' >/dev/null; }

@test "the world of a rehearsal is removed when its run is over for good, and not before" {
    workflow one <<<$'do:\n  - one: {set: {x: 1}}\n  - two: {wait: {days: 1}}'
    run wfrun --run-id done --sandbox one.yaml
    [ "$status" -eq 0 ]
    no_worlds
    workflow bad <<<$'do:\n  - bad: {raise: {error: {type: "https://e.x/y", status: 400}}}'
    run wfrun --run-id faulted --sandbox bad.yaml
    [ "$status" -eq 1 ]
    no_worlds
    WFRUN_TEST_STOP_AFTER=1 run wfrun --run-id held --sandbox one.yaml
    [ "$status" -eq 42 ]
    [ -s wfrun.db-sandbox-held.db ]
    # The same id for another run is refused; the world of the first one stays.
    run wfrun --run-id held --sandbox bad.yaml
    [ "$status" -ne 0 ]
    [ -s wfrun.db-sandbox-held.db ]
    run wfrun cancel held
    [ "$status" -eq 0 ]
    no_worlds
}

@test "a signal before the run has begun ends it in good order and leaves no stand-in behind" {
    workflow one <<<$'do:\n  - one: {set: {x: 1}}'
    mkdir slow
    # A stand-in that takes its time to say hello, and says who it is.
    printf '#!/bin/sh\necho $$ >>stand-ins\nexec sleep 60\n' >slow/partner-center-sandbox
    chmod +x slow/partner-center-sandbox
    begin_slowly() { # OPTION...
        rm -f stand-ins
        WFRUN_STANDIN_DIR=$PWD/slow wfrun --sandbox "$@" one.yaml >out 2>err &
        children+=($!)
        until_true test -s stand-ins
    }
    for case in '10 TERM --ephemeral' '10 INT --ephemeral' '143 TERM --run-id=a' '130 INT --run-id=b'; do
        read -r expected signal option <<<"$case"
        begin_slowly "$option"
        # bash lets what runs in the background ignore SIGINT; wfrun asks for it itself.
        kill -s "$signal" "${children[-1]}"
        status=0
        wait "${children[-1]}" || status=$?
        [ "$status" -eq "$expected" ]
        grep -q "before the run had begun" err
        ! kill -0 "$(cat stand-ins)" 2>/dev/null
        no_worlds
    done
}

@test "a signal at any instant of an ephemeral run is 10 or the run was faster" {
    workflow one <<<$'do:\n  - one: {set: {x: 1}}\n  - pause: {wait: {seconds: 20}}'
    for delay in 0.005 0.01 0.02 0.04 0.08 0.2; do
        wfrun --ephemeral one.yaml >out 2>err &
        children+=($!)
        sleep "$delay"
        kill -s TERM "${children[-1]}"
        status=0
        wait "${children[-1]}" || status=$?
        # 143: not even main had begun.
        [ "$status" -eq 10 ] || { [ "$status" -eq 143 ] && [ ! -s err ]; }
    done
}

@test "half a rehearsal is refused: the real thing would be a surprise" {
    workflow one <<<$'do:\n  - one: {set: {x: 1}}'
    for option in --sandbox-seed=10x10 --sandbox-clock=real; do
        run --separate-stderr wfrun "$option" one.yaml
        [ "$status" -eq 2 ]
        [[ $stderr == *"${option%%=*} without --sandbox: this would be a real run"*"add --sandbox to rehearse"* ]]
        [ ! -e wfrun.db ]
    done
}

@test "a seed that is none, and a profile that is none" {
    workflow one <<<$'do:\n  - one: {set: {x: 1}}'
    run wfrun --sandbox --sandbox-seed nowhere.json one.yaml
    [ "$status" -eq 5 ]
    [[ $output == *'"nowhere.json" is not `small`, not a size such as 100x200, and not a readable JSON file'* ]]
    no_worlds
    run wfrun --sandbox=wild one.yaml
    [ "$status" -eq 2 ]
    [[ $output == *"none, realistic and hostile"* ]]
}
