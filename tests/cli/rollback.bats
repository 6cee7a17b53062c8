#!/usr/bin/env bats
# Taking a run back: the last first, item by item, each once, and what is left is said with its reason.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# lend: three people in a loop with labels, something before the loop, and something behind it.
lend() {
    touch books
    workflow lend <<YAML
do:
  - first: {call: fx-lend, with: {file: $PWD/books, id: first}}
  - people:
      metadata: {wfrun: {concurrency: 2, label: \$p.name}}
      for: {each: p, in: \$workflow.input.people}
      do:
        - a: {call: fx-lend, with: {file: $PWD/books, id: '\${ \$p.name + "-a" }', until: 1800000000000}}
        - b:
            call: fx-lend
            with:
              file: $PWD/books
              id: \${ \$p.name + "-b" }
              lost: \${ \$p.lost }
              gift: \${ \$p.gift }
              stuck: \${ \$p.stuck }
  - last: {call: fx-lend, with: {file: $PWD/books, id: last}}
YAML
    wfrun --run-id r lend.yaml -o none -i - <<<"{\"people\": [$1]}"
}

three='{"name": "Ada"}, {"name": "Bob"}, {"name": "Eve"}'

# given_back: ids in the order in which they came back.
given_back() { sed -n 's/^back //p' books | tr '\n' ' '; }
# of NAME: the same for one person.
of() { sed -n "s/^back \($1.*\)/\1/p" books | tr '\n' ' '; }

@test "everything is undone, the last first, what is outside of the items before and after them" {
    lend "$three"
    run --separate-stderr wfrun rollback r --yes
    [ "$status" -eq 0 ]
    jq -e '.undone == 8 and .left == 0 and .run == "r"' <<<"$output"
    [ "$(sed -n 's/^back //p' books | head -1)" = last ]
    [ "$(tail -1 books)" = "back first" ]
    for name in Ada Bob Eve; do [ "$(of $name)" = "$name-b $name-a " ]; done
    wfrun show r-rollback-1 -o json | jq -e '.workflow == "rollback" and .namespace == "wfrun"'
}

@test "the plan is shown first: what, what cannot and why, and until when" {
    lend '{"name": "Ada"}, {"name": "Bob", "lost": "Bob has moved"}, {"name": "Eve", "gift": 1}'
    run wfrun rollback r
    [ "$status" -eq 2 ] # there is nobody to ask
    [[ "$output" = *"Ada   a "*"give Ada-a back"*"2027-01-15T08:00Z"* ]]
    [[ "$output" = *"CANNOT: Bob has moved"* ]]
    [[ "$output" = *"nothing to undo: give Eve-b back"* ]]
    [[ "$output" = *"6 to undo, 1 cannot be undone, 1 with nothing to undo, 0 undone before"* ]]
    [[ "$output" = *"add --yes"* ]]
    [ -z "$(given_back)" ]
    [ "$(wfrun list -o json | jq length)" -eq 1 ]
}

@test "what cannot be undone stops nobody, is named with its reason, and makes the exit status 3" {
    lend '{"name": "Ada"}, {"name": "Bob", "lost": "Bob has moved"}'
    run --separate-stderr wfrun rollback r --yes
    [ "$status" -eq 3 ]
    jq -e '[.operations[] | select(.result == "not undone") | "\(.item) \(.why)"] == ["Bob Bob has moved"]' <<<"$output"
    [ "$(of Bob)" = "Bob-a " ]
    [ "$(of Ada)" = "Ada-b Ada-a " ]
    run wfrun wait r-rollback-1 -o none
    [ "$status" -eq 3 ]
}

@test "an undo that fails leaves its operation, and a second rollback does only that one" {
    touch closed
    lend "{\"name\": \"Ada\"}, {\"name\": \"Bob\", \"stuck\": \"$PWD/closed\"}"
    run --separate-stderr wfrun rollback r --yes
    [ "$status" -eq 3 ]
    jq -e '[.operations[] | select(.result == "not undone") | "\(.operation): \(.why)"] == ["b: the library is closed"]' <<<"$output"
    rm closed
    run --separate-stderr wfrun rollback r --yes
    [ "$status" -eq 0 ]
    jq -e '.undone == 1 and ([.operations[] | select(.result == "undone before")] | length == 5)' <<<"$output"
    [ "$(grep -c '^back ' books)" -eq 6 ]
    run --separate-stderr wfrun rollback r --yes
    [ "$status" -eq 0 ]
    jq -e '.undone == 0 and .left == 0' <<<"$output"
    [ "$(grep -c '^back ' books)" -eq 6 ]
}

