#!/usr/bin/env bats
# Trying again: what failed, and nothing that costs money twice.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

lines() { grep -cx "$1" book || true; }

# shop: looks, buys, and then asks for a step that fails while the file `broken` is there.
shop() {
    : >book
    touch broken
    workflow shop <<YAML
do:
  - look: {call: fx-count, with: {file: $PWD/book, id: look}}
  - buy: {call: fx-lend, with: {file: $PWD/book, id: buy}}
  - sell: {call: fx-try, with: {file: $PWD/book, id: sell, broken: $PWD/broken}}
  - tell: {call: fx-count, with: {file: $PWD/book, id: tell}}
  - end: {set: {ok: true}}
YAML
}

# items: three customers; each buys one thing, and Bob's second step fails while `broken` is there.
items() {
    : >book
    touch broken
    workflow items <<YAML
do:
  - people:
      metadata: {wfrun: {concurrency: 2, label: \$p, failureBudget: 2}}
      for: {each: p, in: '\${ ["Ada", "Bob", "Eve"] }'}
      do:
        - look: {call: fx-count, with: {file: $PWD/book, id: '\${ "look " + \$p }'}}
        - buy: {call: fx-lend, with: {file: $PWD/book, id: '\${ \$p }'}}
        - sell: {call: fx-try, with: {file: $PWD/book, id: '\${ "sell " + \$p }', broken: '\${ if \$p == "Bob" then "$PWD/broken" else null end }'}}
  - tell: {call: fx-count, with: {file: $PWD/book, id: tell}}
  - paid: {call: fx-lend, with: {file: $PWD/book, id: paid}}
  - end: {set: {ok: true}}
YAML
}

@test "what faulted is tried again, what was done is not" {
    shop
    run wfrun --run-id r shop.yaml
    [ "$status" -eq 1 ]
    rm broken
    run --separate-stderr wfrun retry r
    [ "$status" -eq 0 ]
    [ "$output" = '{"ok":true}' ]
    [[ "$stderr" = *"run r-retry-1: of 3 operations of r, 2 are kept and 1 are done again"* ]]
    [ "$(lines look)" -eq 1 ]
    [ "$(lines 'lend buy')" -eq 1 ]
    [ "$(lines sell)" -eq 1 ]
    [ "$(lines tell)" -eq 1 ]
    status_is r faulted
    status_is r-retry-1 completed
}

@test "a retry that fails again is retried in its turn" {
    shop
    run wfrun --run-id r shop.yaml
    run wfrun retry r
    [ "$status" -eq 1 ]
    rm broken
    run wfrun retry r-retry-1 --run-id third
    [ "$status" -eq 0 ]
    [ "$(lines 'lend buy')" -eq 1 ]
}

@test "a run that was retried is not retried a second time: that would do again what the first retry did" {
    shop
    run wfrun --run-id r shop.yaml
    run -1 wfrun retry r
    run -2 --separate-stderr wfrun retry r
    [[ $stderr == *"run r was retried already: run r-retry-1 (faulted) goes on with what it did"*"wfrun retry r-retry-1"* ]]
    rm broken
    run -0 wfrun retry r-retry-1 --run-id third
    [[ $(wfrun explain r) == *"wfrun explain r-retry-1"* && $(wfrun explain r) != *"wfrun retry"* ]]
    [ "$(wfrun report r -o json | jq -r .retriedBy)" = r-retry-1 ]
    run -2 --separate-stderr wfrun retry r
    [[ $stderr == *"run third (completed) goes on with"*"wfrun retry third"* ]]
    [ "$(lines sell)" -eq 1 ]
    [ "$(wfrun list -o json | jq length)" -eq 3 ]
    run -0 wfrun retry r --repeat-effects --from sell
    [ "$(lines sell)" -eq 2 ]
}

@test "a retry that is not over is resumed; one that another process drives is named" {
    : >book
    workflow half <<YAML
do:
  - buy: {call: fx-lend, with: {file: $PWD/book, id: buy}}
  - pause: {wait: {hours: 1}}
YAML
    interrupt TERM --run-id r half.yaml
    wfrun kill r
    wfrun retry r 2>/dev/null &
    children+=("$!")
    until_true held r-retry-1
    run -2 --separate-stderr wfrun retry r
    [[ $stderr == *"run r-retry-1 (running)"*"wfrun explain r-retry-1"* ]]
    wfrun suspend r-retry-1
    wait "${children[-1]}" || true
    run -2 --separate-stderr wfrun retry r
    [[ $stderr == *"run r-retry-1 (suspended)"*"it is not over: wfrun resume r-retry-1"* ]]
    [ "$(lines 'lend buy')" -eq 1 ]
}

@test "stopped before its first record, a retry that was noted and never begun keeps nobody from another" {
    shop
    run wfrun --run-id r shop.yaml
    rm broken
    sqlite3 wfrun.db "INSERT INTO note VALUES(1, 'retried by nobody', 0, '{}')"
    run -0 wfrun retry r -o none
}

@test "stopped after any record, a retry is resumed and spends no more" {
    shop
    run wfrun --run-id r shop.yaml
    rm broken
    cp wfrun.db base.db && cp book base
    for n in $(seq 30); do
        rm -f wfrun.db*
        cp base.db wfrun.db && cp base book
        run env WFRUN_TEST_STOP_AFTER="$n" wfrun retry r
        [ "$status" -eq 42 ] || break
        run --separate-stderr wfrun resume r-retry-1
        [ "$status" -eq 0 ]
        [ "$output" = '{"ok":true}' ]
        [ "$(lines 'lend buy')" -eq 1 ]
    done
    [ "$n" -gt 2 ]
}

