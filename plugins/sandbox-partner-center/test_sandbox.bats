#!/usr/bin/env bats
# test_sandbox.bats: the duties of a faithful stand-in, one test each.

load sandbox.bash

setup_file() { start_sandbox; }
teardown_file() { stop_sandbox; }
setup() { fresh; }

@test "S-1 paths: v1 has a case, the other segments have not, and the root has no prefix" {
    c=$(customer Blauwe)
    api GET "/v1/CUSTOMERS/$c/Subscriptions"; expect 200
    api GET "/V1/customers/$c"; expect 404
    api GET "/customers/$c"; expect 404
    api GET "/v1/customers/$c/subscriptions/$(subscription "$c" $E4)/transitionEligibilities"; expect 200
    api DELETE "/v1/customers/$c"; expect 405
    api GET "/v1/customers/$(tr a-f A-F <<< "$c")"; expect 200
}

@test "S-2 tolerance: names in any case, twice, with a byte order mark; the ids of a request come back, on errors too" {
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" $'\xef\xbb\xbf{"BillingCycle":"monthly","totalPrice":0.0,"LineItems":[{"lineItemNumber":0,"offerId":"nonsense","OfferId":"'$E5'","Quantity":2,"FriendlyName":null}]}'
    expect 201
    is "$(q '.lineItems[0].offerId')" $E5
    api GET "/v1/customers/nobody?null=group1" "" -H 'MS-RequestId: 2f6e0e0f-6b0e-4d8f-9d0b-0c9f3c5a7e21' -H 'MS-CorrelationId: 7b1f8a55-0d21-4f2e-bb6d-3d3f2b7f9a10'
    expect 404 1000
    is "$(header MS-RequestId)" 2f6e0e0f-6b0e-4d8f-9d0b-0c9f3c5a7e21
    is "$(header MS-CorrelationId)" 7b1f8a55-0d21-4f2e-bb6d-3d3f2b7f9a10
    is "$(jq -r '.code | type' <<< "$body")" number
    api GET "/v1/customers"
    [ -n "$(header MS-RequestId)" ]
    api POST "/v1/customers/$c/orders" '{"lineItems":'; expect 400 800002
}

@test "S-2 paging: seek by token, by link, by offset; a token nobody gave is refused with 2000" {
    api GET '/v1/customers?size=6'
    is "$(q '.totalCount')" 6
    is "$(q '.continuationToken')" "$(q '.links.next.headers[0].value')"
    ids=$(q '.items[].id')
    token=$(q .continuationToken)
    link=$(q .links.next.uri)
    api GET "/v1$link" "" -H "MS-ContinuationToken: $token"
    ids+=$'\n'$(q '.items[].id')
    api GET '/v1/customers?size=6&seekOperation=next' "" -H "MS-ContinuationToken: $(q .continuationToken)"
    ids+=$'\n'$(q '.items[].id')
    is "$(q '.links.next')" null
    is "$(sort -u <<< "$ids" | wc -l)" 15
    api GET '/v1/customers?size=6&seekOperation=Next' "" -H 'MS-ContinuationToken: made-up'; expect 400 2000
    api GET '/v1/customers?size=0'; is "$(q .totalCount)" 15
    api GET '/v1/offers?country=NL&offset=2&size=3'; is "$(q .totalCount)" 3
}

@test "S-3 purchase, provisioning, inventory and lists follow each other on the virtual clock" {
    control settings '{"order_lag_s":900,"provision_s":900,"stock_min_s":120,"stock_max_s":1200}'
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E5 8)"; expect 201
    o=$(q .id)
    s=$(q '.lineItems[0].subscriptionId')
    api GET "/v1/customers/$c/orders/$o"; expect 200
    api GET "/v1/customers/$c/subscriptions/$s"; expect 200
    is "$(subscription "$c" $E5)" null
    api GET "/v1/customers/$c/orders"
    is "$(q "[.items[] | select(.id == \"$o\")] | length")" 0
    api GET "/v1/customers/$c/subscriptions/$s/provisioningstatus"
    [ "$code" = 404 ] || is "$(q .status)" pending
    is "$(units "$c" $E5_SKU)" ""
    advance $((61 * 60 * 1000))
    sign_in
    is "$(subscription "$c" $E5)" "$s"
    api GET "/v1/customers/$c/subscriptions/$s/provisioningstatus"
    is "$(q .status)" success
    is "$(q .skuId | tr A-F a-f)" $E5_SKU
    is "$(units "$c" $E5_SKU)" "8 0 0 8"
}