@test "one item alone is undone by its label or by its path" {
    lend "$three"
    run wfrun rollback r --item Bob --item /do/1/people/for/2/do/1/b --yes
    [ "$status" -eq 0 ]
    [ "$(of Bob)" = "Bob-b Bob-a " ]
    [ "$(of Eve)" = "Eve-b " ]
    [ "$(grep -c '^back ' books)" -eq 3 ]
    run wfrun rollback r --item Zoe --yes
    [ "$status" -eq 2 ]
    [[ "$output" = *"nothing under this label or path"* ]]
    [[ "$output" = *"Ada, Bob, Eve"* || "$output" = *"Bob, Ada, Eve"* ]]
    run wfrun rollback r --yes
    [ "$status" -eq 0 ]
    [ "$(grep -c '^back ' books)" -eq 8 ]
}

@test "a label that two items have is refused with their paths" {
    lend '{"name": "Ada"}, {"name": "Ada"}'
    run wfrun rollback r --item Ada --yes
    [ "$status" -eq 2 ]
    [[ "$output" = *"2 items are called so"* ]]
    [[ "$output" = *"/do/1/people/for/0"* ]]
    [ -z "$(given_back)" ]
}

@test "stopped after any record, a rollback is resumed and undoes each operation once" {
    lend '{"name": "Ada"}, {"name": "Bob"}'
    cp wfrun.db base.db && cp books base
    for n in $(seq 100); do
        rm -f wfrun.db*
        cp base.db wfrun.db && cp base books
        run env WFRUN_TEST_STOP_AFTER="$n" wfrun rollback r --yes
        [ "$status" -eq 42 ] || break
        run --separate-stderr wfrun resume r-rollback-1
        [ "$status" -eq 0 ]
        jq -e '.undone == 6 and .left == 0' <<<"$output"
        [ "$(sed -n 's/^back //p' books | sort | tr '\n' ' ')" = "Ada-a Ada-b Bob-a Bob-b first last " ]
    done
    [ "$n" -gt 12 ] # six operations have an intent and an outcome each
}

@test "a rollback that is under way is not begun a second time" {
    lend '{"name": "Ada"}'
    run env WFRUN_TEST_STOP_AFTER=3 wfrun rollback r --yes
    [ "$status" -eq 42 ]
    run wfrun rollback r --yes
    [ "$status" -eq 6 ]
    [[ "$output" = *"wfrun resume r-rollback-1"* ]]
}

@test "a step without undo says why it has none; a secret in the input is not handed out again" {
    workflow plain <<YAML
use: {secrets: [token]}
do:
  - write: {call: fx-write, with: {file: $PWD/books}}
  - secret: {call: fx-lend, with: {file: $PWD/books, id: '\${ \$secrets.token }'}}
YAML
    echo '{"token": "geheim-42"}' >secrets.json
    chmod 600 secrets.json
    wfrun --run-id r plain.yaml --secrets secrets.json -o none
    run wfrun rollback r --yes
    [ "$status" -eq 3 ]
    [[ "$output" = *"CANNOT: a test"* ]]
    [[ "$output" = *"held a secret"* ]]
    [ -z "$(given_back)" ]
}

@test "a run that is in doubt is resolved first" {
    workflow doubt <<YAML
do:
  - write: {call: fx-write, with: {file: $PWD/books, die: after, dieOnce: $PWD/mark}}
YAML
    run wfrun --run-id r doubt.yaml
    [ "$status" -eq 137 ]
    run wfrun rollback r --yes
    [ "$status" -eq 7 ]
    [[ "$output" = *"wfrun resume r"* ]]
    run wfrun resume r
    [ "$status" -eq 7 ]
    run wfrun rollback r --yes
    [ "$status" -eq 7 ]
    [[ "$output" = *"wfrun resolve r '/do/0/write'"* ]]
    wfrun kill r
    run wfrun rollback r --yes
    [ "$status" -eq 3 ]
    [[ "$output" = *"nobody knows whether it happened"* ]]
}

@test "a parked run ends with its rollback" {
    workflow half <<YAML
do:
  - lend: {call: fx-lend, with: {file: $PWD/books, id: half}}
  - pause: {wait: {hours: 1}}
YAML
    interrupt TERM --run-id r half.yaml
    [ "$status" -eq 143 ]
    run wfrun rollback r --yes
    [ "$status" -eq 0 ]
    [ "$(given_back)" = "half " ]
    status_is r cancelled
    run wfrun rollback r-rollback-1 --yes
    [ "$status" -eq 2 ]
    [[ "$output" = *"is a rollback"* ]]
}

