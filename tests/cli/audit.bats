#!/usr/bin/env bats
# audit.bats: what a journal says can be proved: its chain, and a run in one file that others can check.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# A run that was planned, approved and done, and whose journal is wfrun.db.
made() {
    cat >pay.yaml <<YAML
document: {dsl: '1.0.3', namespace: test, name: pay, version: '1.0.0', metadata: {wfrun: {approval: {before: spend}}}}
do:
  - pay: {call: fx-spend, with: {id: '\${ .mail }', price: 10, file: $PWD/ledger}}
  - thank: {set: {text: '\${ "Thank you, " + \$workflow.input.mail }'}}
YAML
    run -6 --separate-stderr wfrun pay.yaml --set mail=anna@example.com --run-id r </dev/null
    wfrun approve r --as buyer
    run -0 wfrun resume r
}

# changed SQL WORDS: after that change the journal is not what was written.
changed() {
    cp wfrun.db changed.db
    sqlite3 changed.db "$1"
    run -5 --separate-stderr wfrun verify-journal --state changed.db
    [[ $stderr == *"$2"* ]]
    [[ $stderr == *"1 of 1 runs in changed.db are not as they were written"* ]]
}

@test "a journal that is whole is told with its last link; a changed, removed, moved or cut-off record is named" {
    made
    run -0 --separate-stderr wfrun verify-journal
    [[ $output =~ ^r:\ [0-9]+\ records,\ completed,\ closed\ by\ [0-9a-f]{64}$ ]]
    sqlite3 wfrun.db "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
    changed "UPDATE op SET json = replace(json, 'buyer', 'owner')" "of the run r (#approval#word/1) is not what was written"
    changed "DELETE FROM op WHERE path = '/do/0/pay' AND state = 'intent'" "of the run r (/do/0/pay)"
    changed "UPDATE op SET id = -id WHERE id = 3" "record 1 of the run r"
    changed "DELETE FROM op WHERE id = (SELECT max(id) FROM op)" "were written"
    changed "UPDATE run SET output = '{}'" "the end of the run r"
    changed "UPDATE definition SET text = CAST(replace(text, 'price: 10', 'price: 11') AS BLOB)" "the definition"
    run -2 wfrun verify-journal nobody
}

@test "a bundle has all of a run, is checked without wfrun, and becomes a run to be looked at" {
    made
    wfrun export r --to r.bundle
    [ "$(stat -c %a r.bundle)" = 600 ]
    wfrun export r | cmp - r.bundle
    jq -se '[.[] | select(.path == "#approval#word/1")][0] | .json | fromjson | .as == "buyer"' r.bundle
    jq -se '[.[] | select(.path == "/do/0/pay" and .state == "intent")][0] | .json | fromjson | .key | length == 36' r.bundle
    jq -se '[.[] | select(.bundle == "definition")][0] | .text | contains("fx-spend")' r.bundle
    link=$(wfrun verify-journal r.bundle | sed 's/.*closed by \([0-9a-f]*\).*/\1/')
    [ "$("$top_srcdir/tests/cli/audit.sh" r.bundle)" = "$link" ]
    wfrun import r.bundle --state other.db
    [ "$(wfrun show r --state other.db -o json | jq -c .output)" = "$(wfrun show r -o json | jq -c .output)" ]
    [[ $(wfrun verify-journal --state other.db) == *"$link"* ]]
    wfrun export r --state other.db | cmp - r.bundle
    run -5 --separate-stderr wfrun import r.bundle --state other.db
    [[ $stderr == *"there is a run r already"*"wfrun show r"* ]]
    run -2 wfrun rollback r --state other.db
    [[ $output == *"imported"* ]]
    run -2 wfrun retry r --state other.db --from pay
    [[ $output == *"imported"* ]]
    [ "$(grep -vcx verify ledger)" -eq 1 ]
}

# reseal FILE: bad.bundle has a last line that fits, as somebody would make it who knows the form.
reseal() {
    sed '$d' "$1" >body
    { cat body; printf '{"bundle":"digest","sha256":"%s"}\n' "$(sha256sum <body | cut -d' ' -f1)"; } >bad.bundle
}

