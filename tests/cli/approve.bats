#!/usr/bin/env bats
# approve.bats: what spends waits for the word of a person, bound to a plan; nobody's silence is a yes.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# shop APPROVAL: two customers, EUR 32.50.
shop() {
    cat >shop.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: shop, version: '1.0.0', metadata: {wfrun: {approval: $1}}}
do:
  - customers:
      metadata: {wfrun: {concurrency: 2, label: \$c.name, continueOnFault: true}}
      for: {each: c, in: .customers}
      do:
        - buy: {call: fx-spend, with: {id: '\${ \$c.name }', price: '\${ \$c.price }', currency: '\${ \$c.currency // "EUR" }', file: $PWD/ledger, world: '\${ \$c.world }'}}
        - row: {set: {done: '\${ \$c.name }'}}
YAML
    cat >in.json <<JSON
{"customers": [{"name": "Anna", "price": 10, "world": "$PWD/anna"}, {"name": "Bert", "price": 22.5, "world": "$PWD/bert"}]}
JSON
    echo '{"quantity":5}' | tee anna >bert
    rm -f ledger
}

bought() { cat ledger 2>/dev/null | sort -u | grep -vcx verify; }

begin() { run --separate-stderr wfrun shop.yaml -i in.json --run-id a "$@" </dev/null; }

# As somebody else: their word, and their user, are in the journal.
as_other() {
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" && chmod 777 . && chmod 666 ./*.db*
    cp -n "$(command -v wfrun)" wfrun-other
    setpriv --reuid=65534 --regid=65534 --clear-groups ./wfrun-other "$@"
}
needs_other() {
    [ "$(id -u)" = 0 ] && [ "$(cat /proc/self/loginuid 2>/dev/null || echo 4294967295)" = 4294967295 ] ||
        skip "it takes root, and no login session, to be somebody else"
}