@test "while a retry is not over, what it began with stays: it can be rolled back itself, with all of that" {
    workflow half <<YAML
do:
  - one: {call: fx-lend, with: {file: $PWD/books, id: one}}
  - pause: {wait: {hours: 1}}
YAML
    interrupt TERM --run-id r half.yaml
    wfrun kill r
    wfrun retry r 2>/dev/null &
    children+=("$!")
    until_true held r-retry-1
    run -9 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"run r cannot be rolled back: its retry r-retry-1 goes on with what it did (running)"* ]]
    wfrun suspend r-retry-1
    wait "${children[-1]}" || true
    run -6 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"goes on with what it did (suspended)"*"wfrun rollback r-retry-1"* ]]
    [ "$(given_back)" = "" ]
    run -0 --separate-stderr wfrun rollback r-retry-1 --yes
    [ "$(given_back)" = "one " ]
    run -0 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"0 to undo"*"1 undone before"* ]]
    [ "$(given_back)" = "one " ]
}

@test "what a run and its retry share is undone once, through whichever of them" {
    touch books broken
    workflow pair <<YAML
do:
  - one: {call: fx-lend, with: {file: $PWD/books, id: one}}
  - sell: {call: fx-try, with: {file: $PWD/sold, id: sell, broken: $PWD/broken}}
  - two: {call: fx-lend, with: {file: $PWD/books, id: two}}
YAML
    run -1 wfrun --run-id r pair.yaml
    rm broken
    run -0 wfrun retry r
    run -0 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"run r was retried; to take back what its retries did, too: wfrun rollback r-retry-1"* ]]
    [ "$(given_back)" = "one " ]
    run --separate-stderr wfrun rollback r-retry-1 --yes
    [[ $stderr == *"1 undone before"* ]]
    [ "$(given_back)" = "one two " ]
    # What a rollback took back is done again by the next retry, under a key of its own, and can be taken back again.
    run -0 wfrun retry r-retry-1 --run-id third --from one
    run --separate-stderr wfrun rollback third --yes
    [ "$(jq .undone <<<"$output")" -eq 2 ]
}

@test "a retry whose run before is not in the journal any more is undone once all the same" {
    touch books broken
    workflow pair <<YAML
do:
  - one: {call: fx-lend, with: {file: $PWD/books, id: one}}
  - sell: {call: fx-try, with: {file: $PWD/sold, id: sell, broken: $PWD/broken}}
YAML
    run -1 wfrun --run-id r pair.yaml
    rm broken
    run -0 wfrun retry r
    sqlite3 wfrun.db "UPDATE run SET id = 'elsewhere' WHERE id = 'r'"
    run --separate-stderr wfrun rollback r-retry-1 --yes
    [ "$(jq .undone <<<"$output")" -eq 1 ]
    run --separate-stderr wfrun rollback r-retry-1 --yes
    [[ $stderr == *"0 to undo"*"1 undone before"* ]]
}

@test "a terminal is asked; any other answer than yes undoes nothing" {
    lend '{"name": "Ada"}'
    run script -qec "wfrun rollback r" /dev/null <<<no
    [[ "$output" = *"Undo 4 operations of run r? Type yes:"* ]]
    [ -z "$(given_back)" ]
    run script -qec "wfrun rollback r" /dev/null <<<yes
    [ "$(grep -c '^back ' books)" -eq 4 ]
}

@test "while one is asked whether to roll back, nobody else rolls back or retries" {
    lend '{"name": "Ada"}'
    mkfifo answer
    exec 5<>answer # open as long as the test is: script must not read an end
    script -qec "wfrun rollback r" /dev/null <answer >asked 5>&- &
    children+=("$!")
    until_true grep -q "Type yes" asked
    run -9 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"run r is being retried or rolled back by another process"*"wfrun list"* ]]
    run -9 --separate-stderr wfrun retry r --from last --repeat-effects
    [[ $stderr == *"run r is being retried or rolled back by another process"* ]]
    [ -z "$(given_back)" ]
    echo yes >&5
    wait "${children[-1]}"
    exec 5>&-
    [ "$(grep -c '^back ' books)" -eq 4 ]
}

@test "of many who retry a run in one instant, one does" {
    touch broken
    workflow half <<YAML
do:
  - sell: {call: fx-try, with: {file: $PWD/sold, id: sell, broken: $PWD/broken}}
YAML
    run -1 wfrun --run-id r half.yaml
    rm broken
    for i in 1 2 3 4 5 6; do
        { rc=0; wfrun retry r --run-id "again$i" >/dev/null 2>&1 || rc=$?; echo "$rc" >"rc$i"; } &
    done
    wait
    [ "$(grep -lx 0 rc* | wc -l)" -eq 1 ]
    [ "$(grep -lxE '2|9' rc* | wc -l)" -eq 5 ]
    [ "$(wfrun list -o json | jq length)" -eq 2 ]
}
