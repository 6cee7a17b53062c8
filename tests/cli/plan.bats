#!/usr/bin/env bats
# plan.bats: a plan says what would be done and does nothing; applying does that, once, and nothing else.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# shop [METADATA]: three customers; Carl cannot have what is bought for the others. Facts come from the files anna and bert.
shop() {
    echo '{"quantity":5}' >anna
    echo '{"quantity":7}' >bert
    cat >shop.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: shop, version: '1.0.0', title: A shop${1:+, metadata: {wfrun: {$1\}\}}}
do:
  - customers:
      metadata: {wfrun: {concurrency: 2, label: \$c.name}}
      for: {each: c, in: .customers}
      do:
        - guarded:
            try:
              - buy: {call: fx-spend, with: {id: '\${ \$c.name }', price: '\${ \$c.price }', file: $PWD/ledger,
                  world: '\${ \$c.world }', cannot: '\${ \$c.cannot }'}}
              - nap: {wait: PT1H}
              - note: {call: fx-put, with: {id: '\${ \$c.name }', file: $PWD/ledger}}
              - done: {set: {done: '\${ \$c.name }'}}
            catch:
              do:
                - row: {set: {failed: '\${ \$c.name }', why: '\${ \$error.detail }'}}
YAML
    cat >in.json <<JSON
{"customers": [{"name": "Anna", "price": 10, "world": "$PWD/anna"}, {"name": "Bert", "price": 20.5, "world": "$PWD/bert"},
    {"name": "Carl", "cannot": "he has no agreement"}]}
JSON
}

# An hour's wait is over at once in a plan; when it is applied the definition of these tests waits less.
impatient() { sed -i 's/PT1H/PT0.01S/' shop.yaml; }

@test "a plan shows each customer, what would be done, and what it would cost, and does nothing" {
    shop
    run --separate-stderr wfrun plan shop.yaml -i in.json --progress quiet
    [ "$status" -eq 0 ]
    [[ $output == "Plan of shop 1.0.0: A shop"* ]]
    [[ $output == *"+ fx-spend"*"spend on Anna"*"EUR 10.00"* ]]
    [[ $output == *"Carl"*"! fx-spend"*"he has no agreement"* ]]
    [[ $output == *"4 to create, 0 to change, 0 to remove, 0 with nothing to do, 1 that cannot be done."* ]]
    [[ $output == *"Cost: EUR 30.50."* ]]
    [ ! -e ledger ]
    [ ! -e wfrun.db ]
}

@test "a plan as a page: complete in itself, well formed, and what it is told is text" {
    shop
    sed -i 's/Bert/B<b>ert/' in.json
    wfrun plan shop.yaml -i in.json -o html --progress quiet >plan.html
    grep -q "<title>Plan of shop 1.0.0: A shop</title>" plan.html
    grep -q "<b>EUR 30.50</b><span>to spend</span>" plan.html
    grep -q "B&lt;b&gt;ert" plan.html
    grep -q "Carl: fx-spend: .*he has no agreement" plan.html
    page plan.html >/dev/null
}

@test "a plan as JSON and as a table has every item with its cost, group and facts" {
    shop
    wfrun plan shop.yaml -i in.json -o json --progress quiet |
        jq -e '[.items[] | select(.label == "Anna" and .step == "fx-spend")][0] | .action == "create" and .effect == "spend"
            and .cost == {"micros": 10000000, "currency": "EUR"} and .facts == {"id": "Anna", "world": {"quantity": 5}}'
    wfrun plan shop.yaml -i in.json -o csv --progress quiet >plan.csv
    [ "$(wc -l <plan.csv)" -eq 6 ]
    grep -q '^"Bert","fx-spend","spend","create","spend on Bert","20.50","EUR","/do/0/customers/for/1/' plan.csv
}

@test "applying a plan does what it says, once" {
    shop
    impatient
    wfrun plan shop.yaml -i in.json --out p.json --progress quiet >/dev/null
    run --separate-stderr wfrun apply p.json
    [ "$status" -eq 0 ]
    jq -e '[.[].done // empty] == ["Anna", "Bert"]' <<<"$output"
    [ "$(wc -l <ledger)" -eq 4 ]
    run -8 --separate-stderr wfrun apply p.json
    [[ $stderr == *"the plan was used already, by run "*", which is completed"* ]]
    [ "$(wc -l <ledger)" -eq 4 ]
    # What it cost stands in the journal.
    wfrun report "$(wfrun list -o json | jq -r '.[0].run')" -o json | jq -e '.money[0].spentMicros == 30500000'
}