@test "S-4 licence arithmetic: a swap is one change, and what is short is refused with 60012 and changes nothing" {
    c=$(customer Blauwe)
    u=$(user "$c" m.devries)
    v=$(user "$c" o.smit)
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 201
    api POST "/v1/customers/$c/users/$u/licenseupdates" "$(swap $E5_SKU $E4_SKU)"; expect 201
    is "$(units "$c" $E5_SKU)" "1 1 0 0"
    is "$(units "$c" $E4_SKU)" "8 4 0 4"
    api POST "/v1/customers/$c/users/$v/licenseupdates" "$(swap $E5_SKU $E4_SKU)"; expect 400 60012
    [[ "$(q '.data[0]')" == *LicenseQuotaExceededException* ]]
    api GET "/v1/customers/$c/users/$v/licenses"
    is "$(q '.items[].productSku.id')" $E4_SKU
    is "$(count licenseSwaps)" 1
    is "$(count usersWithoutLicense)" 0
}

@test "S-4 licence checks: usage location, foreign plan, not held, through a group, dependency" {
    c=$(customer Nordlicht)
    api POST "/v1/customers/$c/orders" "$(order $E3 5)"; expect 201
    u=$(user "$c" b.kurz)
    api POST "/v1/customers/$c/users/$u/licenseupdates" "$(swap $E3_SKU $E4_SKU)"; expect 400
    [[ "$body" == *"usage location"* ]]
    api PATCH "/v1/customers/$c/users/$u" '{"usageLocation":"DE","attributes":{"objectType":"CustomerUser"}}'; expect 200
    api POST "/v1/customers/$c/users/$u/licenseupdates" "$(swap $E3_SKU $E4_SKU)"; expect 201
    api POST "/v1/customers/$c/users/$u/licenseupdates" "$(swap $E3_SKU $E4_SKU)"; expect 400
    api POST "/v1/customers/$c/users/$(user "$c" a.lang)/licenseupdates" \
        "{\"licensesToAssign\":[{\"skuId\":\"$E3_SKU\",\"excludedPlans\":[\"27216c54-caf8-4d0d-97e2-517afb5c08f6\"]}]}"
    expect 400
    g=$(customer Groupwise)
    api POST "/v1/customers/$g/orders" "$(order $E5 3)"; expect 201
    api POST "/v1/customers/$g/users/$(user "$g" ann)/licenseupdates" "$(swap $E5_SKU $E4_SKU)"; expect 400
    [[ "$body" == *inherited* ]]
    t=$(customer Telefoonhuis)
    u=$(user "$t" bel)
    api POST "/v1/customers/$t/users/$u/licenseupdates" "{\"licensesToRemove\":[\"$E4_SKU\"]}"; expect 400 60000
    [[ "$body" == *DependencyViolation* ]]
}

