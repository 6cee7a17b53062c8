#!/usr/bin/env bats
# again.bats: `wfrun replay` walks through a run by its journal, here or elsewhere, and touches nothing.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# A run that was planned, approved and done.
made() {
    cat >pay.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: pay, version: '1.0.0', metadata: {wfrun: {approval: {before: spend}}}}
do:
  - loop:
      metadata: {wfrun: {concurrency: 3, label: \$x}}
      for: {each: x, in: '["a", "b", "c"]'}
      do:
        - pay: {call: fx-spend, with: {id: '\${ \$x }', price: 10, file: $PWD/ledger}}
        - at: {set: {id: '\${ \$x }', now: '\${ \$runtime.name }'}}
YAML
    wfrun pay.yaml --run-id r --auto-approve >out 2>err
    cp ledger ledger.then
}

@test "a run that completed completes again with the same output, and nothing is done" {
    made
    run --separate-stderr wfrun replay r
    [ "$status" -eq 0 ]
    [[ $stderr == *"run r replayed from "*" records: it completed again, with the same output"* ]]
    [ "$output" = "$(cat out)" ]
    cmp ledger ledger.then
}

@test "elsewhere, from its bundle alone" {
    made
    wfrun export r --to r.bundle
    rm ledger ./*.db* pay.yaml
    run --separate-stderr wfrun replay r.bundle
    [ "$status" -eq 0 ]
    [ "$output" = "$(cat out)" ]
    [ ! -e ledger ]
    [ ! -e wfrun.db ]
}

@test "one that faulted faults again, one that waits stands where it stood" {
    workflow tea <<YAML
do:
  - put: {call: fx-put, with: {id: a, file: $PWD/ledger}}
  - end: {raise: {error: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime', status: 418, title: tea}}}
YAML
    run -1 wfrun --run-id r tea.yaml
    run --separate-stderr wfrun replay r
    [ "$status" -eq 0 ]
    [[ $stderr == *"it faulted again, with the same error"* ]]
    workflow pause <<<$'do:\n  - one: {set: {a: 1}}\n  - loop:\n      metadata: {wfrun: {waves: [1, "100%"], gate: pause}}\n      for: {each: x, in: "[1, 2]"}\n      do: [{keep: {set: "${ $x }"}}]'
    run -6 wfrun --run-id p pause.yaml
    run --separate-stderr wfrun replay p
    [ "$status" -eq 0 ]
    [[ $stderr == *"to where it was waiting: /do/1/loop/for/wave/2"* ]]
}

@test "secrets are not needed, and a bundle in which texts are redacted replays as well" {
    cat >secrets.json <<<'{"word": "open sesame"}'
    workflow secret <<YAML
use: {secrets: [word]}
do:
  - pay: {call: fx-spend, with: {id: '\${ .mail }', price: 1, file: $PWD/ledger, word: '\${ \$secrets.word }'}}
  - end: {set: {text: '\${ "to " + .id }'}}
YAML
    wfrun secret.yaml --secrets secrets.json --set mail=anna@example.com --run-id s
    run --separate-stderr wfrun replay s
    [ "$status" -eq 0 ]
    wfrun export s --redact id --to s.bundle
    run --separate-stderr wfrun replay s.bundle
    [ "$status" -eq 0 ]
    [[ $output == '{"text":"to '* && $output != *anna* ]]
}

# forged ARGUMENT...: r.bundle made up, with a chain that holds; its replay does not end as it says, with status 1.
forged() {
    python3 "$top_srcdir/tests/cli/forge.py" "$@" >forged.bundle
    wfrun verify-journal forged.bundle
    run -1 --separate-stderr wfrun replay forged.bundle
    [ -z "$output" ]
    cmp ledger ledger.then
}

@test "a run that was made up is told with the operation at which its replay differs" {
    made
    wfrun export r --to r.bundle
    b=/do/0/loop/for/1/do/0/pay
    forged r.bundle $b intent '"id":"b"' '"id":"x"' # it says that it was called with something else
    [[ $stderr == *"it differs at $b: the step would now be called with other data"*"the replay of run r is not what the run was"* ]]
    forged r.bundle $b intent fx-spend fx-put
    [[ $stderr == *"it differs at $b: the journal has another step"* ]]
    forged r.bundle $b done '*' '' # it hides what it did
    [[ $stderr == *"the run r completed, and its replay is at an operation that the journal does not have: $b"* ]]
}

@test "a run whose output does not follow from its answers, or that did more than its workflow says" {
    workflow two <<YAML
do:
  - put: {call: fx-put, with: {id: a, file: $PWD/ledger}}
  - more:
      if: '\${ .id == "b" }'
      call: fx-put
      with: {id: more, file: $PWD/ledger}
  - end: {set: {list: [1, {id: '\${ .id }'}]}}
YAML
    cp_ledger() { cp ledger ledger.then; }
    wfrun two.yaml --run-id r
    cp_ledger
    wfrun export r --to r.bundle
    answer=$(jq -r 'select(.path == "/do/0/put" and .state == "done") | .json' r.bundle)
    [[ $answer == *'"id":"a"'* ]]
    forged r.bundle /do/0/put done '"id":"a"' '"id":"z"'
    [[ $stderr == *"it differs at the end, in /list/1/id: it is another output than the run had"* ]]
    rm ledger
    sed -i 's/id: a,/id: b,/' two.yaml
    wfrun two.yaml --run-id s
    cp_ledger
    wfrun export s --to s.bundle
    forged s.bundle /do/0/put done '"id":"b"' '"id":"y"'
    [[ $stderr == *"it differs at /do/1/more: the journal has it, and the run does not come to it"* ]]
}

@test "runs that failed in part, were tried again, rolled back or cancelled replay to where they ended" {
    touch broken
    workflow try <<YAML
do:
  - people:
      metadata: {wfrun: {concurrency: 2, label: \$p, failureBudget: 2}}
      for: {each: p, in: '\${ ["Ada", "Bob", "Eve"] }'}
      do:
        - buy: {call: fx-lend, with: {file: $PWD/book, id: '\${ \$p }'}}
        - sell: {call: fx-try, with: {file: $PWD/book, id: '\${ "sell " + \$p }', broken: '\${ if \$p == "Bob" then "$PWD/broken" else null end }'}}
YAML
    run -3 wfrun try.yaml --run-id t
    rm broken
    run -0 wfrun retry t --failed
    wfrun rollback t --yes || true
    workflow pause <<<$'do:\n  - one: {set: {a: 1}}\n  - loop:\n      metadata: {wfrun: {waves: [1, "100%"], gate: pause}}\n      for: {each: x, in: "[1, 2]"}\n      do: [{keep: {set: "${ $x }"}}]'
    run -6 wfrun --run-id p pause.yaml
    wfrun cancel p
    [ "$(wfrun list -o json | jq length)" -eq 4 ]
    cp book book.then
    for run in $(wfrun list -o json | jq -r '.[].run'); do
        run -0 wfrun replay "$run"
    done
    cmp book book.then
}

@test "another plugin, a changed bundle, or no such run: told, and nothing is replayed" {
    made
    run -5 --separate-stderr wfrun replay r --plugin-dir "$top_builddir/tests/plugins/v2/.libs"
    [[ $stderr == *"began with fx-spend 1.0.0, and 2.0.0 is installed"* ]]
    wfrun export r --to r.bundle
    sed -i 's/price: 10/price: 11/' r.bundle
    run -5 wfrun replay r.bundle
    run -2 wfrun replay nobody
}
