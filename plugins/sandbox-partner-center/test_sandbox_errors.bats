#!/usr/bin/env bats
# test_sandbox_errors.bats: what the real service refuses is refused here, in its words.

load sandbox.bash

setup_file() { start_sandbox; }
teardown_file() { stop_sandbox; }
setup() { fresh; }

@test "no credentials: 401" {
    code=$(curl -s -o "$BATS_TEST_TMPDIR/body" -D "$BATS_TEST_TMPDIR/headers" -w '%{http_code}' "$U/v1/customers")
    is "$code" 401
    TOKEN= api GET /v1/customers; expect 401 400
}

@test "wrong credentials: invalid_client, unauthorized_client, an unknown tenant, a resource nobody has" {
    ask() { curl -s "$U/$TENANT/oauth2/token" "$@"; }
    is "$(ask -d grant_type=client_credentials -d "client_id=$CLIENT" -d client_secret=wrong -d resource=https://graph.windows.net | jq -r '"\(.error) \(.error_codes[0])"')" "invalid_client 7000215"
    is "$(ask -d grant_type=client_credentials -d client_id=nobody -d client_secret=x -d resource=https://graph.windows.net | jq -r .error)" unauthorized_client
    is "$(ask -d grant_type=client_credentials -d "client_id=$CLIENT" -d "client_secret=$SECRET" -d resource=https://example.com | jq -r .error)" invalid_resource
    is "$(ask -d grant_type=refresh_token -d "client_id=$CLIENT" -d "client_secret=$SECRET" -d refresh_token=stale -d resource=https://api.partnercenter.microsoft.com | jq -r .error)" invalid_grant
    is "$(curl -s "$U/no.such.tenant/oauth2/token" -d grant_type=client_credentials -d "client_id=$CLIENT" -d "client_secret=$SECRET" -d resource=https://graph.windows.net | jq -r '.error_codes[0]')" 90002
    control settings '{"force_invalid_grant":true}'
    is "$(ask -d grant_type=refresh_token -d "client_id=$CLIENT" -d "client_secret=$SECRET" -d "refresh_token=$REFRESH" -d resource=https://api.partnercenter.microsoft.com | jq -r .error)" invalid_grant
}

@test "expired token: 401, and a fresh one works" {
    control settings '{"token_life_s":60}'
    sign_in
    advance 61000
    api GET /v1/customers; expect 401 400
    sign_in
    api GET /v1/customers; expect 200
}

@test "no role: 403 with 2032" {
    c=$(customer Verboden)
    api GET "/v1/customers/$c"; expect 200
    api GET "/v1/customers/$c/subscriptions"; expect 403 2032
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 403 2032
}

@test "no delegated administration: people and licences are closed" {
    c=$(customer Zonder)
    api GET "/v1/customers/$c"; is "$(q .allowDelegatedAccess)" false
    api GET "/v1/customers/$c/users"; expect 403 900150
    api GET "/v1/customers/$c/subscriptions"; expect 200
}

@test "no agreement: 403 with 13605, and none is listed" {
    c=$(customer Onbeslist)
    api GET "/v1/customers/$c/agreements?agreementType=MicrosoftCustomerAgreement"; is "$(q .totalCount)" 0
    api POST "/v1/customers/$c/orders" "$(order $E5 3)"; expect 403 13605
    api POST "/v1/customers/$c/carts" "{\"lineItems\":[{\"catalogItemId\":\"$E5\",\"quantity\":3}]}"; expect 403 13605
    api GET "/v1/customers/$(customer Blauwe)/agreements?agreementType=MicrosoftCustomerAgreement"; is "$(q .totalCount)" 1
}

@test "retired target: 403 with 2091, in an order and in a cart" {
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E4 1)"; expect 403 2091
    api POST "/v1/customers/$c/carts" "{\"lineItems\":[{\"catalogItemId\":\"$E4\",\"quantity\":1}]}"; expect 201
    is "$(q '.lineItems[0].error.errorCode')" 500600
    api POST "/v1/customers/$c/carts/$(q .id)/checkout"; expect 400 800009
}

@test "commercial offer for a government customer, and the other way round: 403 with 2085" {
    c=$(customer City)
    api GET "/v1/customers/$c/qualification"; is "$body" '"government_community_cloud"'
    api POST "/v1/customers/$c/orders" "$(order $E5 3)"; expect 403 2085
    api POST "/v1/customers/$c/orders" "$(order $G3 3)"; expect 201
    api POST "/v1/customers/$(customer Blauwe)/orders" "$(order $G3 3)"; expect 403 2085
}

@test "an advisor's customer cannot be traded with: 403 with 20002" {
    api POST "/v1/customers/$(customer Advies)/orders" "$(order $E5 1)"; expect 403 20002
}

