#!/usr/bin/env bats
# migration.bats: the flagship against a generated partner: every customer and user exactly once.
load helper

@test "200 users of 10 customers move under realistic faults, each once, and nobody is ever without a licence" {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed 10x20 --faults realistic <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    run --separate-stderr timeout 120 wfrun --run-id r1 --sandbox="$url" "${top_srcdir:?}/workflows/e4-to-e5.yaml"
    [ "$status" -eq 0 ]
    jq -e '.summary | .moved == 10 and .users == 200 and .people == 0 and .failed == 0' <<<"$output"
    curl -sS --fail "$url/_sandbox/ledger" >ledger.json
    exec 7>&-
    jq -e '.counts | .orders == 10 and .licenseSwaps == 200 and .suspensions == 10 and .duplicateOrders == 0
        and .usersWithoutLicense == 0 and .throttled > 0' ledger.json || { jq .counts ledger.json >&2; return 1; }
}

@test "customers who cannot be moved stop nobody: status 3, and a retry does those again and nobody else" {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed small <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    run --separate-stderr timeout 120 wfrun --run-id r1 --sandbox="$url" "${top_srcdir:?}/workflows/e4-to-e5.yaml"
    [ "$status" -eq 3 ]
    [[ $stderr == *"completed, but 3 items failed"* ]]
    jq -e '.summary | .moved > 0 and .failed == 3' <<<"$output"
    curl -sS --fail "$url/_sandbox/ledger" | jq '.counts | {orders, licenseSwaps, suspensions}' >before.json
    jq -e '.orders > 0' before.json
    run --separate-stderr timeout 120 wfrun retry r1 --failed --yes
    [ "$status" -eq 3 ]
    [[ $stderr == *"3 items failed"* ]]
    curl -sS --fail "$url/_sandbox/ledger" | jq '.counts | {orders, licenseSwaps, suspensions}' >after.json
    exec 7>&-
    diff before.json after.json
}

@test "throttled to a few requests a second for each customer, nobody asks again before they may, and all are moved" {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed 10x2 <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
    curl -sS --fail -H 'Content-Type: application/json' -d '{"customer_per_second":5}' "$url/_sandbox/settings" >/dev/null
    # By the real clock: a stand-in's virtual one may be some ms behind, and that would be counted.
    run --separate-stderr timeout 120 wfrun --ephemeral --sandbox="$url" --sandbox-clock real \
        "${top_srcdir:?}/workflows/e4-to-e5.yaml"
    [ "$status" -eq 0 ]
    jq -e '.summary | .moved == 10 and .users == 20' <<<"$output"
    curl -sS --fail "$url/_sandbox/ledger" >ledger.json
    exec 7>&-
    jq -e '.counts | .throttled > 0 and .retryAfterViolations == 0 and .duplicateOrders == 0' ledger.json ||
        { jq .counts ledger.json >&2; return 1; }
}
