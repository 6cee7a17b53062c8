#!/usr/bin/env bats
# signed.bats: plans that somebody has signed with minisign, and a machine that applies no other.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

setup_plan() {
    command -v minisign >/dev/null || skip "minisign is not installed"
    minisign -G -W -p boss.pub -s boss.key >/dev/null
    minisign -G -W -p other.pub -s other.key >/dev/null
    workflow shop <<<"do:
  - buy: {call: fx-spend, with: {id: Anna, price: 10, file: $PWD/ledger}}"
    wfrun plan shop.yaml --out p.json --progress quiet >/dev/null
}

# refused TEXT: status 8, nothing done, and the words.
refused() {
    run --separate-stderr wfrun apply p.json --trusted-key boss.pub
    [ "$status" -eq 8 ]
    [[ $stderr == *"must be signed: "*"$1"*"minisign -Sm p.json"* ]]
    [ ! -e ledger ]
}

@test "a signed plan is applied, and the journal keeps what the signer said" {
    setup_plan
    minisign -S -s boss.key -t "seen by the head of sales" -m p.json >/dev/null
    run --separate-stderr wfrun apply p.json --trusted-key other.pub --trusted-key boss.pub
    [ "$status" -eq 0 ]
    [ "$(wc -l <ledger)" -eq 1 ]
    sqlite3 wfrun.db "SELECT json_extract(meta, '$.terms.signed') FROM run" | grep -qx "seen by the head of sales"
}

@test "signed over the bytes themselves, as minisign did before" {
    setup_plan
    minisign -S -l -s boss.key -m p.json >/dev/null
    run --separate-stderr wfrun apply p.json --trusted-key boss.pub
    [ "$status" -eq 0 ]
}

@test "a plan that is not signed, or by another, or was changed since, is refused with 8" {
    setup_plan
    refused "p.json.minisig"
    minisign -S -s other.key -m p.json >/dev/null
    refused "a key that is not trusted here"
    minisign -S -s boss.key -m p.json >/dev/null
    sed -i 's/"format"/ "format"/' p.json
    refused "changed after it was signed"
    wfrun plan shop.yaml --out p.json --progress quiet >/dev/null
    minisign -S -s boss.key -t "small" -m p.json >/dev/null
    sed -i 's/small/large/' p.json.minisig
    refused "comment was changed"
    echo "no signature" >p.json.minisig
    refused "it is no signature of minisign"
}

@test "a machine that trusts a key wants it of every plan, and a plan cannot say otherwise" {
    setup_plan
    mkdir -p config/wfrun
    echo "trusted-key: $PWD/boss.pub" >config/wfrun/wfrun.yaml
    run --separate-stderr wfrun apply p.json
    [ "$status" -eq 8 ]
    [ ! -e ledger ]
    minisign -S -s boss.key -m p.json >/dev/null
    run --separate-stderr wfrun apply p.json
    [ "$status" -eq 0 ]
}

@test "what is no key is said to be none" {
    setup_plan
    minisign -S -s boss.key -m p.json >/dev/null
    echo nonsense >bad.pub
    run --separate-stderr wfrun apply p.json --trusted-key bad.pub
    [ "$status" -eq 5 ]
    [[ $stderr == *"it is no public key of minisign"* ]]
    run --separate-stderr wfrun apply p.json --trusted-key missing.pub
    [ "$status" -eq 5 ]
    [ ! -e ledger ]
}

@test "an approval that the workflow asks for is not taken away by the plan's file" {
    cat >shop.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: shop, version: '1.0.0', metadata: {wfrun: {approval: {before: spend}}}}
do:
  - buy: {call: fx-spend, with: {id: Anna, price: 10, file: $PWD/ledger}}
YAML
    wfrun plan shop.yaml --out p.json --progress quiet >/dev/null
    jq -S 'del(.terms.approval) | del(.digest)' p.json >q.json
    digest=$(jq -jcS . q.json | sha256sum | cut -d' ' -f1)
    jq --arg d "$digest" '.digest = $d' q.json >p.json
    run --separate-stderr wfrun apply p.json </dev/null
    [ "$status" -eq 6 ]
    [ ! -e ledger ]
}
