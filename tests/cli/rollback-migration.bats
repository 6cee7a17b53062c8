#!/usr/bin/env bats
# rollback-migration.bats: the flagship taken back: the partner's world is as it was, or what is not is said.
load helper

# world OUT: the stand-in's whole state, without what differs although nothing does.
world() { curl -sS --fail "$url/_sandbox/dump?stable=1" | jq -S . >"$1"; }

setup_world() {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed 3x4 --faults none <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    world before.json
}

# What was bought can only be suspended: it stays in the list, costs nothing, and is removed in time. All else is compared.
but_for_what_was_bought() {
    jq -S '.customers[] |= (.subscriptions |= map(select(.friendlyName | contains("(wf-") | not))
        | .inventory |= map(select(.active + .warning + .consumed > 0)))' "$1"
}

@test "a migration that was rolled back leaves every customer as it was, but for what was bought, which is suspended" {
    setup_world
    timeout 120 wfrun --run-id r --sandbox="$url" "${top_srcdir:?}/workflows/e4-to-e5.yaml" -o none
    world between.json
    run ! cmp -s before.json between.json
    run --separate-stderr timeout 120 wfrun rollback r --yes
    [ "$status" -eq 0 ]
    jq -e '.left == 0 and .undone == 18' <<<"$output" # of 3 customers: a purchase, 4 users, a suspension
    world after.json
    exec 7>&-
    jq -e '[.customers[].subscriptions[] | select(.friendlyName | contains("(wf-")) | .status] == ["suspended", "suspended", "suspended"]' after.json
    diff <(but_for_what_was_bought before.json) <(but_for_what_was_bought after.json)
    diff before.json <(but_for_what_was_bought before.json)
}

@test "one customer of a migration is taken back, and the others stay moved" {
    setup_world
    timeout 120 wfrun --run-id r --sandbox="$url" "${top_srcdir:?}/workflows/e4-to-e5.yaml" -o none
    world moved.json
    run --separate-stderr timeout 120 wfrun rollback r --yes --item 'Customer 00002'
    [ "$status" -eq 0 ]
    world after.json
    exec 7>&-
    one='.customers[] | select(.name == "Customer 00002")' others='.customers[] | select(.name != "Customer 00002")'
    diff <(but_for_what_was_bought before.json | jq "$one") <(but_for_what_was_bought after.json | jq "$one")
    diff <(jq "$others" moved.json) <(jq "$others" after.json)
}
