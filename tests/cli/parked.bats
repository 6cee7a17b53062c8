#!/usr/bin/env bats
# parked.bats: a run that stands still, for whichever reason, and is ended by a person, does nothing ever again.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

# park STATE [METADATA]: a run r that has lent a book, stands still, and would spend money next.
park() {
    local metadata=${2:-} gate=pause mid='mid: {set: {a: 1}}' lend="lend: {call: fx-lend, with: {file: $PWD/books, id: half}}"
    touch books
    case $1 in
    pause | gate)
        [ "$1" = pause ] || gate=approval
        mid="mid: {metadata: {wfrun: {waves: [1, 100%], gate: $gate}}, for: {each: x, in: '[range(2)]'}, do: [{one: {set: {a: 1}}}]}"
        ;;
    approval) # such a run plans first, and fx-lend has no plan
        metadata="${metadata:+$metadata, }approval: {before: spend}"
        lend='lend: {set: {a: 1}}'
        ;;
    doubt) mid="mid: {call: fx-write, with: {file: $PWD/lines, die: after, dieOnce: $PWD/mark}}" ;;
    suspended) mid='pause: {wait: {hours: 1}}' ;;
    esac
    workflow parked <<YAML
do:
  - $lend
  - $mid
  - buy: {call: fx-spend, with: {id: a, price: 5, currency: EUR, file: $PWD/ledger}}
YAML
    sed -i "s/version: '1.0.0'/&\\n  metadata: {wfrun: {$metadata}}/" parked.yaml
    if [ "$1" = suspended ]; then
        interrupt TERM --run-id r parked.yaml
        wfrun suspend r
    else
        wfrun --run-id r parked.yaml </dev/null >/dev/null 2>&1 || true
    fi
    [ "$1" != doubt ] || wfrun resume r >/dev/null 2>&1 || true
}

# Whatever is typed after the end, each with the status that it has.
nothing_more() {
    run -10 timeout 20 wfrun resume r
    run -10 timeout 20 wfrun wait r
    for words in approve 'reject --reason x' 'resolve --not-done --reason x' 'resolve --done --output {} --reason x'; do
        # shellcheck disable=SC2086 # words are words
        run -2 timeout 20 wfrun $words r </dev/null
    done
    for word in suspend cancel kill; do
        run -1 --separate-stderr timeout 20 wfrun $word r
        [[ $stderr == *"run r is over already: cancelled"* ]]
    done
    run -10 timeout 20 wfrun resume r
    status_is r cancelled
    [ ! -e ledger ]
}

backs() { grep -c '^back' books || true; }

@test "a parked run that is cancelled or killed is over for good" {
    declare -A past=([cancel]=cancelled [kill]=killed)
    for state in suspended pause gate approval; do
        for word in cancel kill; do
            rm -f wfrun.db* books
            park "$state"
            run -0 --separate-stderr wfrun "$word" r --reason 'wrong day'
            [[ $stderr == *"run r is ${past[$word]}"* ]]
            [ "$state" = approval ] || [[ $stderr == *"what run r did stays done"*"fx-lend lend"*"wfrun rollback r"* ]]
            [[ $(wfrun explain r) == *"It was ${past[$word]} by $(id -un) (wrong day)"* ]]
            nothing_more
            [ "$(backs)" -eq 0 ]
        done
    done
}

@test "with onCancel a parked run that is cancelled is rolled back, and one that is killed is not" {
    for state in suspended pause gate; do
        rm -f wfrun.db* books
        park "$state" 'onCancel: rollback'
        run -0 wfrun cancel r
        status_is r-rollback-1 completed
        nothing_more
        [ "$(backs)" -eq 1 ]
        rm -f wfrun.db* books
        park "$state" 'onCancel: rollback'
        run -0 --separate-stderr wfrun kill r
        [[ $stderr == *"declares a rollback, which was not done"* ]]
        nothing_more
        [ "$(backs)" -eq 0 ]
    done
}

@test "a run that was killed in doubt says so ever after, and no verdict changes anything" {
    park doubt
    run -7 --separate-stderr wfrun cancel r
    run -0 --separate-stderr wfrun kill r
    [[ $stderr == *"fx-write mid (nobody knows whether it happened)"*"fx-lend lend"* ]]
    [[ $(wfrun explain r) == *"1 change had been made before and stays made. Of 1 more nobody knows whether it happened"* ]]
    [[ $(wfrun show r) == *"its request id is "*"the run is over: put it right by hand"* && $(wfrun show r) != *"wfrun resolve"* ]]
    wfrun report r --to r.html
    [[ $(page r.html) == *"the run is over: put it right by hand"* && $(page r.html) != *"under way"* ]]
    grep -q '>not known<' r.html
    nothing_more
    run -2 --separate-stderr wfrun resolve r --done --output '{}' --reason x
    [[ $stderr == *"run r is over (cancelled): a verdict changes nothing any more"* ]]
    run -7 --separate-stderr wfrun retry r
    [ "$(wc -l <lines)" -eq 1 ]
    run -3 --separate-stderr wfrun rollback r --yes
    [ "$(backs)" -eq 1 ]
}

@test "a parked run that is suspended stands still until it is resumed, and then stands where it stood" {
    for state in pause gate approval; do
        rm -f wfrun.db* books
        park "$state"
        run -0 wfrun suspend r
        status_is r suspended
        run -6 --separate-stderr timeout 20 wfrun resume r </dev/null
        [ "$state" = pause ] || [[ $stderr == *"it needs an approval"* ]]
        [ "$state" = pause ] || [ ! -e ledger ]
    done
}