@test "a bundle that was changed is refused by everybody, and nothing of it is kept" {
    made
    wfrun export r --to r.bundle
    sed 's/buyer/owner/' r.bundle >changed
    run -5 --separate-stderr wfrun import changed --state other.db
    [[ $stderr == *"its last line is not the digest of the others"* ]]
    reseal changed
    run -5 --separate-stderr wfrun import bad.bundle --state other.db
    [[ $stderr == *"of the run r (#approval#word/1) is not what was written"* ]]
    run -5 --separate-stderr wfrun verify-journal bad.bundle
    run -1 "$top_srcdir/tests/cli/audit.sh" bad.bundle
    [[ $output == *"was changed"* ]]
    sed 's/price: 10/price: 11/' r.bundle >changed
    reseal changed
    run -5 --separate-stderr wfrun import bad.bundle --state other.db
    [[ $stderr == *"the definition has another digest"* ]]
    run -1 "$top_srcdir/tests/cli/audit.sh" bad.bundle
    [ "$(wfrun list --state other.db -o json | jq length)" -eq 0 ]
    run -5 wfrun import pay.yaml --state other.db
    [[ $output == *"pay.yaml: it is no bundle"* ]]
    mkdir folder
    for file in nothing folder; do
        run -5 wfrun import $file --state other.db
        [[ $output == *"$file cannot be "* ]]
    done
    run -2 --separate-stderr wfrun verify-journal nothing
    [[ $stderr == *"there is no run nothing"*"there is no file nothing"* ]]
    run -2 --separate-stderr wfrun export nothing
    [[ $stderr == *"wfrun list"* ]]
}

@test "a bundle that somebody signed, and one that was made up whole: only the signature tells" {
    command -v minisign >/dev/null || skip "minisign is not installed"
    minisign -G -W -p audit.pub -s audit.key >/dev/null
    minisign -G -W -p other.pub -s other.key >/dev/null
    made
    wfrun export r --to r.bundle
    minisign -S -s audit.key -t "as the run ended" -m r.bundle >/dev/null
    run -0 wfrun verify-journal r.bundle --trusted-key other.pub --trusted-key audit.pub
    [[ $output == *", signed: as the run ended" ]]
    run -0 --separate-stderr wfrun import r.bundle --state other.db --trusted-key audit.pub
    [[ $stderr == *"signed: as the run ended"* ]]
    python3 "$top_srcdir/tests/cli/forge.py" r.bundle '#approval#word/1' done buyer owner >forged.bundle
    run -0 wfrun verify-journal forged.bundle # a chain has no key
    "$top_srcdir/tests/cli/audit.sh" forged.bundle
    mv r.bundle.minisig forged.bundle.minisig
    for command in verify-journal "import --state forged.db"; do
        # shellcheck disable=SC2086 # words
        run -5 --separate-stderr wfrun $command forged.bundle --trusted-key audit.pub
        [[ $stderr == *"forged.bundle must be signed: the signature does not hold"*"minisign -Sm forged.bundle"* ]]
    done
    [ ! -e forged.db ]
    run -5 --separate-stderr wfrun verify-journal r.bundle --trusted-key audit.pub
    [[ $stderr == *"r.bundle.minisig"* ]]
    run -2 wfrun verify-journal r --trusted-key audit.pub
}

@test "what is redacted is nowhere in the bundle, and the chain still holds" {
    made
    wfrun export r --redact mail --to r.bundle
    run grep -c anna r.bundle
    [ "$output" -eq 0 ]
    link=$(wfrun verify-journal r | sed 's/.*closed by //')
    run -0 wfrun verify-journal r.bundle
    [[ $output == *"closed by $link"*"texts redacted" ]]
    [ "$("$top_srcdir/tests/cli/audit.sh" r.bundle)" = "$link" ]
    wfrun import r.bundle --state other.db
    wfrun show r --state other.db -o json | jq -e '.output.text | startswith("Thank you, redacted-")'
    [[ $(wfrun verify-journal --state other.db) == *"texts redacted" ]]
}

@test "a workflow stays whole when texts are redacted, also one in JSON" {
    cat >hello.json <<'JSON'
{"document": {"dsl": "1.0.3", "namespace": "test", "name": "hello", "version": "1.0.0"},
 "do": [{"say": {"set": {"mail": "${ .mail }", "text": "written by anna@example.com"}}}]}
JSON
    wfrun hello.json --set mail=bob@example.com --run-id h
    wfrun export h --redact mail --to h.bundle
    run -0 wfrun verify-journal h.bundle
    jq -se '[.[] | select(.bundle == "definition")] | length == 1 and .[0].redacted == null' h.bundle
    run grep -c bob@ h.bundle
    [ "$output" -eq 0 ]
    run -0 wfrun replay h.bundle
}

@test "a line of a bundle is as long as it must be, and redacted as well" {
    cat >many.yaml <<'YAML'
document: {dsl: '1.0.3', namespace: test, name: many, version: '1.0.0'}
do:
  - all: {set: {texts: '${ [range(400000) | "\"\"\"\"\"\"\"\"\"\""] }', mail: anna@example.com}}
YAML
    wfrun many.yaml --run-id m -o none
    wfrun export m --redact mail --to m.bundle
    [ "$(wc -L <m.bundle)" -gt 17000000 ]
    run grep -c '"mail\\":\\"anna' m.bundle
    [ "$output" -eq 0 ]
    run -0 wfrun verify-journal m.bundle
    run -0 wfrun replay m -o none
}