@test "quantities outside the offer's limits: 400 with 2002" {
    c=$(customer Grande)
    api POST "/v1/customers/$c/orders" "$(order $E5 10000001)"; expect 400 2002
    api POST "/v1/customers/$c/orders" "$(order $E5 0)"; expect 400 2002
    patch "$c" "$(subscription "$c" $E4)" '.quantity=0'; expect 400 2002
}

@test "add-ons: only on a parent they fit, in the parent's order" {
    c=$(customer Blauwe)
    e4=$(subscription "$c" $E4)
    api GET "/v1/customers/$c/subscriptions/$e4"; e4_order=$(q .orderId)
    line() { printf '{"lineItems":[{"lineItemNumber":0,"offerId":"%s","parentSubscriptionId":"%s","quantity":2}]}' "$1" "$2"; }
    api PATCH "/v1/customers/$c/orders/$e4_order" "$(line $PLUS_CAL "$e4")"; expect 400 800029
    api POST "/v1/customers/$c/orders" "$(order $PHONE 2)"; expect 400 800029
    api POST "/v1/customers/$c/orders" "$(order $E3 2)"; o=$(q .id); s=$(q '.lineItems[0].subscriptionId')
    api PATCH "/v1/customers/$c/orders/$e4_order" "$(line $PHONE "$s")"; expect 400 800029
    api PATCH "/v1/customers/$c/orders/$o" "$(line $PHONE "$s")"; expect 200
    is "$(q '.lineItems | length')" 2
    is "$(q '.attributes.etag | @base64d | fromjson | .version')" 2
    api GET "/v1/customers/$c/subscriptions/$s/addons"; is "$(q '.items[0].parentSubscriptionId')" "$s"
    is "$(count addons)" 1
}

@test "stale If-Match or etag: 400 with 2055; the right one, quoted or not, is accepted" {
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    api GET "/v1/customers/$c/subscriptions/$s"; old=$body; etag=$(q .attributes.etag)
    api PATCH "/v1/customers/$c/subscriptions/$s" "$(jq -c '.friendlyName="a"' <<< "$old")" -H "If-Match: \"$etag\""; expect 200
    api PATCH "/v1/customers/$c/subscriptions/$s" '{"friendlyName":"b"}' -H "If-Match: \"$etag\""; expect 400 2055
    api PATCH "/v1/customers/$c/subscriptions/$s" "$(jq -c '.friendlyName="b"' <<< "$old")"; expect 400 2055
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .friendlyName)" a
    api PATCH "/v1/customers/$c/subscriptions/$s" '{"friendlyName":"b"}' -H "If-Match: $(q .attributes.etag)"; expect 200
}

@test "MS-RequestId: the same key gets the same answer and no second effect, for 24 hours, unless switched off" {
    c=$(customer Blauwe)
    id=(-H 'MS-RequestId: 11111111-2222-4333-8444-555555555555')
    api POST "/v1/customers/$c/orders" "$(order $E5 8 tag)" "${id[@]}"; expect 201; first=$body
    api POST "/v1/customers/$c/orders" "$(order $E5 8 tag)" "${id[@]}"; expect 201; is "$body" "$first"
    is "$(header X-Sandbox-Replayed)" true
    is "$(count orders)" 1
    is "$(count idempotencyMismatch)" 0
    api POST "/v1/customers/$c/orders" "$(order $E5 9 tag)" "${id[@]}"; expect 201; is "$body" "$first"
    is "$(count idempotencyMismatch)" 1
    advance $((25 * 3600 * 1000)); sign_in
    api POST "/v1/customers/$c/orders" "$(order $E5 8 tag)" "${id[@]}"; expect 201
    is "$(count orders)" 2
    control settings '{"idempotency":"off"}'
    api POST "/v1/customers/$c/orders" "$(order $E5 8 tag)" "${id[@]}"; expect 201
    is "$(count orders)" 3
    is "$(count duplicateOrders)" 2
}

@test "throttles: per partner and per customer, with the seconds to wait" {
    c=$(customer Blauwe)
    control settings '{"customer_per_minute":3}'
    for wanted in 200 200 200 429; do api GET "/v1/customers/$c/subscriptions"; expect $wanted; done
    [ "$(header Retry-After)" -ge 1 ]
    api GET "/v1/customers/$(control dump | jq -r '.customers[] | select(.name | startswith("Leeg")) | .id')/subscriptions"; expect 200
    advance 61000
    api GET "/v1/customers/$c/subscriptions"; expect 200
    control settings '{"partner_per_minute":2,"customer_per_minute":0}'
    advance 61000
    for wanted in 200 200 429; do api GET "/v1/customers"; expect $wanted; done
}