@test "only the failed items are tried again; their done effects stay; what came behind the loop is done again, but for what cost money" {
    items
    run wfrun --run-id r items.yaml
    [ "$status" -eq 3 ]
    rm broken
    run --separate-stderr wfrun retry r --failed
    [ "$status" -eq 0 ]
    [ "$(lines 'look Bob')" -eq 2 ]
    [ "$(lines 'look Ada')" -eq 1 ]
    [ "$(lines 'look Eve')" -eq 1 ]
    for name in Ada Bob Eve paid; do [ "$(lines "lend $name")" -eq 1 ]; done
    [ "$(lines 'sell Bob')" -eq 1 ]
    [ "$(lines 'sell Ada')" -eq 1 ]
    [ "$(lines tell)" -eq 2 ]
    run wfrun retry r-retry-1 --failed
    [ "$status" -eq 2 ]
    [[ "$output" = *"has no failed items"* ]]
}

@test "from a task on everything is done again, unless that would cost money twice" {
    shop
    rm broken
    wfrun --run-id r shop.yaml -o none
    run wfrun retry r
    [ "$status" -eq 2 ]
    [[ "$output" = *"nothing of run r failed"* ]]
    run wfrun retry r --from sell -o none
    [ "$status" -eq 0 ]
    [ "$(lines look)" -eq 1 ]
    [ "$(lines sell)" -eq 2 ]
    [ "$(lines tell)" -eq 2 ]
    run wfrun retry r-retry-1 --from /do/1/buy
    [ "$status" -eq 2 ]
    [[ "$output" = *"/do/1/buy"*"--repeat-effects"* ]]
    [ "$(lines 'lend buy')" -eq 1 ]
    run wfrun retry r-retry-1 --from buy --repeat-effects -o none
    [ "$status" -eq 0 ]
    [ "$(lines 'lend buy')" -eq 2 ]
    run wfrun retry r-retry-1-retry-1 --from nothing
    [ "$status" -eq 2 ]
    [[ "$output" = *"no such task"* ]]
}

@test "what a rollback took back is done again" {
    shop
    run wfrun --run-id r shop.yaml
    rm broken
    wfrun rollback r --yes -o none
    [ "$(lines 'back buy')" -eq 1 ]
    run wfrun retry r -o none
    [ "$status" -eq 0 ]
    [ "$(lines 'lend buy')" -eq 2 ]
    [ "$(lines look)" -eq 1 ]
}

@test "a cancelled run goes on where it was" {
    : >book
    workflow half <<YAML
do:
  - buy: {call: fx-lend, with: {file: $PWD/book, id: buy}}
  - pause: {wait: {milliseconds: 1500}}
  - tell: {call: fx-count, with: {file: $PWD/book, id: tell}}
YAML
    interrupt TERM --run-id r half.yaml
    wfrun kill r
    run wfrun retry r -o none
    [ "$status" -eq 0 ]
    [ "$(lines 'lend buy')" -eq 1 ]
    [ "$(lines tell)" -eq 1 ]
}

@test "a run that is not over is resumed, one whose end is in doubt is not retried" {
    : >book
    workflow doubt <<YAML
do:
  - write: {call: fx-write, with: {file: $PWD/book, die: after, dieOnce: $PWD/mark}}
YAML
    run wfrun --run-id r doubt.yaml
    [ "$status" -eq 137 ]
    run wfrun retry r
    [ "$status" -eq 2 ]
    [[ "$output" = *"wfrun resume r"* ]]
    wfrun kill r
    run wfrun retry r
    [ "$status" -eq 7 ]
    [[ "$output" = *"/do/0/write was in doubt"* ]]
}

@test "an error of the workflow itself asks for a corrected definition, which is shown and agreed to" {
    : >book
    workflow bug <<YAML
do:
  - buy: {call: fx-lend, with: {file: $PWD/book, id: buy}}
  - sum: {set: {n: '\${ .key + 1 }'}}
YAML
    run wfrun --run-id r bug.yaml
    [ "$status" -eq 1 ]
    run wfrun retry r
    [ "$status" -eq 2 ]
    [[ "$output" = *"would fault in the same way"*"--definition"* ]]
    sed -i 's/\.key + 1/(.key | length)/' bug.yaml
    cat >>bug.yaml <<YAML
  - tell: {call: fx-count, with: {file: $PWD/book, id: tell}}
YAML
    run wfrun retry r --definition bug.yaml
    [ "$status" -eq 2 ]
    [[ "$output" = *"+ /do/2/tell: fx-count"* ]]
    [[ "$output" = *"1 recorded operations have the same place and step, 0 have not"* ]]
    [[ "$output" = *"add --yes"* ]]
    run --separate-stderr wfrun retry r --definition bug.yaml --yes
    [ "$status" -eq 0 ]
    [ "$(lines 'lend buy')" -eq 1 ]
    [ "$(lines tell)" -eq 1 ]
}

@test "a definition that has no place for what cost money is refused" {
    shop
    run wfrun --run-id r shop.yaml
    sed -i 's/- buy: {call: fx-lend/- buy: {call: fx-echo/' shop.yaml
    run wfrun retry r --definition shop.yaml --yes
    [ "$status" -eq 2 ]
    [[ "$output" = *"! /do/1/buy: fx-lend, done (spend), is fx-echo now"* ]]
    [ "$(wfrun list -o json | jq length)" -eq 1 ]
}
