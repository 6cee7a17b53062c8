#!/usr/bin/env bats
# `wfrun explain` and `wfrun report` in every state that a run can be in.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# both RUN: what explain says, in $words and $facts; that report works too is checked by the way.
both() {
    words=$(wfrun explain "$1")
    facts=$(wfrun explain "$1" -o json)
    wfrun report "$1" --to page.html
    wfrun report "$1" -o csv >/dev/null
    [ "$(wfrun report "$1" -o json | jq -r .run.status)" = "$(jq -r .status <<<"$facts")" ]
}

# said TEXT... and typed COMMAND...: all of them, and no other command that does something to the run.
said() { for text in "$@"; do [[ $words == *"$text"* ]] || { echo "missing: $text" >&2; return 1; }; done; }
typed() {
    [ "$(jq -r '.commands[].command | select(test("^wfrun (report|logs)") | not)' <<<"$facts")" = "$(printf '%s\n' "$@")" ]
    jq -e '.commands | map(.command) | map(test("^wfrun report r --to")) | any' <<<"$facts"
}

sleepy() { workflow sleepy <<<$'do:\n  - first: {set: {a: 1}}\n  - pause:\n      wait: {seconds: 60}\n  - last:\n      set: {x: 1}'; }

# begin FILE: in the background until it waits.
waits() { wfrun logs r -o json | grep -q '"kind":"timer"'; }
begin() {
    wfrun --run-id r "$1" >out 2>err &
    children+=($!)
    until_true waits
}

# pays MEMBERS: two people are paid side by side by a step that cannot say whether it did.
pays() {
    workflow pays <<YAML
do:
  - people:
      metadata: {wfrun: {concurrency: 2, label: \$name}}
      for: {each: name, in: '["Ada", "Bob"]'}
      do:
        - pay:
            call: fx-write
            with: {file: $PWD/effects, $1}
        - row: {set: {done: true}}
  - end: {set: {x: 1}}
YAML
}

@test "running: who drives it, what it waits for, what comes next" {
    sleepy
    begin sleepy.yaml
    both r
    said "It is going on: process ${children[0]} drives it now." "pause waits until" "next: last"
    typed "wfrun wait r" "wfrun suspend r --reason TEXT" "wfrun cancel r --reason TEXT"
    jq -e '.held and .where[0].task == "/do/1/pause" and (.where[0].definition | endswith("sleepy.yaml"))
        and .where[0].next == "last"' <<<"$facts"
}

@test "interrupted: nothing is lost, and what had begun is named" {
    pays "die: after, dieOnce: $PWD/mark"
    run wfrun --run-id r pays.yaml
    [ "$status" -eq 137 ]
    both r
    said "It was interrupted" "Nothing is lost." "fx-write (write) began" "next: row, then the next of people, then end"
    typed "wfrun resume r" "wfrun cancel r --reason TEXT"
    jq -e '[.where[].item] - ["Ada", "Bob"] == []' <<<"$facts"
}

@test "in doubt: which, why, the request id, and the three answers" {
    pays "die: after, dieOnce: $PWD/mark"
    run wfrun --run-id r pays.yaml
    run wfrun resume r
    [ "$status" -eq 7 ]
    both r
    said "It is in doubt" "Ada: fx-write (people[0] > pay) is in doubt" "no way to ask whether it happened"
    key=$(wfrun show r -o json | jq -r '.inDoubt[0].key')
    said "Its request id is $key" "wfrun resolve r '/do/0/people/for/0/do/0/pay' --not-done --reason TEXT"
    jq -e '.commands | map(.command) | index("wfrun resume r") > 2' <<<"$facts"
    wfrun report r -o json | jq -e --arg key "$key" '.items[0].state == "in doubt" and .inDoubt[0].requestId == $key'
    grep -qF "wfrun resolve r &#39;/do/0/people" page.html || grep -qF "wfrun resolve r '/do/0/people" page.html
    # the very command that it names works
    eval "$(jq -r '.commands[] | select(.command | contains("--skip")) | .command' <<<"$facts" | head -1)"
}

@test "waiting at a gate: what it waits for" {
    workflow gate <<YAML
do:
  - people:
      metadata: {wfrun: {label: \$name, waves: [1, "100%"], gate: pause}}
      for: {each: name, in: '["Ada", "Bob"]'}
      do:
        - pay: {call: fx-put, with: {file: $PWD/effects}}
YAML
    run wfrun --run-id r gate.yaml
    [ "$status" -eq 6 ]
    both r
    said "It waits, and no process drives it." "it goes on when the run is resumed"
    typed "wfrun resume r" "wfrun cancel r --reason TEXT"
    wfrun report r -o json | jq -e '(.items | map(.state)) == ["done", "not begun"] and (.waiting | length) == 1'
    grep -qF "It waits for a person" page.html
}

