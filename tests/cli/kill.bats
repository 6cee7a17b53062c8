#!/usr/bin/env bats
# kill -9 at random instants, with 64 effects under way: each effect is there exactly once in the end.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# many STEP MEMBERS: a loop of 256 iterations, 64 at a time, each calls the step.
many() {
    workflow many <<YAML
do:
  - loop:
      metadata: {wfrun: {concurrency: 64}}
      for: {each: x, in: '[range(256)]'}
      do:
        - pay:
            call: $1
            with: {file: $PWD/effects, $2}
            output: {as: .key}
  - end:
      set: {keys: '\${ unique | length }'}
YAML
    : >effects
}

# kill_often SEED KILLS: kills the run that often, each time after 0 to 255 ms of its life.
kill_often() {
    local n life
    RANDOM=$1
    local command=(--run-id r many.yaml)
    for n in $(seq "$2"); do
        life=$((RANDOM % 256))
        wfrun "${command[@]}" >/dev/null 2>&1 &
        children+=($!)
        sleep "0.$(printf %03d $life)"
        kill -9 "$!" 2>/dev/null || true
        wait "$!" 2>/dev/null || true
        wfrun show r >/dev/null 2>&1 && command=(resume r)
    done
    run --separate-stderr wfrun "${command[@]}"
}

# Effects that were made by a worker while its process was being killed count as well: the lines are the truth.
each_once() {
    grep -vx verify effects >lines
    [ "$(sort -u lines | wc -l)" -eq 256 ]
    [ "$(wc -l <lines)" -eq 256 ]
    [ "$output" = '{"keys":256}' ]
}

@test "killed at eight random instants, 256 payments are made once each" {
    many fx-spend "ms: 20"
    kill_often 1 8
    [ "$status" -eq 0 ]
    each_once
}

@test "killed at eight other instants, 256 payments are made once each" {
    many fx-spend "ms: 1"
    kill_often 7 8
    [ "$status" -eq 0 ]
    each_once
}

@test "killed at random instants, writes that cannot be verified are never repeated" {
    many fx-write "ms: 5"
    kill_often 3 3
    tries=0
    while [ "$status" -eq 7 ] && [ $((tries += 1)) -lt 10 ]; do
        wfrun show r -o json | jq -r '.inDoubt[] | .path + " " + .key' >doubts
        [ -s doubts ]
        grep -qE ' [0-9a-f-]{36}$' doubts
        while read -r path key; do # the person looks into the books
            if grep -qx "$key" effects; then
                wfrun resolve r "$path" --done --output "{\"key\": \"$key\"}" --reason "in the books"
            else
                wfrun resolve r "$path" --not-done --reason "not in the books"
            fi
        done <doubts
        run --separate-stderr wfrun resume r
    done
    [ "$status" -eq 0 ]
    each_once
}
