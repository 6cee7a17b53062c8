# sandbox.bash: what the sandbox's bats files share: starting it, signing in, asking it.
#
# After start_sandbox: U and TLS_U are its addresses, TENANT CLIENT SECRET REFRESH its credentials, USER_TOKEN and
# APP_TOKEN two tokens. After a call of api: $code is the HTTP status, $body the text; the headers are in $HEADERS.

# Used by the tests that load this file.
# shellcheck disable=SC2034
E4=8909E28E-5832-42F4-9886-B0A5545F3645
E3=796B6B5F-613C-4E24-A17C-EBA730D49C02
E5=A044B16A-1861-4308-8086-A3A3B506FAC2
PHONE=4260988E-990D-479C-AE7B-F01CE8E1BB4D
PLUS_CAL=FC233C3F-25BC-4BBA-8984-860CE561AF86
G3=6B551829-DE8C-41E5-8678-41D52C27AEE8
E4_SKU=1392051d-0cb9-4b7a-88d5-621fee5e8711
E3_SKU=6fd2c87f-b296-42f0-b197-1e91e994b900
E5_SKU=c7df2760-2c81-4ef7-b578-5b5392b571df
PHONE_SKU=e43b5b99-8dfb-405f-9987-dc307f34bcbd
SWAY_PLAN=a23b959c-7ce8-4e57-9140-b90eb88a9e97
DAY=86400000

SANDBOX=${SANDBOX:-$top_builddir/plugins/sandbox-partner-center/partner-center-sandbox}

# start_sandbox [OPTION]...: leaves SANDBOX_PID; stop_sandbox ends it.
start_sandbox() {
    local out="$BATS_FILE_TMPDIR/line.$RANDOM"
    : > "$out"
    "$SANDBOX" "$@" > "$out" 2> "$BATS_FILE_TMPDIR/stderr" 3>&- &
    SANDBOX_PID=$!
    for _ in $(seq 200); do
        [ -s "$out" ] && break
        kill -0 "$SANDBOX_PID" 2> /dev/null || { cat "$BATS_FILE_TMPDIR/stderr" >&2; return 1; }
        sleep 0.02
    done
    LINE=$(cat "$out")
    U=$(jq -r .url <<< "$LINE")
    TLS_U=$(jq -r .tlsUrl <<< "$LINE")
    TENANT=$(jq -r '.secrets["partner-center"].tenant' <<< "$LINE")
    CLIENT=$(jq -r '.secrets["partner-center"].clientId' <<< "$LINE")
    SECRET=$(jq -r '.secrets["partner-center"].clientSecret' <<< "$LINE")
    REFRESH=$(jq -r '.secrets["partner-center"].refreshToken' <<< "$LINE")
    export SANDBOX_PID LINE U TLS_U TENANT CLIENT SECRET REFRESH
    sign_in
}

stop_sandbox() {
    kill "$SANDBOX_PID" && wait "$SANDBOX_PID"
}

