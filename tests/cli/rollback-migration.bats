#!/usr/bin/env bats
# rollback-migration.bats: the flagship taken back: the partner's world is as it was, or what is not is said.
load helper

# world OUT: the stand-in's whole state, without what differs although nothing does.
world() { curl -sS --fail "$url/_sandbox/dump?stable=1" | jq -S . >"$1"; }

setup_world() {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed "${1:-3x4}" --faults none <open >hello.json &
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

# refuse_user ID: no swap of theirs, for good.
refuse_user() {
    curl -sS --fail "$url/_sandbox/faults" -d "{\"rules\": [{\"kind\": \"status\", \"status\": 400, \"code\": 900150,
        \"method\": \"POST\", \"route\": \"/v1/customers/$second/users/$1/licenseupdates\"}]}" >/dev/null
}

# failed_in_a_wave: six customers in waves of one, two and the rest. In the second, the service refuses a user of one customer
# for good; no failure is allowed, so the run ends there, with one customer moved, one half moved, and three never begun.
failed_in_a_wave() {
    setup_world 6x4
    cp "${top_srcdir:?}"/workflows/*.yaml .
    sed -i 's/^\( *\)failureBudget: .*/\1waves: [1, 3, 100%]/; s/^\( *\)failed: first.*/\1failed: .[0].status != "moved"/; s/concurrency: 8/concurrency: 2/' \
        sku-retirement-all.yaml
    wfrun check e4-to-e5.yaml
    second=$(wfrun plan --sandbox="$url" e4-to-e5.yaml -o json --progress quiet |
        jq -r '[.items[] | select(.step == "suspend")] | sort_by(.path)[1].facts.customerId')
    user=$(jq -r --arg id "$second" '.customers[] | select(.id == $id) | .users[2].id' before.json)
    refuse_user "$user"
    run -1 --separate-stderr timeout 120 wfrun --run-id r --sandbox="$url" e4-to-e5.yaml --progress quiet
    world between.json
    # What there is to take back: one customer whole, and one in the middle.
    [ "$(jq --slurpfile b before.json '[.customers[] | select(. as $c | $b[0].customers | index($c) | not)] | length' between.json)" -ge 2 ]
    jq -e --arg id "$second" '.customers[] | select(.id == $id) | [.users[].licenses[].sku] | unique | length == 2' between.json
}

@test "a failure in the middle of a wave: rolled back, every customer is as it was, the half moved one too" {
    failed_in_a_wave
    wfrun explain r | grep -q "wfrun rollback r"
    run -0 --separate-stderr timeout 120 wfrun rollback r --yes
    jq -e '.left == 0' <<<"$output"
    world after.json
    exec 7>&-
    diff <(but_for_what_was_bought before.json) <(but_for_what_was_bought after.json)
    jq -e '[.customers[].subscriptions[] | select(.friendlyName | contains("(wf-")) | .status] | length >= 2 and unique == ["suspended"]' after.json
}

@test "a failure in the middle of a wave: what cannot be taken back is named with the reason, and all else is as it was" {
    failed_in_a_wave
    # The service does not let a user who was moved go back.
    moved=$(jq -r --arg id "$second" '.customers[] | select(.id == $id) | .users[0].id' before.json)
    refuse_user "$moved"
    run -3 --separate-stderr timeout 120 wfrun rollback r --yes
    world left.json
    # The user, and what was bought, because the user needs it; nothing else.
    jq -e --arg user "$moved" '.left == 2 and ([.operations[] | select(.result == "not undone")] |
        (.[0].why | contains("User " + $user) and contains("was not swapped back: Partner Center refused")) and
        (.[1].why | contains("1 licences of \"Office 365 E5\" are in use") and contains("Move these users back, then roll back again")))' <<<"$output"
    # shellcheck disable=SC2016 # jq's variables
    but_for_the_user='.customers[] |= (if .id == $id then del(.inventory) | .users |= map(select(.id != $user)) else . end)'
    diff <(but_for_what_was_bought before.json | jq --arg id "$second" --arg user "$moved" "$but_for_the_user") \
        <(but_for_what_was_bought left.json | jq --arg id "$second" --arg user "$moved" "$but_for_the_user")
    run ! diff <(but_for_what_was_bought before.json) <(but_for_what_was_bought left.json)
    [[ $(wfrun explain r) == *"was rolled back by run r-rollback-1"* ]]
    # Once it can be done, a second rollback does just that.
    curl -sS --fail "$url/_sandbox/faults" -d '{"rules": []}' >/dev/null
    run -0 --separate-stderr timeout 120 wfrun rollback r --yes
    jq -e '.left == 0 and .undone == 2' <<<"$output"
    world after.json
    exec 7>&-
    diff <(but_for_what_was_bought before.json) <(but_for_what_was_bought after.json)
}
