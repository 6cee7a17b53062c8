#!/usr/bin/env bats
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs; }

@test "plugin list names steps with effect, plugin and version" {
    run --separate-stderr wfrun plugin list
    [ "$status" -eq 0 ]
    grep -qE '^fx-spend +spend +fx +1\.0\.0 ' <<<"$output"
}

@test "plugin show has schemas, effect and what happens after a crash" {
    run wfrun plugin show fx
    [ "$status" -eq 0 ]
    [[ $output == *"plugin fx 1.0.0"*"step fx-echo"*"  with"*"text "*"string"*"  output"* ]]
    [[ $output == *"step fx-spend"*"effect: spend"*"asks whether it happened"* ]]
    [[ $output == *"step fx-write"*"waits for a person"* ]]
    [ "$(wfrun plugin show fx-echo | head -1)" = "${lines[0]}" ]
}

@test "plugin show as JSON has the schemas themselves" {
    wfrun plugin show fx -o json | jq -e '.steps[] | select(.name == "fx-echo") | .effect == "none" and .input.type == "object"'
    run wfrun plugin show fx -o yaml
    [ "$status" -eq 2 ]
}

@test "each step of this build has a man page, made of its descriptor" {
    pages=("$top_builddir"/plugins/man/wfrun-step-*.7)
    [ "${#pages[@]}" -eq "$(wfrun plugin list --plugin-dir "$top_builddir/plugins/all" | tail -n +2 | wc -l)" ]
    grep -q '^\.SH SETTINGS$' "$top_builddir/plugins/man/wfrun-step-purchase.7"
    for page in "${pages[@]}"; do man --warnings -l "$page" >/dev/null 2>>warnings; done
    [ ! -s warnings ] || { cat warnings; false; }
}

@test "nested properties are shown by their paths" {
    run wfrun plugin show http --plugin-dir "$top_builddir/plugins/all"
    [[ $output == *"endpoint"*"required"* ]]
    run wfrun plugin show preflight --plugin-dir "$top_builddir/plugins/all"
    [[ $output == *"retired[].offerIds"*"array of strings"* ]]
}

@test "an unknown plugin or subcommand is a usage error" {
    run wfrun plugin show fy
    [ "$status" -eq 2 ]
    [[ $output == *"did you mean fx?"* ]]
    run wfrun plugin remove fx
    [ "$status" -eq 2 ]
}

@test "an unknown step has a hint, a wrong with is checked against the step's schema" {
    workflow bad <<<$'do:\n  - one:\n      call: fx-ecco\n  - two:\n      call: fx-echo\n      with: {text: 5}'
    run wfrun check bad.yaml
    [ "$status" -eq 5 ]
    [[ $output == *"bad.yaml:8:13: error[WF0501]"*"fx-echo"* ]]
    [[ $output == *"bad.yaml:11:"*"error[WF0502]"* ]]
}

@test "a refused plugin is the reason for its unknown step" {
    mkdir dir
    cp "$WFRUN_PLUGIN_DIR/fx.so" dir/
    chmod 666 dir/fx.so
    workflow echo <<<$'do:\n  - one:\n      call: fx-echo'
    run wfrun run --ephemeral --plugin-dir dir echo.yaml
    [ "$status" -eq 5 ]
    [[ $output == *"error[WF0501]"*"refused"* ]]
    run --separate-stderr wfrun plugin list --plugin-dir dir
    [[ $stderr == *"fx.so is refused: "* ]]
}

@test "an empty folder has no plugins" {
    mkdir none
    run --separate-stderr wfrun plugin list --plugin-dir none
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == *"no plugins here"* ]]
}

@test "a step's error, progress and soft failures reach the command line" {
    workflow steps <<'YAML'
do:
  - again: {call: fx-retry, with: {times: 2}}
  - bad: {call: fx-fail, with: {type: communication, status: 503, detail: the remote words, data: {code: "1234"}}}
YAML
    run --separate-stderr wfrun --ephemeral --progress json steps.yaml
    [ "$status" -eq 1 ]
    [ "$(grep -c step-retry <<<"$stderr")" -eq 2 ]
    tail -n 1 <<<"$stderr" | jq -e '.detail == "the remote words" and .code == "1234" and .instance == "/do/1/bad"'
}

@test "a resumed run has the plugins, secrets and registered definitions it began with" {
    mkdir lib
    workflow part <<<$'do:\n  - one:\n      call: fx-echo\n      with: {text: hello}'
    mv part.yaml lib/
    workflow main <<'YAML'
use: {secrets: [token]}
do:
  - pause: {wait: {seconds: 1}}
  - sub: {run: {workflow: {namespace: test, name: part, version: '1.0.0'}}}
  - done: {set: {text: '${ .text }', length: '${ $secrets.token | length }'}}
YAML
    echo 'token: abcdef' >s.yaml
    chmod 600 s.yaml
    dir=$WFRUN_PLUGIN_DIR
    unset WFRUN_PLUGIN_DIR
    interrupt TERM --run-id r1 --plugin-dir "$dir" --secrets s.yaml --register lib main.yaml
    [ "$status" -eq 143 ]
    run --separate-stderr wfrun resume r1
    [ "$status" -eq 0 ]
    [ "$output" = '{"text":"hello","length":6}' ]
}