@test "suspended by a person, and cancelled" {
    sleepy
    begin sleepy.yaml
    wfrun suspend r
    wait "${children[0]}" || true
    both r
    said "$(id -un) suspended it" "pause waits until" "next: last"
    typed "wfrun resume r" "wfrun cancel r --reason TEXT"
    wfrun cancel r
    both r
    said "It was cancelled by $(id -un)" "before it changed anything."
    jq -e '.commands | map(.command) | map(test("resume|cancel|suspend")) | any | not' <<<"$facts"
}

@test "cancelled or killed: by whom, why, and what became of what it had done" {
    workflow lends <<YAML
  metadata: {wfrun: {onCancel: rollback}}
do:
  - one: {call: fx-lend, with: {file: $PWD/books, id: one}}
  - pause: {wait: {seconds: 60}}
YAML
    begin lends.yaml
    both r
    said "its workflow wants what was done taken back"
    typed "wfrun wait r" "wfrun suspend r --reason TEXT" "wfrun cancel r --reason TEXT" "wfrun kill r --reason TEXT"
    wfrun kill r --reason "wrong list"
    wait "${children[0]}" || true
    both r
    said "It was killed by $(id -un) (wrong list). 1 change had been made before and stays made." "wfrun rollback r"
    wfrun rollback r --yes -o none
    both r
    said "What it had done was rolled back by run r-rollback-1"
    typed "wfrun explain r-rollback-1"
    wfrun report r -o json | jq -e '.cancelled.reason == "wrong list" and .cancelled.kill and .rollbacks == ["r-rollback-1"]'
    words=$(wfrun explain r-rollback-1)
    said "It completed."
    wfrun report r-rollback-1 -o csv | grep -q undone
}

@test "faulted: the error, its place, what was done before, and whether trying again makes sense" {
    workflow fails <<YAML
do:
  - pay: {call: fx-put, with: {file: $PWD/effects}}
  - bad:
      call: fx-fail
      with: {title: No luck, status: 503}
YAML
    run wfrun --run-id r fails.yaml
    [ "$status" -eq 1 ]
    both r
    said "It ended with an error. 1 change had been made before and stays made." "fails.yaml:9:7: error: No luck" \
        "    9 |       call: fx-fail" "trying again makes sense"
    jq -e '.error.line == 9 and .error.object.status == 503' <<<"$facts"
    grep -qF "No luck" page.html
}

@test "an error inside of a sub-workflow is shown in the sub-workflow's text" {
    workflow sub <<<$'do:\n  - fine: {set: {a: 1}}\n  - bad:\n      call: fx-fail\n      with: {title: No luck, status: 400}'
    workflow caller <<<$'do:\n  - call: {run: {workflow: {namespace: test, name: sub, version: \'1.0.0\'}}}'
    run wfrun --run-id r caller.yaml
    [ "$status" -eq 1 ]
    both r
    said "sub 1.0.0:9:7: error: No luck" "    9 |       call: fx-fail"
}

@test "completed: all is well, or which items failed" {
    workflow some <<'YAML'
do:
  - people:
      metadata: {wfrun: {label: $name, concurrency: 1, failureBudget: 1}}
      for: {each: name, in: '["Ada", "Bob"]'}
      do:
        - maybe: {call: fx-fail, if: $name == "Bob", with: {title: No luck, status: 404}}
YAML
    run wfrun --run-id r some.yaml
    [ "$status" -eq 3 ]
    both r
    said "It completed, but 1 item failed." "Bob: No luck"
    wfrun report r -o json | jq -e '.items[1].state == "failed" and (.items[1].reason | startswith("No luck"))'
    workflow good <<<'do: [{one: {set: {x: 1}}}]'
    wfrun --run-id good good.yaml -o none
    said2=$(wfrun explain good)
    [[ $said2 == *"It completed."* ]]
}

@test "a definition that no longer loads, or is gone, is explained all the same" {
    sleepy
    begin sleepy.yaml
    wfrun suspend r
    wait "${children[0]}" || true
    sqlite3 wfrun.db "UPDATE definition SET text = replace(text, 'set:', 'sett:')"
    both r
    said "cannot load its definition" "pause waits until" "next: last"
    sqlite3 wfrun.db "DELETE FROM definition"
    both r
    said "is not in the journal" "pause waits until"
}

@test "explain names the journal that it was given, and knows words and json" {
    workflow good <<<'do: [{one: {set: {x: 1}}}]'
    wfrun --state other.db --run-id r good.yaml -o none
    [[ $(wfrun explain r --state other.db) == *"wfrun report r --to report.html --state 'other.db'"* ]]
    run wfrun explain r --state other.db -o yaml
    [ "$status" -eq 2 ]
    run wfrun explain nobody --state other.db
    [ "$status" -eq 2 ]
}
