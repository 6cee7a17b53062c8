#!/usr/bin/env bats
load helper

uses_secret() {
    workflow secret <<'YAML'
use: {secrets: [token]}
do:
  - one:
      set: {length: '${ $secrets.token | length }'}
YAML
}

@test "a secret comes from a map or from a folder" {
    uses_secret
    echo '{"token": "abcdef"}' >s.json
    mkdir s
    printf 'abcdef\n' >s/token
    chmod 600 s.json s/token
    for from in s.json s; do
        run --separate-stderr wfrun --ephemeral --secrets "$from" secret.yaml
        [ "$status" -eq 0 ]
        [ "$output" = '{"length":6}' ]
        [ -z "$stderr" ]
    done
}

@test "a missing secret is an authorization fault that says how to give it" {
    uses_secret
    run --separate-stderr wfrun --ephemeral secret.yaml
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '(.type | endswith("/authorization")) and .status == 403 and (.detail | contains("token") and contains("--secrets"))'
}

@test "secrets that others can read get a warning" {
    uses_secret
    echo 'token: abcdef' >s.yaml
    chmod 644 s.yaml
    run --separate-stderr wfrun --ephemeral --secrets s.yaml secret.yaml
    [ "$status" -eq 0 ]
    [[ $stderr == *"can be read by others"* ]]
}

@test "a broken secrets file exits 5 with its place" {
    uses_secret
    printf 'token: "open\n' >s.yaml
    run wfrun --ephemeral --secrets s.yaml secret.yaml
    [ "$status" -eq 5 ]
    [[ $output == *"s.yaml:"[0-9]*":"* ]]
    run wfrun --ephemeral --secrets nowhere.yaml secret.yaml
    [ "$status" -eq 5 ]
}

@test "a secret is never shown in errors, events or progress" {
    workflow leak <<'YAML'
use: {secrets: [token]}
do:
  - all:
      for: {each: x, in: '[1]'}
      metadata: {wfrun: {concurrency: 1, label: '${ "for " + $secrets.token }'}}
      do:
        - bad:
            raise:
              error: {type: https://e.x/y, status: 400, title: No, detail: '${ "token " + $secrets.token }'}
YAML
    echo 'token: hush-hush-hush' >s.yaml
    chmod 600 s.yaml
    for mode in plain json; do
        run wfrun --ephemeral --progress "$mode" --events ev.jsonl --secrets s.yaml leak.yaml
        [ "$status" -eq 1 ]
        [[ $output != *hush* ]]
        [[ $output == *"token ***"* ]]
    done
    ! grep -q hush ev.jsonl
    grep -qF 'token ***' ev.jsonl
}

@test "a secret that looks like a number of the data does not break the journal" {
    export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins
    echo '{"pin": "12345"}' >s.json
    chmod 600 s.json
    workflow pin <<'YAML'
use: {secrets: [pin]}
do:
  - keep:
      call: fx-put
      with: {pin: '${ $secrets.pin }', seats: 12345}
      output: {as: .seats}
YAML
    for stop in 1 2 3 4; do
        WFRUN_TEST_STOP_AFTER=$stop run wfrun run --run-id "r$stop" --secrets s.json pin.yaml
        run --separate-stderr wfrun resume "r$stop" --secrets s.json
        [ "$status" -eq 0 ]
        [ "$output" = 12345 ]
    done
    run grep -a '"pin":"12345","seats":12345},' wfrun.db
    [ "$status" -eq 1 ]
}
