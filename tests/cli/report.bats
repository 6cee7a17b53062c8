#!/usr/bin/env bats
# What `wfrun report` says, from the journal alone.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# The records of a spreadsheet as JSON.
sheet() { python3 -c 'import csv, json, sys; print(json.dumps(list(csv.reader(sys.stdin))))'; }

hostile='<script>alert("x")</script>&amp;<b2 onload=1>'

# people LABELS: a labelled loop in which each one is paid.
people() {
    cat >in.json
    workflow people <<YAML
  title: 'Pay <i>everybody</i> & more'
  metadata:
    wfrun:
      report:
        rows: .people
        columns: {Name: .name, Key: .key}
        attention:
          Look at: '[.people[] | select(.name | length > 20) | .name]'
do:
  - each:
      metadata: {wfrun: {concurrency: 4, label: \$name}}
      for: {each: name, in: .names}
      do:
        - pay:
            call: fx-spend
            with: {file: $PWD/effects, note: '\${ \$name }'}
        - row:
            set: {name: '\${ \$name }', key: '\${ .key }'}
  - end:
      set: {people: '\${ . }'}
YAML
}

@test "a page is complete in itself and takes nobody's name for markup" {
    jq -n --arg h "$hostile" '{names: ["Ada", $h, "=cmd()|1"]}' | people
    wfrun --run-id r people.yaml -i in.json -o none
    wfrun report r --to r.html
    page r.html >text
    grep -qxF "$hostile" text
    grep -qxF 'Pay <i>everybody</i> & more' text
    grep -qxF "Look at" text
    grep -qx "3 of 3" text
    grep -qx "each worked through" text
    grep -qx "completed" text
    # every effect with its request id and what came back
    while read -r key; do
        [ "$(grep -cxF "$key" text)" -ge 1 ]
    done <effects
    grep -qF '"key"' text
    [ "$(wfrun report r | wc -c)" -eq "$(wc -c <r.html)" ]
}

@test "a spreadsheet reads the table and computes nothing of it" {
    jq -n --arg h "$hostile" '{names: ["Ada, \"the\" first", $h, "=cmd()|1", "+49 1", "-3"]}' | people
    wfrun --run-id r people.yaml -i in.json -o none
    wfrun report r -o csv --to r.csv
    sheet <r.csv | jq -e --arg h "$hostile" '.[0] == ["Name", "Key"] and
        (.[1:] | map(.[0])) == ["Ada, \"the\" first", $h, "\u0027=cmd()|1", "\u0027+49 1", "-3"]'
    [ "$(head -1 r.csv)" = $'Name,Key\r' ]
}

@test "json has all that is known" {
    jq -n '{names: ["Ada", "Bob"]}' | people
    wfrun --run-id r people.yaml -i in.json -o none
    wfrun report r -o json >r.json
    jq -e '.format == 1 and .run.id == "r" and .run.status == "completed" and .run.workflow.name == "people"
        and .run.by == $user and .counts.items == 2 and .counts.byState.done == 2 and .counts.effects == 2
        and (.items | map(.label)) == ["Ada", "Bob"] and (.effects | map(.item) | sort) == ["Ada", "Bob"]
        and .effects[0].step == "fx-spend" and .effects[0].effect == "spend" and .effects[0].requestId == .effects[0].answer.key
        and .table.columns == ["Name", "Key"] and (.output.people | length) == 2' --arg user "$(id -un)" r.json
}

@test "an item that failed is a reason, and the rest is told apart" {
    workflow fails <<'YAML'
do:
  - each:
      metadata: {wfrun: {label: $x}}
      for: {each: x, in: '["a", "b", "c"]'}
      do:
        - quick: {call: fx-echo, with: {text: hello}}
        - maybe:
            if: $x == "b"
            call: fx-fail
            with: {title: "No <luck>", status: 404}
YAML
    run wfrun --run-id r fails.yaml
    [ "$status" -eq 1 ]
    wfrun report r -o json | jq -e '(.items | map(.state)) == ["done", "failed", "not begun"] and .counts.failedCalls == 1
        and .failures[0].item == "b" and .error.status == 404'
    wfrun report r --to r.html
    page r.html | grep -qF 'No <luck>'
}

@test "what no longer loads, or was written for other plugins, is reported all the same" {
    jq -n '{names: ["Ada"]}' | people
    wfrun --run-id r people.yaml -i in.json -o none
    mkdir none
    WFRUN_PLUGIN_DIR=$PWD/none wfrun report r -o json | jq -e '.table.columns == ["Name", "Key"]'
    # the same bytes in the journal, but for a word that no wfrun knows
    sqlite3 wfrun.db "UPDATE definition SET text = replace(text, 'set:', 'sett:')"
    wfrun report r -o json | jq -e '(.table.columns[0] == "Item") and .items[0].label == "Ada"'
    wfrun report r --to r.html
    page r.html | grep -qx Ada
}

@test "1,000 items are aggregated and the page stays small" {
    workflow many <<YAML
do:
  - all:
      metadata: {wfrun: {concurrency: 50, label: '\${ "Customer number \(\$x)" }'}}
      for: {each: x, in: '[range(1000)]'}
      do:
        - pay: {call: fx-put, with: {file: $PWD/effects}}
YAML
    wfrun --run-id r many.yaml -o none
    wfrun report r --to r.html
    [ "$(wc -c <r.html)" -lt 2000000 ]
    page r.html >text
    grep -qx "items at work (1000)" text
    grep -q "^and 500 more" text
    wfrun report r -o csv | sheet | jq -e 'length == 1001'
}

@test "report wants a run that exists, a form that exists, and a place it can write" {
    jq -n '{names: ["Ada"]}' | people
    wfrun --run-id r people.yaml -i in.json -o none
    run wfrun report nobody
    [ "$status" -eq 2 ]
    run wfrun report r -o htm
    [ "$status" -eq 2 ]
    [[ $output == *"did you mean html?"* ]]
    run wfrun report r --to /nowhere/r.html
    [ "$status" -eq 1 ]
    [[ $output == *"/nowhere/r.html"* ]]
    run bash -c 'wfrun report r >/dev/full'
    [ "$status" -eq 1 ]
}

@test "what was spent, and what the plan has yet to spend, is told where prices are known" {
    cat >pay.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: pay, version: '1.0.0'}
do:
  - one: {call: fx-spend, with: {file: $PWD/effects, price: 12.5}}
  - two: {call: fx-spend, with: {file: $PWD/effects, price: 12.5, die: after, dieOnce: $PWD/mark}}
  - three: {call: fx-spend, with: {file: $PWD/effects, price: 7.5}}
  - four: {call: fx-spend, with: {file: $PWD/effects, price: 1, nothing: true}}
YAML
    run wfrun --run-id unplanned pay.yaml
    [ "$status" -eq 137 ]
    [[ $(wfrun explain unplanned) == *"No prices are in the journal"* ]]
    rm mark
    wfrun plan pay.yaml --out p.json >/dev/null
    run wfrun apply p.json
    [ "$status" -eq 137 ]
    r=$(wfrun list -o json | jq -r '.[0].run')
    wfrun report "$r" -o json | jq -e '.money == [{"currency": "EUR", "spentMicros": 12500000, "underWayMicros": 12500000,
        "toSpendMicros": 7500000}] and .effects[0].cost.micros == 12500000'
    wfrun report "$r" --to r.html
    page r.html >text
    grep -qx "EUR 12.50" text
    grep -qx "still to spend" text
    [[ $(wfrun explain "$r") == *"Spent so far: EUR 12.50; begun, and its answer not known: EUR 12.50; still to spend by the plan: EUR 7.50."* ]]
}
