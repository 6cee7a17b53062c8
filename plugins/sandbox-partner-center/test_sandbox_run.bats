#!/usr/bin/env bats
# test_sandbox_run.bats: the program itself: command line, start and end, state file, many clients at once.

load sandbox.bash

# What a failed test left running.
teardown() { [ -z "${SANDBOX_PID-}" ] || kill "$SANDBOX_PID" 2> /dev/null || true; }

@test "--help and --version answer, a wrong option is refused with exit code 2" {
    run "$SANDBOX" --help
    [ "$status" -eq 0 ]; [[ "$output" == "Usage: partner-center-sandbox"* ]]
    run "$SANDBOX" --version
    [ "$status" -eq 0 ]; [[ "$output" == "partner-center-sandbox "* ]]
    for wrong in --port=x --faults=nonsense --profile=x --path=x --idempotency=x --order-lag=x --clock-start=x --seed=/nowhere \
        --seed=1000000x1 --nonsense extra; do
        run "$SANDBOX" "$wrong"
        [ "$status" -eq 2 ] || { echo "$wrong: $status $output"; return 1; }
        [ -n "$output" ]
    done
}

@test "one line of JSON says where it is and with what to sign in; SIGTERM ends it with 0" {
    start_sandbox
    is "$(wc -l <<< "$LINE")" 1
    is "$(jq -r '.config["partner-center"]["api-root"]' <<< "$LINE")" "$U"
    is "$(jq -r .clock <<< "$LINE")" "$U/_sandbox/clock"
    is "$(jq -r .ca <<< "$LINE")" null
    stop_sandbox
}

@test "with --exit-with-parent it ends when standard input ends" {
    mkfifo "$BATS_TEST_TMPDIR/in"
    "$SANDBOX" --exit-with-parent < "$BATS_TEST_TMPDIR/in" > "$BATS_TEST_TMPDIR/out" 3>&- &
    pid=$!
    exec 9> "$BATS_TEST_TMPDIR/in"
    for _ in $(seq 100); do [ -s "$BATS_TEST_TMPDIR/out" ] && break; sleep 0.02; done
    kill -0 $pid
    exec 9>&-
    wait $pid
}

@test "a port that is taken is a sentence and exit code 1" {
    start_sandbox
    run timeout 10 "$SANDBOX" --port "${U##*:}"
    [ "$status" -eq 1 ]; [[ "$output" == *"is it taken?"* ]]
    stop_sandbox
}

@test "--state keeps the world, its ids and its memory of requests over a restart" {
    db="$BATS_TEST_TMPDIR/world.db"
    start_sandbox --state "$db" --random-seed 5
    c=$(customer Blauwe)
    api POST "/v1/customers/$c/orders" "$(order $E5 8)" -H 'MS-RequestId: 11111111-2222-4333-8444-555555555555'
    expect 201; first=$body; tenant=$TENANT
    stop_sandbox
    start_sandbox --state "$db" --seed 3x3
    is "$TENANT" "$tenant"
    is "$(count orders)" 1
    api POST "/v1/customers/$c/orders" "$(order $E5 8)" -H 'MS-RequestId: 11111111-2222-4333-8444-555555555555'
    is "$body" "$first"
    is "$(count orders)" 1
    stop_sandbox
}

@test "--clock-start, --order-lag, --profile and --path shape the world" {
    start_sandbox --clock-start 2017-05-01T00:00:00Z --order-lag 900 --profile sandbox --path newcommerce --idempotency off
    [[ "$(control clock | jq -r .now)" == 2017-05-01T* ]]
    is "$(control settings | jq -c '[.order_lag_s, .test_tenant, .new_commerce, .idempotency]')" "[900,true,true,false]"
    stop_sandbox
}