sign_in() {
    USER_TOKEN=$(token "$TENANT" grant_type=refresh_token "refresh_token=$REFRESH" \
        resource=https://api.partnercenter.microsoft.com)
    APP_TOKEN=$(token "$TENANT" grant_type=client_credentials resource=https://graph.windows.net)
    export USER_TOKEN APP_TOKEN
}

# token TENANT FIELD=VALUE...: an access token of the v1 endpoint
token() {
    local tenant=$1 args=()
    shift
    for field in "$@"; do args+=(--data-urlencode "$field"); done
    curl -s "$U/$tenant/oauth2/token" -d "client_id=$CLIENT" -d "client_secret=$SECRET" "${args[@]}" | jq -r .access_token
}

graph_token() {
    curl -s "$U/$1/oauth2/v2.0/token" -d "client_id=$CLIENT" -d "client_secret=$SECRET" -d grant_type=client_credentials \
        --data-urlencode scope=https://graph.microsoft.com/.default | jq -r .access_token
}

# fresh: the small world again, no faults, settings as at the start, tokens for now
fresh() {
    control faults '{"profile":"none"}'
    control settings '{"idempotency":true,"test_tenant":false,"new_commerce":false,"force_invalid_grant":false,
        "disabled_plan_style":"absent","order_lag_s":0,"provision_s":0,"stock_min_s":0,"stock_max_s":0,"token_life_s":3599,
        "device_polls":2,"partner_per_minute":0,"customer_per_minute":0,"customer_per_second":0,"graph_per_minute":0}'
    control seed '{"seed":"small"}'
    sign_in
}

# control NAME [JSON]: one of the sandbox's own routes; prints the answer
control() {
    if [ $# -gt 1 ]; then
        curl -sS --fail-with-body "$U/_sandbox/$1" -d "$2" > "$BATS_TEST_TMPDIR/control" || { cat "$BATS_TEST_TMPDIR/control"; return 1; }
    else
        curl -sS --fail "$U/_sandbox/$1"
    fi
}

advance() { control clock "{\"advance_ms\":$1}"; }

count() { control ledger | jq -r ".counts.$1"; }

# api METHOD PATH [JSON] [curl option]...
api() {
    local method=$1 path=$2 data=${3-}
    shift 2
    [ $# -gt 0 ] && shift
    HEADERS="$BATS_TEST_TMPDIR/headers"
    local args=(-sS -X "$method" -D "$HEADERS" -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}')
    args+=(-H "Authorization: Bearer ${TOKEN-$USER_TOKEN}")
    [ -n "$data" ] && args+=(-H 'Content-Type: application/json' --data-binary "$data")
    : > "$BATS_TEST_TMPDIR/body"
    code=$(curl "${args[@]}" "$@" "$U$path" 2> "$BATS_TEST_TMPDIR/curl-error") || true
    body=$(cat "$BATS_TEST_TMPDIR/body")
}

header() { grep -i "^$1:" "$HEADERS" | tail -1 | tr -d '\r' | sed 's/^[^:]*: *//'; }

# expect CODE [ERROR]: the status of the last call, and the service's error code in it
expect() {
    if [ "$code" != "$1" ] || { [ $# -gt 1 ] && [ "$(jq -r .code <<< "$body")" != "$2" ]; }; then
        echo "expected $*, got $code: ${body:0:400}" >&2
        return 1
    fi
}

# is WHAT WANTED
is() {
    [ "$1" = "$2" ] || { echo "expected \"$2\", got \"$1\"" >&2; return 1; }
}

# q FILTER: jq on the last body
q() { jq -r "$1" <<< "$body"; }

# customer NAME: the id of a customer of the small world, by the beginning of its name
customer() {
    api GET "/v1/customers?size=50&filter=%7B%22Field%22%3A%22CompanyName%22%2C%22Value%22%3A%22$1%22%2C%22Operator%22%3A%22starts_with%22%7D"
    q '.items[0].id'
}

# user CUSTOMER NAME: the id of a user, by the beginning of the user principal name
user() {
    api GET "/v1/customers/$1/users"
    q ".items[] | select(.userPrincipalName | startswith(\"$2\")) | .id"
}

# subscription CUSTOMER OFFER: the first subscription of an offer
subscription() {
    api GET "/v1/customers/$1/subscriptions"
    q "[.items[] | select(.offerId == \"$2\") | .id][0]"
}

# order OFFER QUANTITY [NAME]: the body of an order
order() {
    printf '{"billingCycle":"monthly","lineItems":[{"lineItemNumber":0,"offerId":"%s","quantity":%d%s}]}' "$1" "$2" \
        "${3:+,\"friendlyName\":\"$3\"}"
}

# swap ADD REMOVE: the body of a licence update
swap() {
    printf '{"licensesToAssign":[{"skuId":"%s","excludedPlans":null}],"licensesToRemove":["%s"]}' "$1" "$2"
}

# patch CUSTOMER SUBSCRIPTION JQ-CHANGE: reads the subscription, changes it, sends it back
patch() {
    api GET "/v1/customers/$1/subscriptions/$2"
    api PATCH "/v1/customers/$1/subscriptions/$2" "$(jq -c "$3" <<< "$body")"
}

units() {
    api GET "/v1/customers/$1/subscribedskus"
    q ".items[] | select(.productSku.id == \"$2\") | \"\(.activeUnits) \(.consumedUnits) \(.suspendedUnits) \(.availableUnits)\""
}
