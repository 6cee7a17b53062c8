#!/usr/bin/env bats
# Plugins in processes of their own: what becomes of a run when one of them ends its process, or never ends.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/killers/.libs WFRUN_ISOLATION=process; }

@test "a crash, an exit and an endless loop are faults of their steps, and the rest of the run goes on" {
    needs_unsanitized
    workflow sins <<'YAML'
do:
  - sins:
      fork:
        branches:
          - crash: {try: [{one: {call: bad-crash}}], catch: {as: error, do: [{say: {set: {said: '${ $error.detail }'}}}]}}
          - leave: {try: [{one: {call: bad-exit}}], catch: {as: error, do: [{say: {set: {said: '${ $error.detail }'}}}]}}
          - spin:
              try: [{one: {call: bad-spin, timeout: {after: {milliseconds: 200}}}}]
              catch: {as: error, do: [{say: {set: {said: '${ $error.type }'}}}]}
          - well: {call: good-well}
YAML
    run --separate-stderr wfrun run --ephemeral sins.yaml
    [ "$status" -eq 0 ]
    jq -e '.[0].said == "the plugin killers did not survive its step bad-crash (run): it crashed (Segmentation fault)"
        and .[1].said == "the plugin killers did not survive its step bad-exit (run): it ended its process (exit status 0)"
        and (.[2].said | endswith("timeout")) and .[3] == "well"' <<<"$output"
    [[ $stderr == *"killers: crashed: Segmentation fault; backtrace, the innermost first:"*"killers.so"* ]]
}

@test "what spends money and crashes is in doubt, as after a crash of wfrun" {
    workflow spend <<<$'do:\n  - one: {call: bad-spend}'
    run --separate-stderr wfrun run --run-id r spend.yaml
    [ "$status" -eq 7 ]
    [[ $stderr == *"the plugin killers did not survive its step bad-spend (run): it crashed (Segmentation fault)"* ]]
    status_is r in-doubt
    wfrun resolve r --done --output '"paid"' --reason 'seen in the bank'
    run --separate-stderr wfrun resume r
    [ "$status" -eq 0 ]
    [ "$output" = '"paid"' ]
}

@test "auto runs what is not installed with wfrun apart; a plugin's own setting counts more" {
    needs_unsanitized
    export WFRUN_ISOLATION=auto
    workflow crash <<<$'do:\n  - one: {call: bad-crash}'
    run --separate-stderr wfrun run --ephemeral crash.yaml
    [ "$status" -eq 1 ]
    [[ $stderr == *"did not survive its step bad-crash"* ]]
    WFRUN_KILLERS_ISOLATION=in-process run --separate-stderr wfrun run --ephemeral crash.yaml
    [ "$status" -eq 70 ]
}

@test "another word for isolation is refused with the three that there are" {
    workflow well <<<$'do:\n  - one: {call: good-well}'
    run --separate-stderr wfrun run --ephemeral --isolation maybe well.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == *"--isolation is in-process, process or auto, and not \`maybe\`"* ]]
    WFRUN_KILLERS_ISOLATION=maybe run --separate-stderr wfrun run --ephemeral well.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == *"isolation is in-process, process or auto"* ]]
}

@test "no process is left behind when wfrun is killed" {
    workflow spin <<<$'do:\n  - one: {call: bad-spin}'
    wfrun run --ephemeral spin.yaml 2>/dev/null &
    local pid=$! child
    children+=("$pid")
    until_true pgrep -P "$pid" -f wfrun-host
    child=$(pgrep -P "$pid" -f wfrun-host | head -n 1)
    kill -9 "$pid"
    until_true bash -c "! kill -0 $child || grep -q '^State:.Z' /proc/$child/status"
}

@test "the limits are settings of the plugin" {
    needs_unsanitized
    workflow files <<<$'do:\n  - one: {call: bad-files}'
    [ "$(WFRUN_KILLERS_FILES=20 wfrun run --ephemeral files.yaml)" -lt 20 ]
    workflow spin <<<$'do:\n  - one: {call: bad-spin}'
    WFRUN_KILLERS_CPU_S=1 run --separate-stderr wfrun run --ephemeral spin.yaml
    [ "$status" -eq 1 ]
    [[ $stderr == *"it used more than 1 s of processor time"* ]]
}
