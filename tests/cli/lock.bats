#!/usr/bin/env bats
# lock.bats: a workflow with a lock file loads the plugins it was locked with and no other.
load helper

# The plugins of the tests in a folder of their own, so that one can be changed; and a workflow that calls one itself and
# another in a workflow that a function of it runs.
made() {
    mkdir plugins
    cp "$top_builddir"/tests/plugins/.libs/fx.so plugins/fx.so
    cp "$top_builddir"/tests/plugins/.libs/serial.so plugins/serial.so
    export WFRUN_PLUGIN_DIR=$PWD/plugins
    workflow inner <<YAML
do:
  - one: {call: serial-one}
YAML
    workflow outer <<YAML
use: {functions: {other: {run: {workflow: {namespace: test, name: inner, version: '1.0.0'}}}}}
do:
  - pay: {call: fx-spend, with: {id: a, file: $PWD/ledger}}
  - more: {call: other}
YAML
}

# Another build of the same plugin: it works as before, and its bytes are others.
rebuilt() { printf 'x' >>"plugins/$1.so"; }

@test "a lock has what the workflow and those it runs need, in order, and nothing else" {
    made
    run -0 --separate-stderr wfrun plugin lock outer.yaml
    [[ $stderr == "wfrun: outer.yaml.lock written: 2 plugins" ]]
    jq -e '.format == "wfrun-lock" and .version == 1 and (.plugins | keys_unsorted == ["fx", "serial"])' outer.yaml.lock
    [ "$(jq -r .plugins.fx.sha256 outer.yaml.lock)" = "$(sha256sum plugins/fx.so | cut -d' ' -f1)" ]
    run -0 wfrun plugin lock inner.yaml
    jq -e '.plugins | keys == ["serial"]' inner.yaml.lock
    run -0 --separate-stderr wfrun plugin lock --check outer.yaml
    [ -z "$output$stderr" ]
    run -0 wfrun outer.yaml
    [ -s ledger ]
}

@test "run and plan refuse a plugin that has changed, before they load it, and nothing is done" {
    made
    wfrun plugin lock outer.yaml
    rebuilt fx
    found=$(sha256sum plugins/fx.so | cut -d' ' -f1)
    for command in run plan; do
        run -5 --separate-stderr wfrun "$command" outer.yaml
        [[ $stderr == *"fx.so is not the plugin that outer.yaml.lock has: its SHA-256 is $found"* ]]
        [[ $stderr == *"wfrun plugin lock"* ]]
    done
    [ ! -e ledger ]
    run -5 --separate-stderr wfrun plugin lock --check outer.yaml
    [[ $stderr == *"the plugin fx has changed"*"wfrun plugin lock outer.yaml"* ]]
    wfrun plugin lock outer.yaml
    run -0 wfrun outer.yaml
}

@test "a plugin that is needed late is looked at before anything is done" {
    made
    wfrun plugin lock outer.yaml
    rebuilt serial
    run -5 --separate-stderr wfrun outer.yaml
    [[ $stderr == *"serial.so is not the plugin that outer.yaml.lock has"* ]]
    rm plugins/serial.so
    run -5 --separate-stderr wfrun outer.yaml
    [[ $stderr == *"there is no plugin serial"*"outer.yaml.lock wants it"* ]]
    [ ! -e ledger ]
}

@test "a plugin that the lock does not have is refused, also in a workflow that is run by this one" {
    made
    wfrun plugin lock outer.yaml
    jq 'del(.plugins.serial)' outer.yaml.lock >x
    mv x outer.yaml.lock
    run -1 --separate-stderr wfrun outer.yaml
    [[ $stderr == *"inner.yaml:"*"serial is not in outer.yaml.lock"* ]]
    run -5 --separate-stderr wfrun plugin lock --check outer.yaml
    [[ $stderr == *"the plugin serial is new"* ]]
    jq '.plugins.old = {version: "1", sha256: "0"}' outer.yaml.lock >x
    mv x outer.yaml.lock
    run -5 --separate-stderr wfrun plugin lock --check outer.yaml
    [[ $stderr == *"the plugin old is not needed any more"* ]]
}