@test "a schema that is no object's is shown as one value, with its words" {
    run wfrun plugin show http --plugin-dir "$top_builddir/plugins/all"
    [[ $output == *"  output"*"the value"*"any"*"the reply's content; or request, "* ]]
    run wfrun plugin show math-cos --plugin-dir "$top_srcdir/workflows/functions"
    [[ $output == *"  output"*"the value"*"number"* ]]
}

@test "every shipped plugin has its settings, schemas, effect, words, man page and example" {
    for fragment in $(grep -l '^plugin_LTLIBRARIES' "$top_srcdir"/plugins/*/plugin.am); do
        dir=$(dirname "$fragment") name=$(basename "$(dirname "$fragment")")
        WFRUN_PLUGIN_DIR=$top_builddir/plugins/all wfrun plugin show "$name" -o json >shown
        # the cases find a setting that is asked for and not listed
        jq -e '.settings | length > 0' shown >shown.settings || ! grep -rq -- '->config(' "$dir"
        jq -e 'all(.settings[]; .help | length > 0)' shown >shown.help
        jq -e '.steps | length > 0 and all(.[]; (.summary | length > 0) and (.input.properties | length > 0) and .output != null
            and (.effect | IN("none", "read", "write", "spend", "irreversible")) and (.undo or .effect == "read" or .effect == "none"
            or (.noUndo | length > 0)) and (.plan or .effect == "read" or .effect == "none"))' shown >shown.steps || { jq . shown; false; }
        for step in $(jq -r '.steps[].name' shown); do
            [ -s "$top_builddir/plugins/man/wfrun-step-$step.7" ]
            grep -q "$step" "$dir/README.md"
            grep -q "call: $step" "$dir/example.yaml"
            grep -q "^step: $step" "$dir/cases.yaml"
        done
        WFRUN_PLUGIN_DIR=$top_builddir/plugins/all wfrun check "$dir/example.yaml"
    done
}

@test "every property that a shipped step takes is described" {
    for step in $(wfrun plugin list --plugin-dir "$top_builddir/plugins/all" | tail -n +2 | cut -d' ' -f1); do
        run jq -r '.steps[].input.properties | to_entries[] | select(.value.description == null) | .key' \
            <<<"$(wfrun plugin show "$step" -o json --plugin-dir "$top_builddir/plugins/all")"
        [ -z "$output" ] || { echo "$step: $output"; false; }
    done
}

@test "a relative folder of plugins is taken from the command line and from a settings file, not from the environment" {
    workflow echo <<<"do: [{a: {call: fx-echo, with: {n: 1}}}]"
    mkdir plugins elsewhere
    cp "$top_builddir"/tests/plugins/.libs/fx.so plugins
    unset WFRUN_PLUGIN_DIR
    run -0 wfrun run --ephemeral --plugin-dir plugins echo.yaml
    WFRUN_PLUGIN_DIR=/usr/share:plugins run -5 --separate-stderr wfrun run --ephemeral echo.yaml
    [[ $stderr == *"WFRUN_PLUGIN_DIR has the relative folder plugins"*"--plugin-dir plugins"* ]]
    WFRUN_PLUGIN_DIR=":$PWD/plugins:" run -0 wfrun run --ephemeral echo.yaml
    cd elsewhere
    echo 'plugin-dir: ../plugins' >wfrun.yaml
    run -0 wfrun run --ephemeral ../echo.yaml
    mkdir -p "$XDG_CONFIG_HOME/wfrun"
    mv wfrun.yaml "$XDG_CONFIG_HOME/wfrun/wfrun.yaml"
    run -5 wfrun run --ephemeral ../echo.yaml
    sed -i 's,\.\./plugins,../../plugins,' "$XDG_CONFIG_HOME/wfrun/wfrun.yaml"
    run -0 wfrun run --ephemeral ../echo.yaml
}

@test "list and show say in which process a step runs" {
    export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/.libs
    for isolation in in-process process; do
        export WFRUN_ISOLATION=$isolation
        wfrun plugin list >list
        grep -Eq "^fx-spend +spend .* $isolation " list
        wfrun plugin show fx-spend | grep -q "runs: .*(isolation: $isolation)"
        wfrun plugin show fx-spend -o json | jq -e --arg i "$isolation" '.isolation == $i and (.file | endswith("/fx.so"))'
    done
}