@test "-out is understood as --out" {
    shop
    wfrun plan shop.yaml -i in.json -out p.json --progress quiet >/dev/null
    jq -e '.format == "wfrun-plan"' p.json
    [ "$(stat -c %a p.json)" = 600 ]
}

@test "a customer whose facts have changed is left out and named; the others are done" {
    shop
    impatient
    wfrun plan shop.yaml -i in.json --out p.json --progress quiet >/dev/null
    echo '{"quantity":8}' >bert
    run --separate-stderr wfrun apply p.json
    [ "$status" -eq 0 ]
    jq -e '.[0].done == "Anna" and .[1].failed == "Bert"' <<<"$output"
    jq -e '.[1].why | contains("world was {\"quantity\":7} and is {\"quantity\":8}")' <<<"$output"
    [ "$(wc -l <ledger)" -eq 2 ]
}

@test "what the plan does not have is not done, though the workflow would do it" {
    shop
    impatient
    wfrun plan shop.yaml -i <(jq 'del(.customers[1])' in.json) --out p.json --progress quiet >/dev/null
    # The plan's input counts; a world in which the first customer has become another one is another world.
    echo '{"quantity":6}' >anna
    run --separate-stderr wfrun apply p.json
    jq -e '.[0].failed == "Anna"' <<<"$output"
    [ ! -e ledger ]
}

@test "a plan that was changed, is too old, or was made from other files is refused with 8" {
    shop
    wfrun plan shop.yaml -i in.json --out p.json --progress quiet >/dev/null
    jq '.items[0].cost.micros = 1' p.json >changed.json
    run -8 --separate-stderr wfrun apply changed.json
    [[ $stderr == *"changed after it was made"* ]]
    wfrun plan shop.yaml -i in.json --out old.json --valid-for 1ms --progress quiet >/dev/null
    sleep 0.01
    run -8 --separate-stderr wfrun apply old.json
    [[ $stderr == *"it was good until"* ]]
    mkdir plugins
    cp "$WFRUN_PLUGIN_DIR/fx.so" plugins
    echo >>plugins/fx.so
    run -8 --separate-stderr env -u WFRUN_PLUGIN_DIR wfrun apply p.json --plugin-dir plugins
    [[ $stderr == *"the plugin with the step fx-"*" has changed"* ]]
    echo '# a comment' >>shop.yaml
    run -8 --separate-stderr wfrun apply p.json
    [[ $stderr == *"the workflow shop has changed"* ]]
    [ ! -e ledger ]
}

@test "what is no plan is refused with 5" {
    echo '{}' >p.json
    run -5 --separate-stderr wfrun apply p.json
    [[ $stderr == *"p.json is no plan"* ]]
    echo 'not json' >p.json
    run -5 wfrun apply p.json
    run -5 wfrun apply missing.json
}

@test "--detailed-exitcode tells whether there is something to do" {
    shop
    run -6 wfrun plan shop.yaml -i in.json --detailed-exitcode --progress quiet
    run -0 wfrun plan shop.yaml -i <(echo '{"customers": []}') --detailed-exitcode --progress quiet
}

@test "a plan over its budget is shown and not kept, with 8" {
    shop 'budget: {currency: EUR, run: 100, item: 15}'
    run -8 --separate-stderr wfrun plan shop.yaml -i in.json --out p.json --progress quiet
    [[ $stderr == *"over budget: Bert: EUR 20.50 is planned; the limit is EUR 15.00"* ]]
    [ ! -e p.json ]
    run -8 --separate-stderr wfrun plan shop.yaml -i in.json --max-cost 30EUR --progress quiet
    [[ $stderr == *"over budget: the run: EUR 30.50 is planned; the limit is EUR 30.00"* ]]
    run -8 --separate-stderr wfrun plan shop.yaml -i <(jq 'del(.customers[0].price)' in.json) --progress quiet
    [[ $stderr == *"1 costs are not known, which counts as over"* ]]
}