@test "S-4 plans switched off are left out, or listed as Disabled when the setting says so" {
    c=$(customer Blauwe)
    u=$(user "$c" t.bakker)
    api GET "/v1/customers/$c/users/$u/licenses?licenseGroupIds=Group1"
    is "$(q '.items[0].servicePlans | length')" 14
    is "$(q "[.items[0].servicePlans[] | select(.id == \"$SWAY_PLAN\")] | length")" 0
    control settings '{"disabled_plan_style":"status"}'
    api GET "/v1/customers/$c/users/$u/licenses"
    is "$(q ".items[0].servicePlans[] | select(.id == \"$SWAY_PLAN\") | .capabilityStatus")" Disabled
}

@test "S-4 suspended seats move, people keep their licence, and day 120 deletes" {
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    patch "$c" "$s" '.status="suspended"'; expect 200
    is "$(units "$c" $E4_SKU)" "0 5 8 -5"
    is "$(count usersWithoutLicense)" 5
    advance $((119 * DAY)); sign_in
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" suspended
    advance $((2 * DAY)); sign_in
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" deleted
    is "$(units "$c" $E4_SKU)" ""
    api GET "/v1/customers/$c/users/$(user "$c" m.devries)/licenses"; is "$(q '.items | length')" 0
}

@test "S-5 suspending a base takes its add-ons along; an add-on does not come back before its base" {
    c=$(customer Telefoonhuis)
    s=$(subscription "$c" $E4)
    a=$(subscription "$c" $PHONE)
    patch "$c" "$s" '.status="suspended"'; expect 200
    api GET "/v1/customers/$c/subscriptions/$a"; is "$(q .status)" suspended
    patch "$c" "$a" '.status="active"'; expect 409 27009
    patch "$c" "$s" '.quantity=3'; expect 400 2001
    patch "$c" "$s" '.status="suspended"'; expect 200
    is "$(count suspensions)" 1
    patch "$c" "$s" '.status="active"'; expect 200
    patch "$c" "$a" '.status="active"'; expect 200
    is "$(count reactivations)" 2
    patch "$c" "$s" '.status="suspended"'
    advance $((121 * DAY)); sign_in
    patch "$c" "$s" '.status="suspended"'; expect 400 2011
}

@test "S-6 a retired offer is not in the list, is readable by id, and is refused with 2091" {
    c=$(customer Blauwe)
    api GET '/v1/offers?country=NL'
    is "$(q "[.items[] | select(.id == \"$E4\")] | length")" 0
    api GET "/v1/offers/$E4?country=NL"; is "$(q .isAvailableForPurchase)" false
    api POST "/v1/customers/$c/orders" "$(order $E4 5)"; expect 403 2091
    is "$(count orders)" 0
    patch "$c" "$(subscription "$c" $E4)" '.autoRenewEnabled=true'; expect 400 800093
}

@test "S-7 faults: 429 in its forms, server errors, HTML, byte order mark, expired token, business errors" {
    c=$(customer Blauwe)
    control faults '[{"kind":"throttle","count":1,"retryAfter":7}]'
    api GET /v1/customers; expect 429; is "$(header Retry-After)" 7; is "$(q .statusCode)" 429
    control faults '[{"kind":"throttle","count":1,"retryAfter":-1}]'
    api GET /v1/customers; expect 429; is "$(header Retry-After)" ""
    control faults '[{"kind":"throttle","count":1,"retryAfter":5,"retryDate":true}]'
    api GET /v1/customers; expect 429; [[ "$(header Retry-After)" == *GMT ]]
    control faults '[{"kind":"throttle","count":1,"burst":3}]'
    for wanted in 429 429 429 429 200; do api GET /v1/customers; expect $wanted; done
    for status in 500 502 503 504; do
        control faults "[{\"kind\":\"status\",\"status\":$status,\"count\":1}]"
        api GET /v1/customers; expect $status
    done
    control faults '[{"kind":"html","count":1}]'
    api GET /v1/customers; expect 502; [[ "$body" == "<!DOCTYPE HTML>"* ]]
    control faults '[{"kind":"bom","count":1}]'
    api GET /v1/customers; expect 200; [[ "$body" == $'\xef\xbb\xbf{'* ]]
    control faults '[{"kind":"expired-token","count":1}]'
    api GET /v1/customers; expect 401
    control faults '[{"kind":"status","status":409,"code":800060,"method":"POST","route":"/v1/customers/*/orders","count":1}]'
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 409 800060
    is "$(count orders)" 0
}

@test "S-7 faults: a reset before the effect leaves nothing, a reset after it leaves the purchase" {
    c=$(customer Blauwe)
    control faults '[{"kind":"reset","method":"POST","count":1}]'
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 000; is "$(count orders)" 0
    control faults '[{"kind":"reset","method":"POST","count":1,"stage":"after"}]'
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 000; is "$(count orders)" 1
    control faults '[{"kind":"truncate","method":"GET","count":1,"route":"/v1/customers"}]'
    api GET /v1/customers
    grep -qi 'transfer closed\|bytes remaining' "$BATS_TEST_TMPDIR/curl-error"
    control faults '[{"kind":"status","status":500,"count":1,"stage":"after","method":"POST"}]'
    api POST "/v1/customers/$c/orders" "$(order $E3 1)"; expect 500; is "$(count orders)" 2
}

@test "S-7 faults: 202 on PATCH, a stale etag, a repeated page, a cart that is ordered in part" {
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    control faults '[{"kind":"stale-etag","method":"PATCH","count":1}]'
    patch "$c" "$s" '.status="suspended"'; expect 400 2055
    control faults '[{"kind":"accepted","method":"PATCH","count":1}]'
    patch "$c" "$s" '.status="suspended"'; expect 202
    [[ "$(header Location)" == "/customers/$c/subscriptions/$s" ]]
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" suspended
    control faults '[{"kind":"repeat-page","count":1}]'
    api GET '/v1/customers?size=5'; first=$(q '.items[0].id')
    api GET '/v1/customers?size=5&seekOperation=Next' "" -H "MS-ContinuationToken: $(q .continuationToken)"
    is "$(q '.items[0].id')" "$first"
    api POST "/v1/customers/$c/carts" "{\"lineItems\":[{\"id\":0,\"catalogItemId\":\"$E5\",\"quantity\":1},{\"id\":1,\"catalogItemId\":\"$E3\",\"quantity\":1}]}"
    control faults '[{"kind":"partial-cart","count":1}]'
    api POST "/v1/customers/$c/carts/$(q .id)/checkout"; expect 201
    is "$(q '.orders | length')" 1
    is "$(q '.orderErrors[0].code')" 800005
}

@test "S-7 a profile with the same random seed meets the same sequence of requests with the same faults" {
    run_once() {
        start_sandbox --faults hostile --random-seed 7
        for _ in $(seq 60); do
            curl -s -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer $APP_TOKEN" "$U/v1/offers?country=NL" || true
        done
        stop_sandbox
    }
    first=$(run_once)
    is "$(run_once)" "$first"
}

@test "S-8 the ledger has every effect in order, with the ids of its request" {
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E5 8 'tag one')" -H 'MS-RequestId: 11111111-2222-4333-8444-555555555555' -H 'MS-CorrelationId: 99999999-2222-4333-8444-555555555555'
    expect 201
    patch "$c" "$(subscription "$c" $E4)" '.status="suspended"'
    control ledger > "$BATS_TEST_TMPDIR/ledger"
    is "$(jq -r '[.entries[].kind] | join(" ")' "$BATS_TEST_TMPDIR/ledger")" "order suspend"
    is "$(jq -r '.entries[0].requestId' "$BATS_TEST_TMPDIR/ledger")" 11111111-2222-4333-8444-555555555555
    is "$(jq -r '.entries[0].correlationId' "$BATS_TEST_TMPDIR/ledger")" 99999999-2222-4333-8444-555555555555
    is "$(jq -r '.counts.duplicateOrders' "$BATS_TEST_TMPDIR/ledger")" 0
    api POST "/v1/customers/$c/orders" "$(order $E5 8 'tag two')"; expect 201
    is "$(count duplicateOrders)" 1
}

@test "S-8 two purchases of one offer for two retired subscriptions are no duplicates; a third is" {
    c=$(customer Dubbel)
    api POST "/v1/customers/$c/orders" "$(order $E5 3 'for the second')"; expect 201
    api POST "/v1/customers/$c/orders" "$(order $E5 2 'for the first')"; expect 201
    is "$(count duplicateOrders)" 0
    api POST "/v1/customers/$c/orders" "$(order $E5 2 'once more')"; expect 201
    is "$(count duplicateOrders)" 1
}

@test "S-8 a request that could change something is counted, by method; reading and signing in is none" {
    before=$(count writes)
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    sign_in
    api GET "/v1/customers/$c/subscriptions"
    api POST "/v1/customers/$c/migrations/newcommerce/validate" "{\"currentSubscriptionId\":\"$s\"}"
    is "$(count writes)" "$before"
    posts=$(control ledger | jq .writesByMethod.POST)
    api POST "/v1/customers/$c/orders" '{}'; expect 400
    api DELETE "/v1/customers/$c"; expect 405
    api POST /v1/nowhere '{}'; expect 404
    is "$(count writes)" $((before + 3))
    is "$(control ledger | jq .writesByMethod.POST)" $((posts + 2))
}

@test "S-8 two dumps of a world that is as it was are equal, whatever happened in between" {
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    control 'dump?stable=1' > "$BATS_TEST_TMPDIR/before"
    control dump > "$BATS_TEST_TMPDIR/before-in-full"
    patch "$c" "$s" '.status="suspended"'; expect 200
    control 'dump?stable=1' > "$BATS_TEST_TMPDIR/between"
    ! cmp -s "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/between"
    advance $((3 * DAY)); sign_in
    patch "$c" "$s" '.status="active"'; expect 200
    control 'dump?stable=1' > "$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    is "$(control dump | jq -r ".customers[].subscriptions[] | select(.id == \"$s\") | .version")" 3
    is "$(jq '[.customers[].users[] | select(.licenses)] | length' "$BATS_TEST_TMPDIR/after")" \
        "$(jq '[.customers[].users[]] | length' "$BATS_TEST_TMPDIR/before-in-full")"
    control change "{\"customer\":\"$c\",\"subscription\":\"$s\",\"quantity\":6}"
    is "$(control 'dump?stable=1' | jq ".customers[].subscriptions[] | select(.id == \"$s\") | .quantity")" 6
    is "$(control ledger | jq '[.entries[] | select(.kind == "quantity")] | length')" 0
    run control change '{"customer":"nobody"}'
    [ "$status" -ne 0 ]
}

@test "prices: a sheet for new commerce, with a token of its own; orders tell theirs only when asked; offers never" {
    sheet="/v1.0/sales/pricesheets(Market='NL',PricesheetView='updatedlicensebased')/\$value"
    api GET "$sheet"; expect 401
    TOKEN=$(token "$TENANT" grant_type=refresh_token "refresh_token=$REFRESH" resource=https://api.partner.microsoft.com)
    api GET "$sheet"; expect 200
    is "$(header Content-Type)" text/csv
    is "$(head -1 <<< "$body" | cut -d, -f 1-3,8-12)" "ProductTitle,ProductId,SkuId,TermDuration,BillingPlan,Market,Currency,UnitPrice"
    is "$(grep -c CFQ7TTC0LF8S,0002 <<< "$body")" 3
    is "$(grep CFQ7TTC0LF8S,0002 <<< "$body" | grep P1Y,Monthly | cut -d, -f 10-12)" NL,EUR,364.80
    ! grep -qi "$E5" <<< "$body"
    api GET "${sheet//NL/US}"
    is "$(grep CFQ7TTC0LF8S,0002 <<< "$body" | grep P1M, | cut -d, -f 10-12)" US,USD,36.48
    api GET "${sheet//updatedlicensebased/licensebased}"; expect 404
    unset TOKEN
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E5 8)"; expect 201
    is "$(q .totalPrice)" null
    o=$(q .id)
    api GET "/v1/customers/$c/orders/$o?includePrice=true"
    is "$(q '"\(.currencyCode) \(.totalPrice) \(.lineItems[0].pricing.price) \(.lineItems[0].pricing.extendedPrice)"')" "EUR 243.2 30.4 243.2"
    api GET "/v1/customers/$c/orders/$o"
    is "$(q '.lineItems[0].pricing')" null
    api GET "/v1/offers/$E5?country=NL"
    is "$(q '[paths | map(tostring) | join(".") | select(test("price"; "i"))] | length')" 0
    api GET "/v1/products/CFQ7TTC0LF8S/skus/0002/availabilities?country=US"
    is "$(q '.items[0].defaultCurrency.code')" USD
    jq -e '.defaults["partner-center"].prices | fromjson | length > 10' <<< "$LINE"
}

@test "S-9 audit records come from the ledger, filtered by customer, with nulls in their pairs" {
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E5 8 tag)"; o=$(q .id)
    api GET "/v1/auditrecords?filter=%7B%22Field%22:%22CustomerId%22,%22Value%22:%22$c%22,%22Operator%22:%22equals%22%7D"
    is "$(q '.items[0].operationType')" create_order
    is "$(q '.items[0].customizedData[] | select(.key == "OrderId") | .value')" "$o"
    is "$(q '.items[0].customizedData[] | select(.key == "PartnerOnRecord-0") | has("value")')" true
    is "$(q '.items[0].resourceNewValue | type')" string
    api GET "/v1/auditrecords?filter=%7B%22Field%22:%22CustomerId%22,%22Value%22:%22$(customer Leeg)%22,%22Operator%22:%22equals%22%7D"
    is "$(q .totalCount)" 0
    api GET '/v1/auditrecords?startDate=2001-01-01'; expect 400 2000
}