@test "resume and apply hold to the lock as well" {
    made
    workflow waits <<YAML
do:
  - pay: {call: fx-spend, with: {id: a, price: 1, file: $PWD/ledger}}
  - pause: {wait: PT0.1S}
  - again: {call: fx-spend, with: {id: b, price: 1, file: $PWD/ledger}}
YAML
    wfrun plugin lock waits.yaml
    run -0 wfrun plan waits.yaml --out plan
    WFRUN_TEST_STOP_AFTER=2 run ! wfrun waits.yaml --run-id r
    cp plugins/fx.so kept.so
    rebuilt fx
    run -5 --separate-stderr wfrun resume r
    [[ $stderr == *"fx.so is not the plugin that"*"waits.yaml.lock has"* ]]
    run -5 --separate-stderr wfrun apply plan
    [[ $stderr == *"fx.so is not the plugin that"*"waits.yaml.lock has"* ]]
    mv kept.so plugins/fx.so
    run -0 wfrun resume r
    [ "$(grep -c -- '-5' ledger)" = 2 ]
}

@test "a name that is misspelt is still a name that is misspelt" {
    made
    wfrun plugin lock outer.yaml
    sed -i 's/fx-spend/fx-spand/' outer.yaml
    run -5 --separate-stderr wfrun outer.yaml
    [[ $stderr == *"did you mean \`fx-spend\`"* ]]
}

@test "what is no lock, or of another format, is refused with words" {
    made
    for text in '' '{' '[]' '{"format":"wfrun-lock","version":1}' '{"format":"x","version":1,"plugins":{}}'; do
        printf '%s' "$text" >outer.yaml.lock
        run -5 --separate-stderr wfrun outer.yaml
        [[ $stderr == *"outer.yaml.lock is no lock file"* ]]
        run -5 --separate-stderr wfrun plugin lock --check outer.yaml
        [[ $stderr == *"outer.yaml.lock is no lock file"* ]]
    done
    echo '{"format":"wfrun-lock","version":2,"plugins":{}}' >outer.yaml.lock
    run -5 --separate-stderr wfrun outer.yaml
    [[ $stderr == *"outer.yaml.lock is a lock of format version 2, and this wfrun knows 1"* ]]
    rm outer.yaml.lock
    run -5 --separate-stderr wfrun plugin lock --check outer.yaml
    [[ $stderr == *"outer.yaml.lock cannot be opened"*"to make it: wfrun plugin lock outer.yaml"* ]]
    run -2 --separate-stderr wfrun plugin lock - <outer.yaml
    [[ $stderr == *"beside the file of a workflow"* ]]
    [ ! -e ./-.lock ]
    sed -i 's/name: inner/name: nowhere/' outer.yaml
    run -5 --separate-stderr wfrun plugin lock outer.yaml
    [[ $stderr == *"outer.yaml:"*"the workflow test/nowhere/1.0.0 is not to be found"* ]]
    [ ! -e outer.yaml.lock ]
}

# A run that lent twice, done with the plugin of the lock, and then another build of the plugin.
lent() {
    made
    workflow lend <<YAML
do:
  - first: {call: fx-lend, with: {file: $PWD/books, id: first}}
  - last: {call: fx-lend, with: {file: $PWD/books, id: last}}
YAML
    wfrun plugin lock lend.yaml
    wfrun lend.yaml --run-id r "$@"
    cp books books.done
    cp plugins/fx.so kept.so
    rebuilt fx
}

@test "a rollback holds to the lock of the run it takes back, and so does whoever goes on with it" {
    lent
    run -5 --separate-stderr wfrun rollback r --yes
    [[ $stderr == *"fx.so is not the plugin that"*"lend.yaml.lock has"* ]]
    cmp books books.done
    cp kept.so plugins/fx.so
    WFRUN_TEST_STOP_AFTER=2 run ! wfrun rollback r --yes --run-id back
    rebuilt fx
    run -5 --separate-stderr wfrun resume back
    [[ $stderr == *"fx.so is not the plugin that"*"lend.yaml.lock has"* ]]
    cp kept.so plugins/fx.so
    run -0 wfrun resume back
}

@test "a retry holds to the lock of the run, or to that of the definition it is given" {
    lent
    run -5 --separate-stderr wfrun retry r --from last --repeat-effects --yes
    [[ $stderr == *"lend.yaml.lock has"* ]]
    sed 's/id: last/id: again/' lend.yaml >mended.yaml
    wfrun plugin lock mended.yaml
    run -0 wfrun retry r --from last --repeat-effects --yes --definition mended.yaml
    cp kept.so plugins/fx.so
    run -5 --separate-stderr wfrun retry r --from last --repeat-effects --yes --definition mended.yaml
    [[ $stderr == *"mended.yaml.lock has"* ]]
}

@test "a workflow of the latest version is named without one when it is not to be found" {
    made
    workflow latest <<<'do: [{a: {run: {workflow: {namespace: test, name: nowhere, version: latest}}}}]'
    run -5 --separate-stderr wfrun plugin lock latest.yaml
    [[ $stderr == *"latest.yaml:"*": error: the workflow test/nowhere is not to be found"* ]]
}
