#!/usr/bin/env bats
# abi.bats: the plugin ABI stays what it was.

@test "sizes, offsets and constants are those of the committed list" {
    [ "$(getconf LONG_BIT)" = 64 ] || skip "the list is of 64-bit machines"
    diff -u "$top_srcdir/tests/abi/abi-1.1.txt" <("$top_builddir/tests/abi/sizes")
}

@test "every member and constant of ABI 1.0 is where it was" {
    run grep -vxFf "$top_srcdir/tests/abi/abi-1.1.txt" "$top_srcdir/tests/abi/abi-1.0.txt"
    # Structs may have grown at their ends.
    [ "$output" = "$(printf '%s\n' 'wf_step_type 112' 'wf_planned 64' 'WF_ABI_MINOR 0')" ] || { echo "$output"; return 1; }
}

# Types too, by what the compiler says of them. After a member was added at the end of a struct, with a new minor:
#   cc -g -std=gnu17 -shared -fPIC -Iinclude -o new.so tests/abi/plugin-c99.c
#   abidw --no-show-locs --no-corpus-path --no-comp-dir-path --no-elf-needed new.so |
#       sed "s| path='[^']*'||" >tests/abi/plugin-1.N.abi
compare() {
    abidiff "$top_srcdir/tests/abi/plugin-1.1.abi" "$1"
}

@test "abidiff finds no difference to the ABI of the last minor version" {
    command -v abidiff >/dev/null || skip "abigail-tools is not installed"
    [ "$(uname -m)" = x86_64 ] || skip "the description is of x86-64"
    cd "$BATS_TEST_TMPDIR"
    cc -g -std=gnu17 -shared -fPIC -I"$top_srcdir/include" -o new.so "$top_srcdir/tests/abi/plugin-c99.c"
    compare new.so
    # It would find one: another type of the same size, and a member in the middle.
    mkdir wfrun
    for change in 's/int64_t cost_micros;/uint64_t cost_micros;/' 's/uint32_t action; /uint32_t fresh, action; /'; do
        sed "$change" "$top_srcdir/include/wfrun/plugin.h" >wfrun/plugin.h
        ! cmp -s wfrun/plugin.h "$top_srcdir/include/wfrun/plugin.h"
        cc -g -std=gnu17 -shared -fPIC -I. -o bad.so "$top_srcdir/tests/abi/plugin-c99.c"
        run compare bad.so
        [ "$status" -ne 0 ]
        [[ $output == *"struct wf_planned"* ]]
    done
}

@test "a plugin that was compiled with the first header is loaded, run, planned, applied and undone" {
    cd "$BATS_TEST_TMPDIR"
    export WFRUN_STATE=$PWD/wfrun.db WFRUN_PLUGIN_DIR=$top_builddir/tests/abi/.libs WFRUN_FIRST_FILE=$PWD/lines
    printf '%s\n' "document: {dsl: '1.0.3', namespace: test, name: first, version: '1.0.0'}" "do:" \
        "  - make: {call: first-make}" >first.yaml
    wfrun plugin show first | grep -q "Compiled with the first header"
    [ "$(wfrun --run-id a first.yaml)" = '{"made":true}' ]
    wfrun plan first.yaml --out p.json --progress quiet | grep -q "Cost: EUR 2.50."
    [ "$(grep -c run lines)" -eq 1 ]
    wfrun apply p.json
    [ "$(grep -c run lines)" -eq 2 ]
    wfrun rollback a --yes
    [ "$(grep -c undo lines)" -eq 1 ]
}

@test "the header compiles as strict C99 without a warning" {
    ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$top_srcdir/include" \
        "$top_srcdir/tests/abi/plugin-c99.c"
}

@test "the header compiles as C++ without a warning" {
    command -v "${CXX:-c++}" >/dev/null || skip "no C++ compiler"
    "${CXX:-c++}" -x c++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$top_srcdir/include" \
        "$top_srcdir/tests/abi/plugin-c99.c"
}

@test "every plugin of this build exports wf_plugin_entry and nothing else" {
    for plugin in "$top_builddir"/plugins/all/*.so; do
        run nm -D --defined-only --format=posix "$plugin"
        [ "$status" -eq 0 ]
        [ "$(printf '%s\n' "$output" | cut -d' ' -f1)" = wf_plugin_entry ] || { echo "$plugin: $output"; return 1; }
    done
}