@test "S-10 ids follow from the random seed, a fixture is JSON, and a big world is made in seconds" {
    before=$(control dump | jq -S -c '[.customers[] | {id, users: [.users[].id], subscriptions: [.subscriptions[].id]}]')
    control seed '{"seed":"small"}'
    is "$(control dump | jq -S -c '[.customers[] | {id, users: [.users[].id], subscriptions: [.subscriptions[].id]}]')" "$before"
    control seed '{"customers":[{"name":"One","domain":"one.example","subscriptions":[{"offer":"ENTERPRISEWITHSCAL","quantity":2}],"users":[{"name":"a","licenses":["ENTERPRISEWITHSCAL"]}]}]}'
    is "$(control dump | jq -r '.customers[0].inventory[0] | "\(.active) \(.consumed)"')" "2 1"
    run control seed '{"customers":[{"name":"One","domain":"one.example","subscriptions":[{"offer":"nothing"}]}]}'
    [ "$status" -ne 0 ]; [[ "$output" == *'"nothing\" is not known'* ]]
    SECONDS=0
    control seed '{"seed":"300x200"}'
    [ $SECONDS -le 10 ]
    api GET '/v1/customers?size=500'; is "$(q .totalCount)" 300
}

@test "S-11 a token must have the right audience, not be too old, and have a user where one is needed" {
    c=$(customer Blauwe)
    TOKEN=$APP_TOKEN
    api GET "/v1/customers/$c/subscriptions"; expect 200
    api GET "/v1/customers/$c/subscribedskus"; expect 401 800001
    api GET "/v1/customers/$c/agreements?agreementType=MicrosoftCustomerAgreement"; expect 401 800001
    TOKEN=$(graph_token "$c")
    api GET /v1/customers; expect 401
    [[ "$(header WWW-Authenticate)" == "OAuth realm=urn:cpsvc:cpid:"* ]]
    api GET /v1.0/subscribedSkus; expect 200
    TOKEN=$USER_TOKEN
    api GET /v1.0/subscribedSkus; expect 401
    is "$(q .error.code)" InvalidAuthenticationToken
    advance $((3600 * 1000))
    api GET /v1/customers; expect 401
}

