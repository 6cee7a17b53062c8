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

@test "another plugin, a changed bundle, or no such run: told, and nothing is replayed" {
    made
    run -5 --separate-stderr wfrun replay r --plugin-dir "$top_builddir/tests/plugins/v2/.libs"
    [[ $stderr == *"began with fx-spend 1.0.0, and 2.0.0 is installed"* ]]
    wfrun export r --to r.bundle
    sed -i 's/price: 10/price: 11/' r.bundle
    run -5 wfrun replay r.bundle
    run -2 wfrun replay nobody
}
