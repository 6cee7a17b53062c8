#!/usr/bin/env bats
# What goes wrong with the partner's side: the remote's own code and words, a sentence that says what to do, status 1.
load helper

E4=8909E28E-5832-42F4-9886-B0A5545F3645
E5=A044B16A-1861-4308-8086-A3A3B506FAC2

# One sandbox for all; each test starts without faults.
setup_file() {
    mkfifo "$BATS_FILE_TMPDIR/open"
    partner-center-sandbox --exit-with-parent <"$BATS_FILE_TMPDIR/open" >"$BATS_FILE_TMPDIR/hello.json" 3>&- &
    exec 7>"$BATS_FILE_TMPDIR/open"
    for _ in $(seq 100); do
        [ -s "$BATS_FILE_TMPDIR/hello.json" ] && break
        sleep 0.1
    done
    U=$(jq -r .url "$BATS_FILE_TMPDIR/hello.json")
    export U
    export WFRUN_PARTNER_CENTER_API_ROOT=$U WFRUN_PARTNER_CENTER_AUTHORITY=$U WFRUN_PARTNER_CENTER_GRAPH_ROOT=$U
    curl -fsS "$U/_sandbox/dump" >"$BATS_FILE_TMPDIR/state.json"
}

teardown_file() { exec 7>&-; }

control() { curl -fsS "$U/_sandbox/$1" -d "$2" >/dev/null; }

# secrets [JQ]: the sandbox's credentials, changed, in secrets.json.
secrets() {
    (umask 077 && jq ".secrets | .[\"partner-center\"] |= (${1:-.})" "$BATS_FILE_TMPDIR/hello.json" >secrets.json)
}

customer_id() { jq -r --arg name "$1" '.customers[] | select(.name == $name) | .id' "$BATS_FILE_TMPDIR/state.json"; }

find_workflow() {
    workflow find <<YAML
do:
  - find:
      call: find-expiring
      with:
        retired: [{offerIds: [$E4]}, {offerIds: [379DC555-DDCB-4CCB-BEBF-37437333E278]}]
        customers: '\${ if .customer then [.customer] else null end }'
        includeAutoRenew: true
YAML
}

# check_workflow TARGET: finds the customer's subscription and checks it.
check_workflow() {
    workflow check <<YAML
do:
  - find:
      call: find-expiring
      with: {retired: [{offerIds: [$E4]}, {offerIds: [379DC555-DDCB-4CCB-BEBF-37437333E278]}], customers: ['\${ .customer }']}
  - check:
      call: preflight
      with:
        customerId: \${ \$workflow.input.customer }
        subscriptionId: '\${ .subscriptions[0].subscriptionId // "00000000-0000-0000-0000-000000000000" }'
        retired: [{offerIds: [$E4], skuIds: [1392051d-0cb9-4b7a-88d5-621fee5e8711]}, {offerIds: [379DC555-DDCB-4CCB-BEBF-37437333E278]}]
        targets: [{offerId: '$1'}]
YAML
}

# fails TYPE WORD...: the last run faulted with a place, an error object of the type, and all of the words.
fails() {
    local type=$1 word
    shift
    [ "$status" -eq 1 ] || { echo "status $status: $stderr"; false; }
    [ -z "$output" ]
    [[ ${stderr_lines[0]} =~ ^(find|check)\.yaml:[0-9]+:[0-9]+:\ error:\  ]] || { echo "$stderr"; false; }
    tail -n 1 <<<"$stderr" | jq -e --arg type "$type" '.type | endswith("/" + $type)' >/dev/null || { echo "$stderr"; false; }
    for word; do
        [[ ${stderr_lines[0]} == *"$word"* ]] || { echo "no $word: $stderr"; false; }
    done
}

try_find() {
    find_workflow
    run --separate-stderr wfrun --ephemeral find.yaml "$@"
}

# try_check CUSTOMER TARGET
try_check() {
    secrets
    check_workflow "$2"
    run --separate-stderr wfrun --ephemeral check.yaml --secrets secrets.json --set "customer=$(customer_id "$1")"
}

# ---- credentials -------------------------------------------------------------------------------------------------------

@test "no credentials" {
    try_find
    fails authentication 'There is no secret "partner-center"' 'Give one with --secrets FILE'
}

@test "incomplete credentials" {
    secrets 'del(.clientId)'
    try_find --secrets secrets.json
    fails authentication 'has no text "clientId"' 'It must be an object with tenant, clientId and clientSecret'
}

@test "a wrong client secret" {
    secrets '.clientSecret = "not-the-secret"'
    try_find --secrets secrets.json
    fails authentication '401 invalid_client: AADSTS7000215' 'Invalid client secret provided' 'make a new one in the app registration'
    [[ $stderr != *not-the-secret* ]]
    [[ $stderr != *".."* ]]
}

@test "a wrong client, and a wrong tenant" {
    secrets '.clientId = "11111111-2222-3333-4444-555555555555"'
    try_find --secrets secrets.json
    fails authentication '400 unauthorized_client: AADSTS700016' 'make a new one in the app registration'
    secrets '.tenant = "11111111-2222-3333-4444-555555555555"'
    try_find --secrets secrets.json
    fails authentication 'AADSTS90002' 'Check tenant, clientId and clientSecret in the secret "partner-center"'
}

@test "credentials that act for no user" {
    secrets 'del(.refreshToken)'
    check_workflow "$E5"
    run --separate-stderr wfrun --ephemeral check.yaml --secrets secrets.json --set "customer=$(customer_id 'Blauwe Anker BV')"
    fails authentication 'has no refreshToken' 'Sign in once as an admin agent'
}