@test "inventory is exact when 16 clients want the last seats at once, and nobody is left without" {
    start_sandbox --seed 1x60
    c=$(control dump | jq -r '.customers[0].id')
    api POST "/v1/customers/$c/orders" "$(order $E5 25)"; expect 201
    swap $E5_SKU $E4_SKU > "$BATS_TEST_TMPDIR/swap"
    control dump | jq -r '.customers[0].users[].id' > "$BATS_TEST_TMPDIR/users"
    while read -r u; do
        printf 'url = "%s"\ndata = "@%s"\nheader = "Authorization: Bearer %s"\noutput = "/dev/null"\nwrite-out = "%%{http_code}\\n"\nnext\n' \
            "$U/v1/customers/$c/users/$u/licenseupdates" "$BATS_TEST_TMPDIR/swap" "$USER_TOKEN"
    done < "$BATS_TEST_TMPDIR/users" > "$BATS_TEST_TMPDIR/curl"
    sed -i '$d' "$BATS_TEST_TMPDIR/curl"
    codes=$(curl -s --no-progress-meter --parallel --parallel-immediate --parallel-max 16 -K "$BATS_TEST_TMPDIR/curl" | sort | uniq -c | tr -s ' \n' ' ')
    is "$codes" " 25 201 35 400 "
    is "$(units "$c" $E5_SKU)" "25 25 0 0"
    is "$(units "$c" $E4_SKU)" "60 35 0 25"
    is "$(count licenseSwaps)" 25
    is "$(count usersWithoutLicense)" 0
    is "$(control dump | jq '[.customers[0].users[] | select(.licenses | length != 1)] | length')" 0
    stop_sandbox
}

@test "one key sent by eight clients at once buys once" {
    start_sandbox
    c=$(customer Blauwe)
    order $E5 8 > "$BATS_TEST_TMPDIR/order"
    for _ in 1 2 3 4 5 6 7 8; do
        curl -s -o /dev/null -H "Authorization: Bearer $APP_TOKEN" -H 'MS-RequestId: 11111111-2222-4333-8444-555555555555' \
            -d "@$BATS_TEST_TMPDIR/order" "$U/v1/customers/$c/orders" 3>&- &
        pids+=($!)
    done
    wait "${pids[@]}"
    is "$(count orders)" 1
    is "$(count replays)" 7
    stop_sandbox
}

@test "a hostile run that retries as a client should ends with every seat moved" {
    start_sandbox --seed 1x20 --faults hostile --random-seed 3
    c=$(control dump | jq -r '.customers[0].id')
    until [ "$(control ledger | jq .counts.orders)" -ge 1 ]; do
        sign_in
        api POST "/v1/customers/$c/orders" "$(order $E5 20)"
    done
    advance $((3600 * 1000))
    sign_in
    for u in $(control dump | jq -r '.customers[0].users[].id'); do
        until control dump | jq -e --arg u "$u" '.customers[0].users[] | select(.id == $u) | .licenses[0].sku == "ENTERPRISEPREMIUM"' > /dev/null; do
            [[ "$USER_TOKEN" == sba* ]] || sign_in
            api POST "/v1/customers/$c/users/$u/licenseupdates" "$(swap $E5_SKU $E4_SKU)"
        done
    done
    is "$(count licenseSwaps)" 20
    is "$(count usersWithoutLicense)" 0
    stop_sandbox
}

@test "--record writes every request but the control routes' as one line with its body" {
    file="$BATS_TEST_TMPDIR/requests"
    start_sandbox --record "$file"
    c=$(customer Blauwe)
    count orders
    api POST "/v1/customers/$c/orders" "$(order $E5 8 | jq .)"
    expect 201
    stop_sandbox
    is "$(grep -c '^POST /[^ ]*/oauth2/token client_id=' "$file")" 2
    is "$(tail -1 "$file" | cut -d' ' -f1,2)" "POST /v1/customers/$c/orders"
    is "$(tail -1 "$file" | cut -d' ' -f3- | jq -c .lineItems[0].quantity)" 8
    is "$(grep -c "^GET /v1/customers?size=50&filter=" "$file")" 1
    is "$(grep -c _sandbox "$file" || true)" 0
    run "$SANDBOX" --record /nowhere/at/all
    [ "$status" -eq 1 ]; [[ "$output" == *"/nowhere/at/all"* ]]
}
