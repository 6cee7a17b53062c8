#!/usr/bin/env bats
# plugin-new.bats: what `wfrun plugin new` writes builds without a warning and passes its tests as it stands.
load helper

# build NAME: as its Makefile does, with the headers of this tree.
build() {
    # shellcheck disable=SC2046
    ${CC:-cc} -Wall -Wextra -Werror -shared -fPIC -I"$top_srcdir/include" $(pkg-config --cflags libcjson) \
        -o "$1/$1.so" "$1/$1.c" $(pkg-config --libs libcjson)
}

made() {
    wfrun plugin new "$1" --effect "$2"
    build "$1"
    unset WFRUN_PLUGIN_DIR
    (cd "$1" && wfrun plugin test && wfrun check --plugin-dir . example.yaml)
    run wfrun plugin show "$1" --plugin-dir "$1"
    grep -qE "effect: +$2\$" <<<"$output"
    run grep -rlE 'my[-_]step' "$1"
    [ "$status" -eq 1 ]
}

@test "a step that computes" {
    made greet none
    [ "$(wfrun run --ephemeral --plugin-dir greet -o json greet/example.yaml)" = '{"greeting":"Hello, Ada!"}' ]
}
@test "a step that reads" { made look-up read; }
@test "a step that writes" { made name-it write; }
@test "a step that spends" { made order-2 spend; }
@test "a step that cannot be undone" { made tell irreversible; }

@test "a name, an effect or a language that there is not is a usage error, and nothing is written" {
    for name in Greet 1st a--b a- 'a b' ../a; do
        run wfrun plugin new "$name"
        [ "$status" -eq 2 ]
    done
    run wfrun plugin new greet --effect much
    [ "$status" -eq 2 ]
    [[ $output == *"none, read, write, spend or irreversible"* ]]
    run wfrun plugin new greet --lang cobol
    [ "$status" -eq 2 ]
    [ -z "$(ls)" ]
    mkdir greet
    run wfrun plugin new greet
    [ "$status" -eq 2 ]
    run wfrun plugin list --effect read
    [ "$status" -eq 2 ]
}

@test "make new-plugin writes the same folder, with a fragment of this tree's build" {
    mkdir -p tree/plugins
    cp -r "$top_srcdir/templates" "$top_srcdir/scripts" tree/
    tree/scripts/new-plugin.sh "$top_builddir/wfrun" step two-words spend
    [ "$(ls tree/plugins/two-words | tr '\n' ' ')" = "README.md cases.yaml example.yaml plugin.am two-words.c " ]
    grep -q '^%canon_reldir%_two_words_la_SOURCES = %reldir%/two-words.c$' tree/plugins/two-words/plugin.am
}