@test "throttles by the second, and counts who comes back before they may" {
    c=$(customer Blauwe)
    control settings '{"customer_per_second":1}'
    for _ in $(seq 20); do # a busy machine may need more than a second for one
        api GET "/v1/customers/$c/users"
        [ "$code" != 429 ] || break
    done
    expect 429
    is "$(header Retry-After)" 1
    api GET "/v1/customers" # nobody's budget
    expect 200
    # By the minute there is time enough between the two: from the beginning of one.
    control settings '{"customer_per_second":0,"customer_per_minute":2}'
    control clock "{\"now_ms\":$((($(control clock | jq .now_ms) / 60000 + 2) * 60000))}"
    before=$(count retryAfterViolations)
    for wanted in 200 200 429; do api GET "/v1/customers/$c/subscriptions"; expect $wanted; done
    advance 5000
    api GET "/v1/customers/$c/subscriptions"; expect 429
    is "$(count retryAfterViolations)" $((before + 1))
    advance 61000
    api GET "/v1/customers/$c/subscriptions"; expect 200
    is "$(count retryAfterViolations)" $((before + 1))
}

@test "test tenants: 25 seats and five subscriptions" {
    c=$(customer Blauwe)
    control settings '{"test_tenant":true}'
    api POST "/v1/customers/$c/orders" "$(order $E5 26)"; expect 403 800067
    for i in 1 2 3 4; do api POST "/v1/customers/$c/orders" "$(order $E5 1 "n$i")"; expect 201; done
    api POST "/v1/customers/$c/orders" "$(order $E5 1 n5)"; expect 403 800066
}

@test "new commerce: a cart of today's item, bought once; no subscription in the answer, one later; never fewer seats" {
    c=$(customer Blauwe)
    control settings '{"new_commerce":true,"provision_s":900,"stock_min_s":60,"stock_max_s":60}'
    api POST "/v1/customers/$c/orders" "$(order $E5 1)"; expect 403 800020
    api GET "/v1/customers/$c/products?country=NL&targetView=OnlineServices"
    p=$(q '[.items[] | select(.title == "Office 365 Enterprise E5")][0].id')
    api GET "/v1/customers/$c/products/$p/skus/0002/availabilities?country=NL"; item=$(q '.items[0].catalogItemId')
    api POST "/v1/customers/$c/carts" "{\"lineItems\":[{\"id\":0,\"catalogItemId\":\"$item\",\"quantity\":8,\"billingCycle\":\"monthly\",\"termDuration\":\"P1Y\"}]}"
    expect 201; cart=$(q .id)
    api POST "/v1/customers/$c/carts/$cart/checkout"; expect 201
    is "$(q '.orders[0].status')" pending
    is "$(q '.orders[0].lineItems[0].subscriptionId')" null
    o=$(q '.orders[0].id')
    api POST "/v1/customers/$c/carts/$cart/checkout"; expect 400 800065
    api GET "/v1/customers/$c/carts/$cart"; is "$(q .status)" Ordered
    advance $((31 * 60 * 1000))
    api GET "/v1/customers/$c/orders/$o"; is "$(q .status)" completed
    s=$(q '.lineItems[0].subscriptionId')
    api GET "/v1/customers/$c/subscriptions/$s"
    is "$(q .productType.id)" OnlineServicesNCE
    is "$(q .offerId)" "$item"
    advance $((8 * DAY)); sign_in
    patch "$c" "$s" '.quantity=4'; expect 400 800090
    patch "$c" "$s" '.status="deleted"'; expect 400 900117
    is "$(count orders)" 1
    api POST "/v1/customers/$c/migrations/newcommerce/validate" "{\"currentSubscriptionId\":\"$(subscription "$c" $E4)\"}"
    is "$(q '"\(.isEligible) \(.errors[0].code)"')" "false 5"
}

@test "a cart lives 15 minutes, and an availability two months" {
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/carts" "{\"lineItems\":[{\"catalogItemId\":\"$E5\",\"quantity\":1}]}"; cart=$(q .id)
    advance $((16 * 60 * 1000))
    api POST "/v1/customers/$c/carts/$cart/checkout"; expect 404 800008
    api POST "/v1/customers/$c/carts" '{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0002:000000000000","quantity":1}]}'
    is "$(q '.lineItems[0].error.errorCode')" 10001
}

@test "a subscription that ends without renewal expires, is disabled and is deleted; one with renewal goes on" {
    c=$(customer Blauwe)
    s=$(subscription "$c" $E4)
    advance $((61 * DAY)); sign_in
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" expired
    is "$(units "$c" $E4_SKU)" "0 5 0 3"
    advance $((31 * DAY)); sign_in
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" disabled
    advance $((90 * DAY)); sign_in
    api GET "/v1/customers/$c/subscriptions/$s"; is "$(q .status)" deleted
    v=$(customer "Al%20Verhuisd")
    advance $((200 * DAY)); sign_in
    s=$(subscription "$v" $E5)
    api GET "/v1/customers/$v/subscriptions/$s"; is "$(q .status)" active
}