@test "without a terminal a run that spends shows its plan, waits for an approval and says how to give it" {
    shop '{before: spend}'
    begin
    [ "$status" -eq 6 ]
    [[ $stderr == *"the whole plan: 2 effects, EUR 32.50"*"it needs an approval; until "*"wfrun approve a"* ]]
    [ "$(bought)" -eq 0 ]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 6 ]
    [ "$(bought)" -eq 0 ]
    [ "$(wfrun show a -o json | jq -c '.waiting[] | [.path, .for, .needed, .given]')" = '["#approval","approval",1,[]]' ]
    wfrun explain a | grep -q "needs an approval; until "
    run --separate-stderr wfrun approve a --as "head of sales"
    [ "$status" -eq 0 ]
    [[ $stderr == *"approved by $(id -un)"*"wfrun resume a"* ]]
    [ "$(bought)" -eq 0 ]
    [[ $(wfrun show a) == *"it is approved; that counts when the run goes on"*"wfrun resume a"* ]]
    [[ $(wfrun explain a) == *"it is approved; that counts when the run goes on"*"wfrun resume a"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
    wfrun show a -o json | jq -e --arg me "$(id -un)" '[.records[] | select(.path == "#approval#word/1") | .output] |
        .[0].by == $me and .[0].as == "head of sales" and (.[0].digest | length) == 64'
}

@test "an approval says yes to one plan: the run does that and nothing else" {
    shop '{before: spend}'
    begin
    echo '{"quantity":6}' >bert
    wfrun approve a
    run --separate-stderr wfrun resume a
    [ "$status" -eq 3 ]
    [ "$(bought)" -eq 1 ]
    [[ $(wfrun explain a) == *"Bert: "*"since it was planned, world was "* ]]
    [[ $stderr == *"1 effect of the plan was not done:"*"- Bert: fx-spend: spend on Bert"* ]]
    [[ $(wfrun explain a) == *"Planned, and not done"*"- Bert: fx-spend: spend on Bert"* ]]
    [ "$(wfrun report a -o json | jq -c .notDone)" = '{"count":1,"items":[{"label":"Bert","step":"fx-spend","words":"spend on Bert"}]}' ]
    wfrun report a | grep -q "Planned, and not done"
}

@test "two who want to approve, one by one: a quorum" {
    needs_other
    shop '{before: spend, quorum: 2}'
    begin
    [[ $stderr == *"by 2 people; 0 gave theirs"* ]]
    wfrun approve a
    run --separate-stderr wfrun approve a
    [ "$status" -eq 8 ]
    [[ $stderr == *"you have approved it already"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 6 ]
    [ "$(bought)" -eq 0 ]
    [[ $stderr == *"by 2 people; 1 gave theirs"* ]]
    as_other approve a
    run --separate-stderr wfrun resume a
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
}

@test "four eyes: who began the run may reject it, and not approve it, by any way" {
    needs_other
    shop '{before: spend, fourEyes: true}'
    begin --auto-approve
    [ "$status" -eq 6 ]
    run --separate-stderr wfrun approve a
    [ "$status" -eq 8 ]
    [[ $stderr == *"who began the run may not approve it"* ]]
    # Around the command: a word put into the journal by hand does not count either.
    sqlite3 wfrun.db "INSERT INTO control(run, kind, path, json, at_ms) SELECT num, 'decide', '#approval',
        json_object('by', '$(id -un)', 'decision', 'go'), 0 FROM run"
    run --separate-stderr wfrun resume a
    [ "$status" -eq 6 ]
    [[ $stderr == *"who began the run may not approve it"* ]]
    [ "$(bought)" -eq 0 ]
    as_other approve a
    run --separate-stderr wfrun resume a
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
}

@test "a word about another plan does not count" {
    shop '{before: spend}'
    begin
    sqlite3 wfrun.db "INSERT INTO control(run, kind, path, json, at_ms) SELECT num, 'decide', '#approval',
        json_object('by', 'boss', 'decision', 'go', 'digest', '00'), 0 FROM run"
    run --separate-stderr wfrun resume a
    [ "$status" -eq 6 ]
    [[ $stderr == *"it is about something else"* ]]
    [ "$(bought)" -eq 0 ]
}

@test "a rejection needs a reason, ends the run, and is kept" {
    shop '{before: spend}'
    begin
    run --separate-stderr wfrun reject a
    [ "$status" -eq 2 ]
    run --separate-stderr wfrun reject a --reason "too dear"
    [ "$status" -eq 0 ]
    run --separate-stderr wfrun approve a
    [ "$status" -eq 8 ]
    [[ $stderr == *"rejected already"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 10 ]
    [ "$(bought)" -eq 0 ]
    status_is a cancelled
    [[ $(wfrun explain a) == *"cancelled by $(id -un) (too dear)"* ]]
}

@test "a run that was ended waits for nothing any more" {
    shop '{before: spend}'
    begin
    wfrun cancel a
    for word in approve "reject --reason late"; do
        # shellcheck disable=SC2086 # words
        run -2 --separate-stderr wfrun $word a
        [[ $stderr == *"nothing of run a waits for an approval; it is cancelled"* ]]
    done
    run -2 wfrun approve a --all
}

@test "silence is a no: after the deadline it is denied, also to who comes late" {
    shop '{before: spend, timeout: PT0.2S}'
    begin
    sleep 0.3
    run --separate-stderr wfrun approve a
    [ "$status" -eq 8 ]
    [[ $stderr == *"its deadline has passed"* ]]
    run --separate-stderr wfrun resume a
    [ "$status" -eq 10 ]
    [ "$(bought)" -eq 0 ]
    [[ $(wfrun explain a) == *"nobody approved it before the deadline"* ]]
}

@test "per item, each is approved or rejected by itself" {
    shop '{before: spend, per: item}'
    begin
    [ "$status" -eq 6 ]
    run --separate-stderr wfrun approve a
    [ "$status" -eq 2 ]
    [[ $stderr == *"2 approvals are waited for"*"Anna"*"Bert"* ]]
    wfrun approve a '/do/0/customers/for/0#approval'
    wfrun reject a '/do/0/customers/for/1#approval' --reason "not Bert"
    run --separate-stderr wfrun resume a
    [ "$status" -eq 3 ]
    [ "$(bought)" -eq 1 ]
    [[ $(wfrun explain a) == *"Bert"*"not Bert"* ]]
    # All in one go; one that has it already, as after a crash half-way, does not keep the others from it.
    run --separate-stderr wfrun shop.yaml -i in.json --run-id b </dev/null
    wfrun approve b '/do/0/customers/for/0#approval'
    run -8 --separate-stderr wfrun approve b --all
    [[ $stderr == *"you have approved it already"*"approved by"*"Bert"* ]]
    run --separate-stderr wfrun resume b
    [ "$status" -eq 0 ]
}

@test "--auto-approve is a word like another, and is kept as one" {
    shop '{before: spend}'
    begin --auto-approve
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
    [ "$(wfrun show a -o json | jq -r '.records[] | select(.path == "#approval#word/1") | .output.as')" = "--auto-approve" ]
    run --separate-stderr wfrun shop.yaml -i in.json --run-id b </dev/null
    [ "$status" -eq 6 ]
    run --separate-stderr wfrun resume b --auto-approve
    [ "$status" -eq 0 ]
}

@test "at a terminal the sum is typed; anything else is no approval, and the run waits" {
    shop '{before: spend}'
    run script -qec 'wfrun shop.yaml -i in.json --run-id a --progress plain' /dev/null <<<"yes"
    [ "$status" -eq 6 ]
    [[ $output == *"Approve the whole plan: 2 effects, EUR 32.50?"*"32.50"*"not approved"* ]]
    [ "$(bought)" -eq 0 ]
    run script -qec 'wfrun resume a --progress plain' /dev/null <<<"32.50"
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
}

@test "sums in two currencies are typed both" {
    shop '{before: spend}'
    sed -i 's/"price": 22.5/"price": 22.5, "currency": "USD"/' in.json
    run script -qec 'wfrun shop.yaml -i in.json --run-id a --progress plain' /dev/null <<<"10.00"
    [ "$status" -eq 6 ]
    run script -qec 'wfrun resume a --progress plain' /dev/null <<<"10.00 22.50"
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
}

@test "a run that is being driven hears the word while it runs" {
    shop '{before: spend, per: item}'
    sed -i 's/- row: .*/- nap: {wait: PT1H}/; s/- buy:/- slow: {if: "${ $c.name == \\"Anna\\" }", wait: PT1H}\n        - buy:/' shop.yaml
    wfrun shop.yaml -i in.json --run-id a --detach
    for _ in $(seq 100); do wfrun show a -o json | jq -e '.waiting | length == 1' >/dev/null && break; sleep 0.1; done
    run --separate-stderr wfrun approve a
    [ "$status" -eq 0 ]
    [[ $stderr != *"wfrun resume"* ]]
    for _ in $(seq 100); do [ "$(bought)" -eq 1 ] && break; sleep 0.1; done
    [ "$(bought)" -eq 1 ]
    wfrun cancel a
    run wfrun wait a
    [ "$status" -eq 10 ]
}

@test "what is wrong in an approval is found by check" {
    shop '{before: spent, quorum: 0, timeout: "${ 1 }"}'
    run --separate-stderr wfrun check shop.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == *'`before` cannot be `spent`'*'spend'* ]]
    [[ $stderr == *'`quorum`'* ]]
}

@test "stopped after every record on both sides of the word, nothing is bought without it, nor twice with it" {
    shop '{before: spend}'
    for stop in $(seq 40); do
        rm -f ledger
        run --separate-stderr env WFRUN_TEST_STOP_AFTER="$stop" wfrun shop.yaml -i in.json --run-id "r$stop" </dev/null
        [ "$(bought)" -eq 0 ]
        [ "$status" -eq 42 ] || break
        run --separate-stderr wfrun resume "r$stop"
        [ "$status" -eq 6 ]
        [ "$(bought)" -eq 0 ]
    done
    for stop in $(seq 40); do
        rm -f ledger
        wfrun shop.yaml -i in.json --run-id "s$stop" </dev/null 2>/dev/null || true
        wfrun approve "s$stop"
        run --separate-stderr env WFRUN_TEST_STOP_AFTER="$stop" wfrun resume "s$stop"
        [ "$status" -eq 42 ] || break
        run --separate-stderr wfrun resume "s$stop"
        [ "$status" -eq 0 ]
        [ "$(bought)" -eq 2 ]
    done
    [ "$stop" -gt 3 ]
}

@test "a setting asks for approvals too, and the stricter of both counts" {
    shop '{before: irreversible, per: item}'
    mkdir -p config/wfrun
    echo 'approval: spend,four-eyes,quorum=2,timeout=4h' >config/wfrun/wfrun.yaml
    wfrun plan shop.yaml -i in.json -o json --progress quiet | jq -ce '.terms.approval ==
        {"before": "spend", "per": "item", "quorum": 2, "fourEyes": true, "timeoutMs": 14400000}'
    begin
    [ "$status" -eq 6 ]
    [ "$(bought)" -eq 0 ]
    run --separate-stderr wfrun shop.yaml -i in.json --approval "four eyes" </dev/null
    [ "$status" -eq 2 ]
    [[ $stderr == *'`four` is none of its words'*"write spend"* ]]
}

@test "applying a plan asks for the approval that its workflow needs" {
    shop '{before: spend}'
    wfrun plan shop.yaml -i in.json --out p.json --progress quiet >/dev/null
    run --separate-stderr wfrun apply p.json </dev/null
    [ "$status" -eq 6 ]
    [ "$(bought)" -eq 0 ]
    id=$(wfrun list -o json | jq -r '.[0].run')
    wfrun approve "$id"
    run --separate-stderr wfrun resume "$id"
    [ "$status" -eq 0 ]
    [ "$(bought)" -eq 2 ]
}

@test "nothing to spend, nothing to approve" {
    shop '{before: spend}'
    echo '{"customers": []}' >in.json
    begin
    [ "$status" -eq 0 ]
}
