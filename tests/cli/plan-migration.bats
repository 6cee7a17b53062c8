#!/usr/bin/env bats
# plan-migration.bats: the flagship planned and applied: no write in the plan, then exactly its items.
load helper

setup_world() {
    mkfifo open
    partner-center-sandbox --exit-with-parent --seed "$1" --faults none <open >hello.json &
    children+=($!)
    exec 7>open
    until_true test -s hello.json
    url=$(jq -r .url hello.json)
}

ledger() { curl -sS --fail "$url/_sandbox/ledger"; }
e4=${top_srcdir:?}/workflows/e4-to-e5.yaml

@test "planning the migration makes no write request, and applying does the items of the plan" {
    setup_world 6x8
    timeout 120 wfrun plan --sandbox="$url" "$e4" --out p.json -o json --progress quiet >plan.json
    ledger | jq -e '.counts.writes == 0'
    jq -e '.summary.create == 6 and .summary.change == 54 and .summary.cannot == 0 and .summary.unknownCosts == 0' plan.json
    timeout 120 wfrun apply p.json -o json >out.json
    jq -e '.summary.moved == 6' out.json
    ledger >ledger.json
    jq -e '.counts | .orders == 6 and .licenseSwaps == 48 and .suspensions == 6 and .duplicateOrders == 0' ledger.json
    # Item by item: what was begun is what was planned, on the same facts.
    run=$(wfrun list -o json | jq -r '.[0].run')
    sqlite3 "$WFRUN_STATE" "SELECT json FROM op JOIN run ON run.num = op.run WHERE run.id = '$run' AND kind = 'step' AND state = 'intent'" |
        jq -S -c '[.step, .quote.action, .quote.facts]' | sort >done.txt
    jq -S -c '.items[] | [.step, .action, .facts]' plan.json | sort >planned.txt
    diff planned.txt done.txt
    run -8 --separate-stderr wfrun apply p.json
    exec 7>&-
}

@test "a quantity that changed between plan and apply leaves that customer out; the others are moved" {
    setup_world 4x3
    timeout 120 wfrun plan --sandbox="$url" "$e4" --out p.json -o json --progress quiet >plan.json
    customer=$(jq -r '[.items[] | select(.step == "suspend")][1].facts.customerId' plan.json)
    subscription=$(jq -r '[.items[] | select(.step == "suspend")][1].facts.subscriptionId' plan.json)
    tenant=$(jq -r '.secrets["partner-center"].tenant' hello.json)
    token=$(curl -sS --fail "$url/$tenant/oauth2/v2.0/token" -d grant_type=client_credentials \
        -d "client_id=$(jq -r '.secrets["partner-center"].clientId' hello.json)" \
        -d "client_secret=$(jq -r '.secrets["partner-center"].clientSecret' hello.json)" \
        -d 'scope=https://graph.windows.net/.default' | jq -r .access_token)
    path="$url/v1/customers/$customer/subscriptions/$subscription"
    curl -sS --fail -H "Authorization: Bearer $token" "$path" | jq '.quantity -= 1' |
        curl -sS --fail -X PATCH -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d @- "$path" >/dev/null
    run --separate-stderr timeout 120 wfrun apply p.json
    exec 7>&-
    jq -e '.summary.moved == 3 and .summary.failed == 1' <<<"$output"
    jq -e '[.customers[] | select(.status == "failed")] | length == 1 and (.[0].reason == "Not as planned")
        and (.[0].notes[0] | contains("quantity"))' <<<"$output"
}