@test "S-11 sign-in: numbers are texts in v1 and numbers in v2, a refresh token is renewed, a device code is polled for" {
    v1=$(curl -s "$U/$TENANT/oauth2/token" -d grant_type=refresh_token -d "client_id=$CLIENT" -d "client_secret=$SECRET" \
        -d "refresh_token=$REFRESH" -d resource=https://api.partnercenter.microsoft.com)
    is "$(jq -r '.expires_in | type' <<< "$v1")" string
    v2=$(curl -s "$U/$TENANT/oauth2/v2.0/token" -d grant_type=refresh_token -d "client_id=$CLIENT" -d "client_secret=$SECRET" \
        --data-urlencode "refresh_token=$(jq -r .refresh_token <<< "$v1")" \
        -d 'scope=https://api.partnercenter.microsoft.com/user_impersonation offline_access')
    is "$(jq -r '.expires_in | type' <<< "$v2")" number
    device=$(curl -s "$U/$TENANT/oauth2/v2.0/devicecode" -d "client_id=$CLIENT" -d 'scope=https://api.partnercenter.microsoft.com/.default offline_access')
    poll() {
        curl -s "$U/$TENANT/oauth2/v2.0/token" -d "client_id=$CLIENT" -d grant_type=urn:ietf:params:oauth:grant-type:device_code \
            --data-urlencode "device_code=$(jq -r .device_code <<< "$device")"
    }
    is "$(poll | jq -r .error)" authorization_pending
    is "$(poll | jq -r .error)" authorization_pending
    TOKEN=$(poll | jq -r .access_token)
    api GET "/v1/customers/$(customer Blauwe)/subscribedskus"; expect 200
    is "$(curl -s "$U/$TENANT/v2.0/.well-known/openid-configuration" | jq -r .token_endpoint)" "$TLS_U/$TENANT/oauth2/v2.0/token"
}

@test "S-12 the sandbox's own routes are not under v1, and need no token" {
    api GET /v1/_sandbox/clock; expect 404
    TOKEN=none api GET /_sandbox/clock; expect 200
    control requests | jq -e '.recent | length > 0'
}

@test "S-13 the https listener is trusted through the authority written at start" {
    start_sandbox --ca-out "$BATS_TEST_TMPDIR/ca.pem"
    is "$(jq -r .ca <<< "$LINE")" "$(realpath "$BATS_TEST_TMPDIR/ca.pem")"
    curl -sS --fail --cacert "$BATS_TEST_TMPDIR/ca.pem" "$TLS_U/_sandbox/clock"
    curl -sS --fail --cacert "$BATS_TEST_TMPDIR/ca.pem" "${TLS_U/127.0.0.1/localhost}/_sandbox/clock"
    run curl -sS "$TLS_U/_sandbox/clock"
    [ "$status" -eq 60 ]
    stop_sandbox
}

@test "S-14 HTTP: kept connections, 100-continue, chunked bodies, gzip may be asked for" {
    c=$(customer Blauwe)
    n=$(curl -s -o /dev/null -o /dev/null -w '%{num_connects}' "$U/_sandbox/clock" "$U/_sandbox/clock")
    is "$n" 10
    api POST "/v1/customers/$c/orders" "$(order $E5 1 one)" -H 'Expect: 100-continue'; expect 201
    grep -q '100 Continue' "$HEADERS"
    api POST "/v1/customers/$c/orders" "$(order $E5 1 two)" -H 'Transfer-Encoding: chunked' --compressed; expect 201
}
