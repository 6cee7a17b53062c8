#!/usr/bin/env bats
# citizens.bats: plugins that break their contract with money at stake: each is caught and named, and `wfrun explain` says how
# the run stands and what to do next.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# both FUNCTION: in wfrun's process, and in one of the plugin's own.
both() {
    for WFRUN_ISOLATION in in-process process; do
        export WFRUN_ISOLATION WFRUN_STATE=$BATS_TEST_TMPDIR/$WFRUN_ISOLATION/wfrun.db
        mkdir "$BATS_TEST_TMPDIR/$WFRUN_ISOLATION"
        cd "$BATS_TEST_TMPDIR/$WFRUN_ISOLATION" || return
        "$1"
    done
}

effects() { grep -vcx verify effects; }

# pay STEP MEMBERS: a payment, and something after it.
pay() {
    touch effects
    workflow pay <<YAML
do:
  - pay:
      call: $1
      with: {file: $PWD/effects, id: it, price: 1, $2}
  - after: {set: {paid: true}}
YAML
}

# died: runs it, and its plugin dies: with wfrun, or alone, and then wfrun asks at once what became of it.
died() {
    if [ "$WFRUN_ISOLATION" = in-process ]; then
        run -137 wfrun --run-id r pay.yaml
        run -7 --separate-stderr wfrun resume r
    else
        run -7 --separate-stderr wfrun --run-id r pay.yaml
    fi
}

# explained WORDS...: what explain says of the run, all of them.
explained() {
    words=$(wfrun explain r)
    for text in "$@"; do [[ $words == *"$text"* ]] || { echo "missing: $text in: $words" >&2; return 1; }; done
}

plan_writes() {
    pay fx-spend "planWrites: 'http://127.0.0.1:9/pay'"
    # A budget makes the engine ask before it spends.
    run -1 --separate-stderr wfrun --run-id r --max-cost 5EUR pay.yaml
    [[ $stderr == *"the plugin fx tried POST while it may only look (planning its step fx-spend)"* ]]
    [ "$(effects)" -eq 0 ]
    explained "It ended with an error, before it changed anything." \
        "the answer of the plugin fx to the step fx-spend is wrong: it tried to write while it planned" "pay.yaml:"
}

@test "it tries to write while it is asked for a plan: nothing is begun, and the run ends with an error that names it" { both plan_writes; }

verify_writes() {
    pay fx-spend "die: before, dieOnce: $PWD/mark, verifyWrites: 'http://127.0.0.1:9/pay'"
    died
    [[ $stderr == *"the plugin fx tried POST while it may only look (verifying its step fx-spend)"* ]]
    explained "It is in doubt" "fx to the step fx-spend is wrong: it tried to write while it was asked whether it had happened" \
        "wfrun resolve r '/do/0/pay' --not-done --reason TEXT"
    [ "$(effects)" -eq 0 ]
    wfrun resolve r --not-done --reason "the bank knows nothing of it"
    run -0 wfrun resume r
    [ "$(effects)" -eq 1 ]
    explained "It completed."
}

@test "it lies in verify, and does then what it was asked about: the lie does not count, and the run is in doubt" { both verify_writes; }

verify_is_nonsense() {
    pay fx-spend "die: after, dieOnce: $PWD/mark, verdict: nonsense"
    died
    run -7 wfrun resume r
    explained "It is in doubt" "the answer of the plugin fx to the step fx-spend is wrong: " "wfrun resolve r '/do/0/pay' --done"
    [ "$(effects)" -eq 1 ]
    wfrun resolve r --done --output '{}' --reason "it is on the bill"
    run -0 wfrun resume r
    [ "$(effects)" -eq 1 ]
}

@test "it lies in verify, and says yes with an output that is none: the run is in doubt, and nothing is done twice" { both verify_is_nonsense; }

answers_twice() {
    pay fx-spend "twice: true"
    run -0 --separate-stderr wfrun --run-id r pay.yaml
    [ "$output" = '{"paid":true}' ]
    [[ $stderr == *"fx: a second answer of the step fx-spend was refused (/do/0/pay)"* ]]
    [ "$(effects)" -eq 1 ]
    explained "It completed."
    wfrun show r -o json | jq -e '[.records[] | select(.path == "/do/0/pay")] | length == 1 and .[0].state == "done"'
}

@test "it answers twice: the first answer counts, the second is refused and named" { both answers_twice; }

never_answers() {
    pay fx-write "mute: true"
    run -7 --separate-stderr wfrun --run-id r pay.yaml
    explained "It is in doubt" "the step has no way to ask whether it happened" "wfrun resolve r '/do/0/pay' --done"
    [ "$(effects)" -eq 1 ]
    wfrun resolve r --done --output '{}' --reason "the file has it"
    run -0 wfrun resume r
    [ "$(effects)" -eq 1 ]
    explained "It completed."
}

@test "it never answers, and nobody can tell whether it spent: the run is in doubt, and says what to type" { both never_answers; }

never_answers_and_changes_nothing() {
    pay bad-never ""
    sed -i 's/with: .*/timeout: {after: {milliseconds: 100}}/' pay.yaml
    run -1 --separate-stderr wfrun --run-id r pay.yaml
    tail -n 1 <<<"$stderr" | jq -e '.status == 408 and .instance == "/do/0/pay"'
    explained "It ended with an error, before it changed anything." "pay.yaml:"
}

@test "it never answers and changes nothing: the time-out is an error, and explain shows its place" { both never_answers_and_changes_nothing; }
