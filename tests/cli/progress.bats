#!/usr/bin/env bats
load helper

loop() {
    workflow loop <<'YAML'
do:
  - all:
      for: {each: x, in: .list}
      metadata: {wfrun: {concurrency: 1, label: '${ "item " + $x }'}}
      do:
        - make: {set: {name: '${ $x }'}}
YAML
}

# The times taken differ from run to run.
times() { sed -E 's/\([0-9.]+ s\)/(T)/'; }

@test "plain progress is one line for each finished iteration" {
    loop
    run --separate-stderr wfrun --ephemeral --progress plain loop.yaml --set 'list=[a, 東京]'
    [ "$status" -eq 0 ]
    [ "$(times <<<"$stderr")" = $'[1/2] item a: done (T)\n[2/2] item 東京: done (T)' ]
}

@test "a failed iteration is said to have failed" {
    workflow fails <<'YAML'
do:
  - all:
      for: {each: x, in: .list}
      metadata: {wfrun: {concurrency: 1, label: '${ $x }'}}
      do:
        - bad: {raise: {error: {type: https://e.x/y, status: 400}}}
YAML
    run --separate-stderr wfrun --ephemeral --progress plain fails.yaml --set 'list=[a]'
    [ "$status" -eq 1 ]
    [ "$(times <<<"${stderr_lines[0]}")" = "[1/1] a: failed (T)" ]
}

@test "without a terminal auto is plain" {
    loop
    run --separate-stderr wfrun --ephemeral loop.yaml --set 'list=[a]'
    [ "$(times <<<"$stderr")" = "[1/1] item a: done (T)" ]
}

@test "quiet says nothing" {
    loop
    run --separate-stderr wfrun --ephemeral --progress quiet loop.yaml --set 'list=[a]'
    [ -z "$stderr" ]
}

@test "json progress is one object a line" {
    loop
    run --separate-stderr wfrun --ephemeral --progress json loop.yaml --set 'list=[a, b]'
    [ "$(jq -r .event <<<"$stderr" | tr '\n' ' ')" = \
        "loop-started iteration-started iteration-ended iteration-started iteration-ended " ]
    jq -es 'map(select(.event == "iteration-started") | .label) == ["item a", "item b"]' <<<"$stderr"
}

@test "on a terminal the live lines are gone at the end" {
    command -v script >/dev/null || skip "script is missing"
    workflow slow <<'YAML'
do:
  - all:
      for: {each: x, in: .list}
      metadata: {wfrun: {concurrency: 2, label: '${ "item " + $x }'}}
      do:
        - pause: {wait: {milliseconds: 300}}
YAML
    TERM=xterm script -qec "stty cols 40 rows 10; wfrun --ephemeral -o none slow.yaml --set 'list=[a, b, c]'" typescript >/dev/null
    grep -q "item a" typescript
    grep -q "0/3 done, 2 running" typescript
    # What is drawn last is taken away: three lines up at most, then erased.
    grep -q $'\033\[[0-9]A\033\[J' typescript
    # No line is wider than the screen, in characters: an ellipsis is one.
    ! tr '\r' '\n' <typescript | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep -v '^Script' | LC_ALL=C.UTF-8 grep -qE '.{41}'
}

@test "no more lines than the screen has" {
    command -v script >/dev/null || skip "script is missing"
    workflow many <<'YAML'
do:
  - all:
      for: {each: x, in: '[range(30)]'}
      metadata: {wfrun: {concurrency: 30}}
      do:
        - pause: {wait: {milliseconds: 400}}
YAML
    TERM=xterm script -qec "stty cols 40 rows 8; wfrun --ephemeral -o none many.yaml" typescript >/dev/null
    grep -q "and 25 more" typescript
    ! grep -qE $'\033\[([89]|[0-9]{2,})A' typescript
}
