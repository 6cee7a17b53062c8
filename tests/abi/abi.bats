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