@test "a sign-in that has expired, or that wants a second factor" {
    secrets '.refreshToken = "of-another-day"'
    try_find --secrets secrets.json
    fails authentication 'The sign-in has expired' '400 invalid_grant: AADSTS' 'get a new refresh token' 'then run again'
    secrets
    control settings '{"force_invalid_grant": true}'
    try_find --secrets secrets.json
    control settings '{"force_invalid_grant": false}'
    fails authentication 'AADSTS50076' 'multi-factor authentication' 'A person must consent again'
}

@test "an access token that the service calls expired: once is mended, for ever is a fault" {
    secrets
    control faults '{"rules": [{"kind": "expired-token", "count": 1}]}'
    try_find --secrets secrets.json
    [ "$status" -eq 0 ]
    control faults '{"rules": [{"kind": "expired-token"}]}'
    try_find --secrets secrets.json
    control faults '{"profile": "none"}'
    fails authentication '401, code 400' 'Access token has expired' 'Check the secret "partner-center"'
}

# ---- the customer ------------------------------------------------------------------------------------------------------

@test "a customer where the account has no role" {
    try_check 'Verboden Toegang NV' "$E5"
    fails authorization 'code 2032' 'does not have the role to work for this customer' 'admin agent'
}

@test "a customer without delegated access" {
    try_check 'Zonder Beheer BV' "$E5"
    fails authorization 'allowDelegatedAccess is false' 'Ask the customer for delegated administration'
}

@test "a customer that has not accepted the agreement" {
    try_check 'Onbeslist BV' "$E5"
    fails authorization 'Onbeslist BV' 'code 13605' 'Have them accept it'
}

@test "a customer that nobody knows" {
    secrets
    check_workflow "$E5"
    run --separate-stderr wfrun --ephemeral check.yaml --secrets secrets.json --set customer=11111111-2222-3333-4444-555555555555
    [ "$status" -eq 1 ]
    fails communication '404, code 1000' 'Customer 11111111-2222-3333-4444-555555555555 was not found' 'Check the id'
}

# ---- the target --------------------------------------------------------------------------------------------------------

@test "a target that is retired itself" {
    try_check 'Blauwe Anker BV' "$E4"
    fails validation "$E4 is one of the retired ones" 'Correct the targets'
}

@test "a commercial offer for a government customer" {
    try_check 'City of Riverton' "$E5"
    fails validation 'is an offer for commercial customers, but this customer is government_community_cloud' "Choose the offer of the customer's own segment"
}

@test "an offer that does not exist" {
    try_check 'Blauwe Anker BV' 00000000-0000-0000-0000-00000000dead
    fails communication '404, code 1000' 'was not found' 'Check the id'
}

# ---- the way there -----------------------------------------------------------------------------------------------------

@test "a service that is not there" {
    secrets
    export WFRUN_PARTNER_CENTER_API_ROOT=http://127.0.0.1:1 WFRUN_PARTNER_CENTER_AUTHORITY=http://127.0.0.1:1
    try_find --secrets secrets.json
    fails communication 'could not be reached' '127.0.0.1 port 1' 'Check the network and try again'
}

@test "an address that is none" {
    secrets
    export WFRUN_PARTNER_CENTER_API_ROOT=localhost
    try_find --secrets secrets.json
    fails configuration 'The setting partner-center.api-root is "localhost"' 'Correct it in wfrun.yaml'
}

@test "a service that goes away in the middle of a run" {
    partner-center-sandbox >gone.json 3>&- 7>&- &
    children+=($!)
    until_true test -s gone.json
    url=$(jq -r .url gone.json)
    export WFRUN_PARTNER_CENTER_API_ROOT=$url WFRUN_PARTNER_CENTER_AUTHORITY=$url WFRUN_PARTNER_CENTER_GRAPH_ROOT=$url
    (umask 077 && jq .secrets gone.json >secrets.json)
    check_workflow "$E5"
    sed -i 's/^  - check:/  - pause: {wait: {seconds: 1}}\n  - check:/' check.yaml
    wfrun --ephemeral check.yaml --secrets secrets.json --events begun --set "customer=$(customer_id 'Blauwe Anker BV')" >out 2>err &
    run_pid=$!
    children+=("$run_pid")
    until_true grep -q 'task\.started.*"name":"pause"' begun
    kill "${children[0]}"
    status=0
    wait "$run_pid" || status=$?
    output=$(cat out) stderr=$(cat err)
    mapfile -t stderr_lines <err
    fails communication 'could not be reached' 'Check the network and try again'
}

@test "under --sandbox the report has a row for each customer that could not be moved, with the reason" {
    unset WFRUN_PARTNER_CENTER_API_ROOT WFRUN_PARTNER_CENTER_AUTHORITY WFRUN_PARTNER_CENTER_GRAPH_ROOT
    run --separate-stderr wfrun --ephemeral --sandbox "$top_srcdir/workflows/e4-to-e5.yaml"
    [ "$status" -eq 3 ]
    jq -e '[.customers[] | select(.status == "failed") | .customer] | index("Onbeslist BV") and index("Zonder Beheer BV")' <<<"$output"
    jq -e '.customers[] | select(.customer == "Onbeslist BV") | .notes | any(contains("code 13605") and contains("Have them accept it"))' <<<"$output"
    # What a person has to do is not cut off.
    [[ $(tr -s ' \n' ' ' <<<"$stderr") == *"Have them accept it, confirm it in Partner Center, then run again."* ]]
}
