#!/usr/bin/env bats
load helper

WORKFLOWS=${top_srcdir:?}/workflows

# What a report says but for names, addresses and ids.
faceless() {
    jq -S '[.customers[] | {status, from, to, seats, moved, reason, ends: (.deprovisionDate != null), people: ([.people[].reason] | sort)}] | sort_by(tojson)'
}

# What a plan says but for names and ids.
actions() { jq -S '[.items[] | {step, action, effect, cost}] | sort_by(tojson)'; }

@test "a migration rehearsed on a picture of a tenant ends as on the tenant itself" {
    run --separate-stderr wfrun snapshot --sandbox --sandbox-seed small --to tenant.json
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == *"--sandbox-seed tenant.json"* ]]
    [ "$(stat -c %a tenant.json)" = 600 ]
    [ "$(jq '.customers | length' tenant.json)" = 15 ]
    wfrun "$WORKFLOWS/e4-to-e5.yaml" --ephemeral --sandbox --progress quiet | faceless >of-tenant
    wfrun "$WORKFLOWS/e4-to-e5.yaml" --ephemeral --sandbox --sandbox-seed tenant.json --progress quiet | faceless >of-picture
    [ "$(jq length of-tenant)" -gt 10 ]
    diff of-tenant of-picture
}

@test "a picture of a large tenant plans as the tenant itself, and stands a hostile rehearsal" {
    wfrun snapshot --sandbox --sandbox-seed 6x9 >tenant.json
    wfrun plan "$WORKFLOWS/e4-to-e5.yaml" --sandbox --sandbox-seed 6x9 --progress quiet -o json | actions >of-tenant
    wfrun plan "$WORKFLOWS/e4-to-e5.yaml" --sandbox --sandbox-seed tenant.json --progress quiet -o json | actions >of-picture
    [ "$(jq length of-tenant)" = 66 ]
    diff of-tenant of-picture
    wfrun "$WORKFLOWS/e4-to-e5.yaml" --ephemeral --sandbox=hostile --sandbox-seed tenant.json --progress quiet |
        jq -e '.summary.moved == 6 and .summary.failed == 0'
}

@test "taking a picture sends no write, and leaves no name behind" {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed 4x5 <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    wfrun snapshot partner-center-snapshot --sandbox="$url" >tenant.json
    [ "$(curl -fsS "$url/_sandbox/ledger" | jq '.counts.writes')" = 0 ]
    [ "$(curl -fsS "$url/_sandbox/ledger" | jq '.entries | length')" = 0 ]
    curl -fsS "$url/_sandbox/dump" | jq -r '.customers[] | .id, .name, .domain, (.users[] | .id, .userPrincipalName)' >names
    [ "$(wc -l <names)" = 52 ]
    ! grep -qiFf names tenant.json
    id=$(curl -fsS "$url/_sandbox/dump" | jq -r '.customers[1].id')
    wfrun snapshot --sandbox="$url" --set "customers=[$id]" --to one.json
    [ "$(jq '.customers | length' one.json)" = 1 ]
    exec 7>&-
}

@test "what cannot be had is a sentence, and no file" {
    run wfrun snapshot nothing-snapshot --to x.json
    [ "$status" -eq 2 ]
    [[ $output == *"no step nothing-snapshot here"* ]]
    run wfrun snapshot --set nonsense=1 --to x.json
    [ "$status" -eq 2 ]
    run wfrun snapshot --to x.json
    [ "$status" -eq 1 ]
    [[ $output == *'There is no secret "partner-center"'* ]]
    run wfrun snapshot --sandbox --to no/such/folder/x.json
    [ "$status" -eq 1 ]
    [ ! -e x.json ]
    mkdir none
    run wfrun snapshot --plugin-dir none
    [ "$status" -eq 2 ]
    [[ $output == *"no plugin here has a step whose name ends in -snapshot"* ]]
}
