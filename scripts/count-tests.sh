#!/bin/sh
# count-tests.sh BUILD: "N passed, N failed, N skipped" over every suite that ran in the build folder, the sanitized
# builds inside it included. Exit status 1 when something failed or nothing ran.
#
# Counted are single cases, where a log shows them: CUnit's summary, TAP lines (bats and our own runners; an expected
# failure, "# TODO", counts as skipped); a program without either counts as one.
set -eu
build=${1:?usage: count-tests.sh BUILD}

{
    find "$build" -name '*.trs' | sort | while read -r trs; do
        result=$(sed -n 's/^:global-test-result: *//p' "$trs")
        echo "== ${result:-ERROR}"
        cat "${trs%.trs}.log" 2>/dev/null || true
    done
    for tap in "$build"/*.tap; do
        [ -e "$tap" ] || continue
        echo "== TAP"
        cat "$tap"
    done
    echo "== END"
} | awk '
    function close_log() {
        if (result == "") return
        if (cases) { passed += p; failed += f; skipped += s }
        if (result == "TAP") return
        if (result ~ /^(FAIL|ERROR|XPASS)$/) { if (!f) failed++ }
        else if (!cases) { if (result == "PASS") passed++; else skipped++ }
    }
    /^== (PASS|FAIL|SKIP|XFAIL|XPASS|ERROR|TAP|END)$/ { close_log(); result = $2; p = f = s = cases = 0; next }
    /^ *tests +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+$/ { p += $4; f += $5; s += $6; cases = 1; next }
    /^(ok|not ok)( |$)/ {
        cases = 1
        if (/# *([Ss][Kk][Ii][Pp]|TODO)/) s++
        else if (/^ok/) p++
        else f++
    }
    END {
        printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0 || passed == 0
    }'
