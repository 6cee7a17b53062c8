#!/usr/bin/env bats
# plugin-key.bats: a machine that loads only plugins that somebody it trusts has signed.
load helper

made() {
    command -v minisign >/dev/null || skip "minisign is not installed"
    mkdir plugins
    cp "$top_builddir"/tests/plugins/.libs/fx.so plugins
    minisign -G -W -p boss.pub -s boss.key >/dev/null
    minisign -G -W -p other.pub -s other.key >/dev/null
    workflow echo <<<'do: [{a: {call: fx-echo, with: {n: 1}}}]'
    export WFRUN_PLUGIN_DIR=$PWD/plugins WFRUN_PLUGIN_KEY=$PWD/boss.pub
}

sign() { minisign -S -s "$1.key" -m "$2" >/dev/null; }

refused() {
    run -5 --separate-stderr wfrun run --ephemeral echo.yaml
    [[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
}

@test "a plugin is loaded when a trusted key has signed it, and not otherwise" {
    made
    refused "fx.so.minisig cannot be opened"
    refused "who trusts it signs it: minisign -Sm"
    sign other plugins/fx.so
    refused "it must be signed: it is signed with a key that is not trusted here"
    sign boss plugins/fx.so
    run -0 wfrun run --ephemeral echo.yaml
    WFRUN_PLUGIN_KEY=$PWD/other.pub:$PWD/boss.pub run -0 wfrun run --ephemeral echo.yaml
    WFRUN_ISOLATION=process run -0 wfrun run --ephemeral echo.yaml
    printf x >>plugins/fx.so
    refused "it must be signed: "
    unset WFRUN_PLUGIN_KEY
    run -0 wfrun run --ephemeral echo.yaml
}

@test "a manifest is signed, and so is the library beside it" {
    made
    echo 'double twice(double x); double twice(double x) { return 2 * x; }' >mine.c
    ${CC:-cc} -shared -fPIC -o plugins/libmine.so mine.c
    cat >plugins/mine.function.yaml <<'YAML'
version: 1.0.0
summary: For tests
library: ./libmine.so
functions:
  mine-twice: {summary: Twice, effect: none, declaration: double twice(double x), output: return}
YAML
    workflow echo <<<'do: [{a: {call: mine-twice, with: {x: 2}}}]'
    refused "it must be signed: "
    sign boss plugins/mine.function.yaml
    refused "its library must be signed: "
    sign boss plugins/libmine.so
    run -0 --separate-stderr wfrun run --ephemeral echo.yaml
    [ "$output" = 4 ]
    run -0 wfrun plugin lock echo.yaml
    sed -i 's/2 \* x/3 * x/' mine.c
    ${CC:-cc} -shared -fPIC -o plugins/libmine.so mine.c
    sign boss plugins/libmine.so
    refused "mine.function.yaml is not the plugin that echo.yaml.lock has"
}

@test "a run remembers the keys it began with, and a key that is none is said" {
    made
    sign boss plugins/fx.so
    workflow waits <<<"do: [{a: {wait: PT0.01S}}, {b: {call: fx-echo, with: {n: 1}}}]"
    WFRUN_TEST_STOP_AFTER=1 run ! wfrun waits.yaml --run-id r
    unset WFRUN_PLUGIN_KEY
    rm plugins/fx.so.minisig
    run -5 --separate-stderr wfrun resume r
    [[ $stderr == *"it must be signed"* ]]
    sign boss plugins/fx.so
    run -0 wfrun resume r
    run -5 --separate-stderr wfrun run --ephemeral --plugin-key nowhere.pub echo.yaml
    [[ $stderr == *"--plugin-key nowhere.pub: No such file or directory"* ]]
    run -5 --separate-stderr wfrun run --ephemeral --plugin-key echo.yaml echo.yaml
    [[ $stderr == *"it must be signed: "* ]]
}