@test "a budget is looked at before each spend, and what is over it is not done" {
    shop 'budget: {currency: EUR, run: 25}'
    impatient
    run --separate-stderr wfrun run shop.yaml -i in.json
    [ "$status" -eq 0 ]
    jq -e '[.[].done // empty] | length == 1' <<<"$output"
    [[ $output == *"the run's budget of EUR 25.00 would be passed"* ]]
    run -2 --separate-stderr wfrun run shop.yaml -i in.json --max-cost 25
    [[ $stderr == *"an amount is a number and a currency"* ]]
    run -2 --separate-stderr wfrun run shop.yaml -i in.json --max-cost 25USD
    [[ $stderr == *"the budget is in EUR already"* ]]
}

@test "a resumed run knows what it has spent" {
    shop 'budget: {currency: EUR, run: 25}'
    impatient
    sed -i 's/concurrency: 2/concurrency: 1/' shop.yaml
    for stop in 2 3 4 5 6 7 8; do
        rm -f ledger wfrun.db*
        WFRUN_TEST_STOP_AFTER=$stop run wfrun run --run-id r shop.yaml -i in.json -o none
        run --separate-stderr wfrun resume r
        [ "$status" -eq 0 ]
        jq -e '.[0].done == "Anna" and .[1].failed == "Bert"' <<<"$output"
        [ "$(grep -cv verify ledger)" -eq 2 ]
    done
}

@test "an apply that is stopped after every record ends as if it had not been" {
    shop
    impatient
    for stop in $(seq 1 14); do
        rm -f ledger wfrun.db* p.json
        wfrun plan shop.yaml -i in.json --out p.json --progress quiet >/dev/null
        WFRUN_TEST_STOP_AFTER=$stop run wfrun apply p.json -o none
        [ "$status" -eq 42 ] || [ "$status" -eq 0 ]
        run --separate-stderr wfrun resume "$(wfrun list -o json | jq -r '.[0].run')"
        [ "$status" -eq 0 ]
        jq -e '[.[].done // empty] == ["Anna", "Bert"]' <<<"$output"
        [ "$(sort -u ledger | grep -cv verify)" -eq 4 ]
    done
}

@test "a plugin that tries to write while it plans is named, and its plan does not count" {
    workflow sly <<YAML
do:
  - sly: {call: fx-spend, with: {id: x, price: 1, planWrites: 'http://127.0.0.1:9/pay'}}
YAML
    run -1 --separate-stderr wfrun plan sly.yaml --progress quiet
    [[ $stderr == *"the plugin fx tried POST while it may only look (planning its step fx-"* ]]
    [[ $stderr == *"the answer of the plugin fx to the step fx-spend is wrong: it tried to write while it planned"* ]]
}

@test "a step that has no plan cannot be planned, and says so" {
    workflow blind <<YAML
do:
  - blind: {call: fx-write, with: {file: $PWD/ledger}}
YAML
    run -1 --separate-stderr wfrun plan blind.yaml --progress quiet
    [[ $stderr == *"It cannot be planned: fx-write: the step has no plan"* ]]
    [ ! -e ledger ]
}

@test "a plan of HTTP requests: what reads is sent, what writes is shown, and is another when its body is" {
    python3 - >port 2>log <<'PY' 3>&- &
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        open("requests", "a").write(self.command + " " + self.path + "\n")
        body = open("price").read().encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = do_DELETE = answer
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
    children+=($!)
    until_true test -s port
    echo 10 >price
    workflow order <<YAML
do:
  - price: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:$(cat port)/price'}}
  - order: {call: http, with: {method: post, endpoint: 'http://127.0.0.1:$(cat port)/orders', body: {price: '\${ . }'}}}
  - old: {call: http, with: {method: delete, endpoint: 'http://127.0.0.1:$(cat port)/orders/1'}}
YAML
    export WFRUN_PLUGIN_DIR=$top_builddir/plugins/all
    run --separate-stderr wfrun plan order.yaml --out p.json --progress quiet
    [ "$status" -eq 0 ]
    [[ $output == *"+ http"*"POST http://127.0.0.1:"*"/orders"*"- http"*"DELETE http"*"/orders/1"* ]]
    [[ $output == *"1 to create, 0 to change, 1 to remove"*"Cost: nothing."* ]]
    [ "$(cat requests)" = "GET /price" ]
    wfrun apply p.json --progress quiet
    [ "$(grep -c POST requests)" -eq 1 ]
    echo 11 >price
    wfrun plan order.yaml --out p.json --progress quiet
    echo 12 >price
    run -1 --separate-stderr wfrun apply p.json
    [[ $stderr == *"since it was planned, body was"* ]]
    [ "$(grep -c POST requests)" -eq 1 ]
}
