#!/usr/bin/env bats
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# A write that died after it was done, of a step that cannot say whether it was.
crash() {
    workflow pay <<YAML
do:
  - pay:
      call: fx-write
      with: {file: $PWD/lines, die: after, dieOnce: $PWD/mark}
  - after:
      set: {paid: '\${ . }'}
YAML
    wfrun --run-id r1 pay.yaml || true
    [ "$(wc -l <lines)" -eq 1 ]
}

@test "an effect whose end was not seen parks the run with 7 and the words to type" {
    crash
    run --separate-stderr wfrun resume r1
    [ "$status" -eq 7 ]
    [ -z "$output" ]
    [[ $stderr == *"in doubt: fx-write of task /do/0/pay"* ]]
    [[ $stderr == *"wfrun resolve r1 '/do/0/pay' --done"* ]]
    status_is r1 in-doubt
    [[ $(wfrun show r1) == *"wfrun resolve r1 '/do/0/pay' --not-done --reason TEXT"* ]]
    wfrun show r1 -o json | jq -e '.inDoubt[0].path == "/do/0/pay" and .inDoubt[0].step == "fx-write" and (.inDoubt[0].key | length) == 36'
    run wfrun wait r1
    [ "$status" -eq 7 ]
    [ "$(wc -l <lines)" -eq 1 ]
}

@test "resolved as done, the run goes on with the given output" {
    crash
    run wfrun resume r1
    run wfrun resolve r1 --done --output '{"receipt": 7}' --reason "seen in the bank"
    [ "$status" -eq 0 ]
    run --separate-stderr wfrun resume r1
    [ "$status" -eq 0 ]
    [ "$output" = '{"paid":{"receipt":7}}' ]
    [ "$(wc -l <lines)" -eq 1 ]
    [[ $(wfrun logs r1 -o json) == *"seen in the bank"* ]]
}

@test "resolved as not done, the step runs again" {
    crash
    run wfrun resume r1
    wfrun resolve r1 '/do/0/pay' --not-done --reason "the bank knows nothing"
    run wfrun resume r1
    [ "$status" -eq 0 ]
    [ "$(wc -l <lines)" -eq 2 ]
}

@test "resolved as skip, the step's input is its output" {
    crash
    run wfrun resume r1
    wfrun resolve r1 --skip --reason "not needed any more"
    run --separate-stderr wfrun resume r1
    [ "$status" -eq 0 ]
    [ "$(wc -l <lines)" -eq 1 ]
}

@test "resolve wants one verdict, a reason, and something in doubt" {
    crash
    run wfrun resume r1
    run wfrun resolve r1 --reason x
    [ "$status" -eq 2 ]
    [[ $output == *"exactly one of --done, --not-done and --skip"* ]]
    run wfrun resolve r1 --done --skip --reason x
    [ "$status" -eq 2 ]
    run wfrun resolve r1 --done
    [ "$status" -eq 2 ]
    [[ $output == *"--reason TEXT is needed"* ]]
    run wfrun resolve r1 --skip --output 1 --reason x
    [ "$status" -eq 2 ]
    run wfrun resolve r1 --done --output '{' --reason x
    [ "$status" -eq 5 ]
    run wfrun resolve r1 /do/9/no --done --reason x
    [ "$status" -eq 2 ]
    [[ $output == *"/do/0/pay"* ]]
    workflow quick <<<'do: [{one: {set: {x: 1}}}]'
    wfrun --run-id r2 quick.yaml
    run wfrun resolve r2 --done --reason x
    [ "$status" -eq 2 ]
    [[ $output == *"nothing of run r2 is in doubt"* ]]
}
