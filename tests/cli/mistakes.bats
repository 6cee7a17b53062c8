#!/usr/bin/env bats
# Every mistake that we know people make: the place or the name, what is wrong, what to do, and the exit status.
load helper

good() { workflow good <<<$'do:\n  - one:\n      set: {in: "${ . }"}'; }

# finds FILE STATUS FIRST-LINE-PATTERN HINT-PART: `wfrun check` and `wfrun run` say the same of a definition.
finds() {
    for command in check 'run --ephemeral'; do
        # shellcheck disable=SC2086 # two words
        run --separate-stderr wfrun $command "$1"
        [ "$status" -eq "$2" ]
        [ -z "$output" ]
        [[ ${stderr_lines[0]} =~ ^$3 ]] || { echo "$stderr"; false; }
        [[ $stderr == *"$4"* ]] || { echo "$stderr"; false; }
    done
}

# last_line_is_error TYPE: the last line of standard error is the error object.
last_line_is_error() { tail -n 1 <<<"$stderr" | jq -e --arg type "$1" '.type | endswith("/" + $type)'; }

# ---- the definition ----------------------------------------------------------------------------------------------------

@test "an unknown task type" {
    workflow bad <<<$'do:\n  - one:\n      sett: {x: 1}'
    finds bad.yaml 5 'bad.yaml:8:7: error\[WF0203\]: `sett` is no task type' 'did you mean `set`?'
}

@test "a typo in a key" {
    workflow bad <<<$'do:\n  - one:\n      set: {x: 1}\n      exprt: {as: .}'
    finds bad.yaml 5 'bad.yaml:9:7: error\[WF0202\]: .*exprt' 'did you mean `export`?'
}

@test "a duplicate key" {
    workflow bad <<<$'do:\n  - one:\n      set: {x: 1}\n      set: {x: 2}'
    finds bad.yaml 5 'bad.yaml:9:7: error\[WF0103\]: .*set.*line 8' 'keep one of them'
}

@test "an unknown step" {
    workflow bad <<<$'do:\n  - one:\n      call: purchas'
    finds bad.yaml 5 'bad.yaml:8:13: error\[WF0501\]: no function and no step is called `purchas`' 'did you mean `purchase`?'
}

@test "a literal that does not fit the step's own schema" {
    workflow bad <<<$'do:\n  - one:\n      call: http\n      with: {methd: get, endpoint: "http://x"}'
    finds bad.yaml 5 'bad.yaml:9:14: error\[WF0502\]: `with` does not fit the step `http`: /methd' 'did you mean "method"?'
    workflow bad <<<$'do:\n  - one:\n      call: http\n      with: {method: 7, endpoint: "http://x"}'
    finds bad.yaml 5 'bad.yaml:9:22: error\[WF0502\]: .*must be a string, is a number' 'wfrun plugin show http'
}

@test "every part of a literal that does not fit is found in one pass, each at its place" {
    workflow bad <<<$'do:\n  - one:\n      call: http\n      with: {methd: get, endpoint: 7, headers: [1], redirect: "${ .r }"}'
    run wfrun check bad.yaml
    [ "$status" -eq 5 ]
    [ "$(grep -c 'error' <<<"$output")" -eq 3 ] # a missing `method` is no mistake of its own
    [[ $output == *"bad.yaml:9:14: error[WF0502]: "*"/methd is not allowed"*"bad.yaml:9:36: error[WF0502]: "*"/endpoint "*"bad.yaml:9:48: error[WF0502]: "*"/headers must be an object"* ]]
    workflow bad <<<$'do:\n  - one:\n      call: preflight\n      with: {customerId: c, subscriptionId: s, retired: [{offerIds: 7}, 5], targets: [{offerId: x, addonto: y}]}'
    run wfrun check bad.yaml
    [ "$(grep -c 'error' <<<"$output")" -eq 3 ]
    [[ $output == *"bad.yaml:9:69: error[WF0502]: "*"/retired/0/offerIds must be an array"*"bad.yaml:9:73: error[WF0502]: "*"/retired/1 must be an object"* ]]
    [[ $output == *"bad.yaml:9:100: error[WF0502]: "*"/targets/0/addonto is not allowed"*"did you mean \"addonTo\"?"* ]]
}

@test "a value, known only when it runs, that does not fit the step's own schema" {
    workflow late <<<$'do:\n  - one:\n      call: find-expiring\n      with: {retired: "${ .n }"}'
    run --separate-stderr wfrun --ephemeral late.yaml --set n=5
    [ "$status" -eq 1 ]
    [[ ${stderr_lines[0]} == "late.yaml:8:7: error: Validation Error: \`with\` of find-expiring: /retired must be an array"* ]]
    [[ $stderr == *"wfrun plugin show find-expiring"* ]]
    last_line_is_error validation
}

@test "an expression that is no jq, one with an unknown function, one with an unknown variable" {
    workflow bad <<<$'do:\n  - one:\n      set: {x: "${ .a + }"}'
    finds bad.yaml 5 'bad.yaml:8:16: error\[WF0401\]: syntax error, unexpected the end' 'hint: an operand, a quote or a bracket is missing'
    for wrong in '.a + (.b' '.a)' '[.a)' '"a'; do
        workflow bad <<<"do: [{one: {if: '\${ $wrong }', set: {x: 1}}}]"
        finds bad.yaml 5 'bad.yaml:6:17: error\[WF0401\]: ' 'hint: '
    done
    workflow bad <<<$'do:\n  - one:\n      set: {x: "${ splits_by(1) }"}'
    finds bad.yaml 5 'bad.yaml:8:16: error\[WF0401\]: splits_by/1 is not defined' 'jq 1.6'
    workflow bad <<<$'do:\n  - one:\n      set: {x: "${ $inptu }"}'
    finds bad.yaml 5 'bad.yaml:8:16: error\[WF0403\]: the variable \$inptu is not bound' '$input'
}

@test "an undefined retry policy" {
    workflow bad <<<$'do:\n  - one:\n      try: [{a: {set: {x: 1}}}]\n      catch: {retry: nobody}'
    finds bad.yaml 5 'bad.yaml:9:22: error\[WF0302\]: no retry policy is called `nobody`' 'use.retries'
}

@test "a then that leads nowhere, and a task that no way leads to" {
    workflow bad <<<$'do:\n  - one:\n      set: {x: 1}\n      then: nowhere'
    finds bad.yaml 5 'bad.yaml:9:13: error\[WF0301\]: `then` names `nowhere`' 'allowed are continue, exit, end, one'
    workflow warned <<<$'do:\n  - one:\n      set: {x: 1}\n      then: end\n  - two:\n      set: {x: 2}'
    run --separate-stderr wfrun --ephemeral warned.yaml
    [ "$status" -eq 0 ]
    [[ ${stderr_lines[0]} == 'warned.yaml:10:5: warning[WF0304]: `two` can never run' ]]
    [[ $stderr == *"hint: "* ]]
}

@test "a file that is missing, a folder, empty, binary, no map, too long, too deep" {
    finds nowhere.yaml 5 'nowhere.yaml:1:1: error\[WF0101\]: .*No such file' 'nowhere.yaml'
    mkdir folder
    finds folder 5 'folder:1:1: error\[WF0101\]: .*Is a directory' 'folder'
    : >empty.yaml
    finds empty.yaml 5 'empty.yaml:1:1: error\[WF0201\]: the file is empty' 'document:'
    printf '\x7fELF\x02\x01\x01\x00\xff\xfe' >binary.yaml
    finds binary.yaml 5 'binary.yaml:1:[0-9]+: error\[WF0102\]: ' 'hint: '
    echo text >text.yaml
    finds text.yaml 5 'text.yaml:1:1: error\[WF0205\]: a workflow must be a map' 'text'
    head -c 17000000 /dev/zero | tr '\0' ' ' >long.yaml
    finds long.yaml 5 'long.yaml:1:1: error\[WF0101\]: .*longer than 16 MiB' ''
    printf '%5000s' '' | tr ' ' '[' >deep.yaml
    finds deep.yaml 5 'deep.yaml:1:101: error\[WF0104\]: nested more than 100 levels' ''
}

@test "a line of 10 MB is shown in part" {
    { printf 'a: "'; head -c 10000000 /dev/zero | tr '\0' 'a'; echo '"'; } >line.yaml
    run --separate-stderr wfrun check line.yaml
    [ "$status" -eq 5 ]
    [ "${#stderr}" -lt 2000 ]
    [[ ${stderr_lines[0]} == "line.yaml:1:1: error[WF0201]: a workflow needs \`document\`" ]]
}

# ---- the input ---------------------------------------------------------------------------------------------------------

@test "input that is missing, a folder, or empty" {
    good
    run --separate-stderr wfrun --ephemeral good.yaml -i nowhere.json
    [ "$status" -eq 5 ]
    [[ $stderr == "nowhere.json:1:1: error[WF0101]: "*"No such file"*"hint: "* ]]
    run --separate-stderr wfrun --ephemeral good.yaml -i .
    [ "$status" -eq 5 ]
    [[ $stderr == ".:1:1: error[WF0101]: "*"Is a directory"* ]]
    run --separate-stderr wfrun --ephemeral good.yaml -i - </dev/null
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":null}' ]
}

@test "input that does not fit the workflow's input.schema" {
    workflow schema <<<$'input:\n  schema: {document: {type: object, required: [name]}}\ndo:\n  - one: {set: {x: 1}}'
    run --separate-stderr wfrun --ephemeral schema.yaml
    [ "$status" -eq 1 ]
    [[ ${stderr_lines[0]} == "schema.yaml:7:11: error: Validation Error: input.schema of the workflow: the value must be an object, is null; give the input with --input"* ]]
    run --separate-stderr wfrun --ephemeral schema.yaml --set other=1
    [ "$status" -eq 1 ]
    [[ $stderr == *'must have the property "name"'* ]]
    last_line_is_error validation
}

@test "--set that is no assignment, no path, no YAML, or leads through a value" {
    good
    bad_set() { # WORDS --set...
        local words=$1
        shift
        run --separate-stderr wfrun --ephemeral good.yaml "$@"
        [ "$status" -eq 2 ]
        [[ $stderr == *"$words"*"hint: "* ]] || { echo "$stderr"; false; }
    }
    bad_set '--set a: there is no =' --set a
    bad_set '--set a[=1: not a path at character 2' --set 'a[=1'
    bad_set '--set =1: not a path' --set '=1'
    bad_set '--set a={: ' --set 'a={'
    bad_set '--set a.b=2: the input has a value of another kind' --set a=1 --set a.b=2
    run --separate-stderr wfrun --ephemeral good.yaml --set
    [ "$status" -eq 2 ]
    [[ $stderr == *"--set needs an argument: PATH=VALUE"* ]]
}

@test "an output too deep to be kept is a fault and no crash" {
    workflow deep <<<$'do:\n  - one: {set: {x: "${ reduce range(300) as $i (1; [.]) }"}}'
    for form in json yaml table none; do
        run --separate-stderr wfrun --ephemeral -o "$form" deep.yaml
        [ "$status" -eq 1 ]
        last_line_is_error runtime
    done
    # As deep as a value may be, and shown inside of others.
    workflow deep <<<$'do:\n  - one: {set: "${ reduce range(123) as $i ({x: 1}; {x: .}) }"}'
    run --separate-stderr wfrun --run-id deep deep.yaml
    [ "$status" -eq 0 ]
    for arguments in 'show deep' 'show deep -o json' 'show deep -o yaml' 'logs deep' 'logs deep -o json' 'resume deep'; do
        # shellcheck disable=SC2086 # words
        run wfrun $arguments
        [ "$status" -lt 70 ]
        [ -n "$output" ]
    done
}

# ---- secrets -----------------------------------------------------------------------------------------------------------

@test "a secret that is declared and not given" {
    workflow secret <<<$'use: {secrets: [token]}\ndo:\n  - one: {set: {x: "${ $secrets.token }"}}'
    run --separate-stderr wfrun --ephemeral secret.yaml
    [ "$status" -eq 1 ]
    [[ ${stderr_lines[0]} == 'secret.yaml:6:17: error: Authorization Error: the secret `token` is declared in use.secrets but was not given; pass it with --secrets FILE' ]]
    last_line_is_error authorization
}

@test "secrets that are missing, broken, no map, or for everyone to read" {
    workflow secret <<<$'use: {secrets: [token]}\ndo:\n  - one: {set: {x: 1}}'
    run --separate-stderr wfrun --ephemeral secret.yaml --secrets nowhere.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == "nowhere.yaml:1:1: error: "*"No such file"*"hint: --secrets takes"* ]]
    printf 'token: hunter2\nb: {\n' >broken.yaml
    run --separate-stderr wfrun --ephemeral secret.yaml --secrets broken.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == "broken.yaml:3:1: error: "*"hint: --secrets takes"* ]]
    [[ $stderr != *hunter2* ]]
    echo '[1]' >list.yaml
    run --separate-stderr wfrun --ephemeral secret.yaml --secrets list.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == "list.yaml:1:1: error: not a map of name to text or object"* ]]
    echo 'token: hunter2' >open.yaml
    chmod 644 open.yaml
    run --separate-stderr wfrun --ephemeral secret.yaml --secrets open.yaml
    [ "$status" -eq 0 ]
    [[ $stderr == *"open.yaml can be read by others"*"chmod 600 open.yaml"* ]]
}

# ---- plugins -----------------------------------------------------------------------------------------------------------

@test "no plugin for a step: none in the folder, or no such folder" {
    workflow call <<<$'do:\n  - one: {call: http, with: {method: get, endpoint: "http://x"}}'
    mkdir empty
    run --separate-stderr wfrun --ephemeral call.yaml --plugin-dir empty
    [ "$status" -eq 5 ]
    [[ $stderr == *"call.yaml:7:17: error[WF0501]: no installed plugin does \`call: http\`"*"hint: \`wfrun plugin list\`"* ]]
    run --separate-stderr wfrun --ephemeral call.yaml --plugin-dir nowhere
    [ "$status" -eq 5 ]
    [[ $stderr == *"--plugin-dir nowhere: No such file"* ]]
}

# refused FILE.so WORDS: a plugin that must not be loaded, and why.
refused() {
    rm -rf refused
    mkdir refused
    chmod 755 refused
    cp "$top_builddir/tests/plugins/$1" refused/
    run --separate-stderr wfrun --ephemeral call.yaml --plugin-dir refused
    [ "$status" -eq 5 ]
    [[ $stderr == *"error[WF0501]"*"hint: a plugin was refused: ${1##*/}: "*"$2"* ]] || { echo "$stderr"; false; }
    run --separate-stderr wfrun plugin list --plugin-dir refused
    [ "$status" -eq 0 ]
    [[ $stderr == *"is refused: "*"$2"* ]]
}

@test "a plugin that is refused: another ABI, no plugin at all, a crash, writable by others" {
    workflow call <<<$'do:\n  - one: {call: never, with: {}}'
    refused refused/.libs/wrong-abi.so 'it was built for plugin ABI 2.1, and this wfrun has 1.1'
    [[ $stderr == *"hint: build it again with this version's wfrun/plugin.h"* ]]
    refused refused/.libs/no-entry.so 'it is no plugin of wfrun'
    refused refused/.libs/open-fails.so 'its open failed (-5)'
    if ! grep -q fsanitize "$top_builddir/config.log"; then
        refused refused/.libs/crash-in-open.so 'it crashed in its open function'
        refused refused/.libs/abort-in-open.so 'it crashed in its open function'
    fi
    echo text >refused/text.so
    run --separate-stderr wfrun plugin list --plugin-dir refused
    [[ $stderr == *"text.so is refused: it cannot be loaded: "* ]]
    rm refused/*
    cp "$top_builddir/tests/plugins/.libs/fx.so" refused/
    chmod 666 refused/fx.so
    run --separate-stderr wfrun plugin list --plugin-dir refused
    [[ $stderr == *"fx.so can be written by others (mode 666)"*"hint: take the right away: chmod go-w "* ]]
}

@test "a plugin that ends the process is named, and the status is that of a bug" {
    workflow call <<<$'do:\n  - one: {call: never, with: {}}'
    mkdir refused
    cp "$top_builddir/tests/plugins/exit/.libs/exit-in-open.so" refused/
    run --separate-stderr wfrun --ephemeral call.yaml --plugin-dir refused
    [ "$status" -eq 70 ]
    [[ $stderr == *"exit-in-open.so ended the process while it was loaded"* ]]
}

# ---- the journal -------------------------------------------------------------------------------------------------------

# journal_is STATUS WORDS: of every command that opens it.
journal_is() {
    for arguments in 'run good.yaml' list 'show one' 'logs one' 'resume one' 'cancel one'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr wfrun $arguments
        [ "$status" -eq "$1" ] || { echo "$arguments: $status $stderr"; false; }
        [[ $stderr == *"$2"* ]] || { echo "$arguments: $stderr"; false; }
        [ -z "$output" ]
    done
}

@test "a journal that is text, noise, a folder, or of another program is left as it is" {
    good
    echo 'do not touch me' >wfrun.db
    journal_is 5 "is not a wfrun journal: it is no SQLite file"
    [[ $stderr == *"hint: name another file with --state"* ]]
    [ "$(cat wfrun.db)" = 'do not touch me' ]
    head -c 100000 /dev/urandom >wfrun.db
    journal_is 5 "is not a wfrun journal"
    rm wfrun.db
    python3 -c 'import sqlite3; c = sqlite3.connect("wfrun.db"); c.execute("create table x(a)"); c.commit()'
    journal_is 5 "is not a wfrun journal: it is a SQLite file of another program"
    rm wfrun.db
    mkdir wfrun.db
    journal_is 5 "is not a wfrun journal: it is no regular file"
}

@test "a journal of a newer version, and a damaged one" {
    good
    wfrun --run-id one good.yaml
    cp wfrun.db kept.db
    python3 -c 'import sqlite3; c = sqlite3.connect("wfrun.db"); c.execute("pragma user_version=99"); c.commit()'
    journal_is 5 "was written by a newer wfrun (its version is 99"
    [[ $stderr == *"hint: install the newer wfrun"* ]]
    rm -f wfrun.db*
    cp kept.db wfrun.db
    python3 -c 'f = open("wfrun.db", "r+b"); f.seek(4096); f.write(b"\xff" * 30000)'
    journal_is 5 "is damaged: "
    [[ $stderr == *"hint: keep a copy of it"* ]]
    rm -f wfrun.db*
    head -c 5000 kept.db >wfrun.db
    journal_is 5 "is damaged: "
}

@test "a disk that is full: the run stops with words and goes on when there is space" {
    # However few commits a slow disk makes of it, it is more than the limit.
    workflow loop <<'YAML'
do:
  - all:
      for: {each: i, in: '[range(1500)]'}
      do:
        - one: {wait: {milliseconds: 1}}
        - two: {set: {n: '${ $i }'}}
YAML
    run --separate-stderr bash -c 'ulimit -f 100; exec wfrun --run-id one loop.yaml'
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == *"the journal $PWD/wfrun.db cannot be read or written"*"hint: look at the disk"*"what was stored is safe"* ]]
    [[ $stderr == *"when the cause is mended: wfrun resume one"* ]]
    last_line_is_error runtime
    run --separate-stderr wfrun resume one
    [ "$status" -eq 0 ]
    [ "$output" = '{"n":1499}' ]
    # Not even room for the first record.
    run --separate-stderr bash -c 'ulimit -f 20; exec wfrun --state small.db loop.yaml'
    [ "$status" -eq 1 ]
    [[ $stderr == *"small.db cannot be read or written: "*"hint: "* ]]
}

@test "a folder that cannot be written, and a home that nobody set" {
    good
    run --separate-stderr wfrun --state /proc/nowhere/wfrun.db good.yaml
    [ "$status" -eq 1 ]
    [[ $stderr == *"the journal's folder /proc/nowhere cannot be made: "*"hint: name another place with --state"* ]]
    if [ "$(id -u)" -ne 0 ]; then
        mkdir -m 555 locked
        run --separate-stderr wfrun --state locked/wfrun.db good.yaml
        [ "$status" -eq 1 ]
        [[ $stderr == *"locked/wfrun.db cannot be made: Permission denied"*"hint: mend its permissions"* ]]
    fi
    run --separate-stderr env -u HOME -u WFRUN_STATE -u XDG_STATE_HOME -u XDG_CONFIG_HOME wfrun --ephemeral good.yaml
    [ "$status" -eq 0 ]
    # The home of the user database counts then, not the root of the file system.
    run --separate-stderr env -u HOME -u WFRUN_STATE -u XDG_STATE_HOME wfrun show nobody
    [ "$status" -eq 2 ]
    [[ $stderr != *" /.local"* ]]
}

# ---- the command line --------------------------------------------------------------------------------------------------

@test "no arguments, an unknown command, option or run" {
    run --separate-stderr wfrun
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *"usage: wfrun [run] WORKFLOW.yaml"*"commands:"* ]]
    run --separate-stderr wfrun lst
    [ "$status" -eq 2 ]
    [[ $stderr == *'unknown command `lst`'*'did you mean `wfrun list`?'* ]]
    run --separate-stderr wfrun list --ephemral
    [ "$status" -eq 2 ]
    [[ $stderr == *'unknown option --ephemral'*'did you mean --ephemeral?'* ]]
    good
    wfrun --run-id one good.yaml
    for command in show logs wait resume suspend cancel "resolve --skip --reason x"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr wfrun $command nobody
        [ "$status" -eq 2 ]
        [[ $stderr == *"nobody"*"hint: "* ]] || { echo "$command: $stderr"; false; }
    done
}

@test "an empty argument is a variable that was not set, and no run begins so" {
    workflow pause <<<$'do:\n  - loop:\n      metadata: {wfrun: {waves: [1, "100%"], gate: pause}}\n      for: {each: x, in: "[1, 2]"}\n      do: [{keep: {set: "${ $x }"}}]'
    run -6 wfrun --run-id only pause.yaml
    for command in show explain cancel kill resume rollback retry export verify-journal replay import apply plan check; do
        run -2 --separate-stderr wfrun "$command" "$UNSET"
        [[ $stderr == *"$command: an argument is empty"* ]]
    done
    status_is only waiting
}

@test "paths in options that are not there, and settings that mean nothing" {
    good
    for option in --register --cacert; do
        run --separate-stderr wfrun --ephemeral "$option" nowhere good.yaml
        [ "$status" -eq 5 ]
        [[ $stderr == "wfrun: $option nowhere: No such file or directory" ]]
    done
    run --separate-stderr wfrun --ephemeral --connect-to host good.yaml
    [ "$status" -eq 2 ]
    [[ $stderr == *"--connect-to host: it takes HOST:PORT:HOST2:PORT2"* ]]
    run --separate-stderr wfrun --ephemeral --events /proc/nowhere/x good.yaml
    [ "$status" -eq 2 ]
    run --separate-stderr env WFRUN_LOG=loud wfrun --ephemeral good.yaml
    [ "$status" -eq 2 ]
    [[ $stderr == *"WFRUN_LOG=loud: there are error, warn, info and debug"* ]]
}

# ---- the surroundings --------------------------------------------------------------------------------------------------

@test "standard streams that are closed" {
    good
    run --separate-stderr bash -c 'wfrun --ephemeral good.yaml >&-'
    [ "$status" -eq 1 ]
    [[ $stderr == *"the output cannot be written: "* ]]
    run --separate-stderr bash -c 'wfrun --ephemeral good.yaml 2>&-'
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":null}' ]
    run --separate-stderr bash -c 'wfrun --ephemeral -i - good.yaml <&-'
    [ "$status" -eq 5 ]
    [[ $stderr == *"standard input cannot be read"* ]]
    # Nothing of ours gets their numbers, and with it what is meant for people.
    run bash -c 'wfrun --run-id one -o none good.yaml <&- >&- 2>&-'
    [ "$status" -eq 0 ]
    status_is one completed
}

@test "a device that is full is said, also by commands that only print" {
    good
    wfrun --run-id one good.yaml
    for arguments in --help --version 'run --help' list 'list -o json' 'show one' 'logs one' 'plugin list' '--ephemeral good.yaml'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr bash -c "wfrun $arguments >/dev/full"
        [ "$status" -eq 1 ] || { echo "$arguments"; false; }
        [[ $stderr == *"the output cannot be written: No space left on device"* ]]
    done
    run --separate-stderr bash -c "wfrun --run-id two good.yaml >/dev/full"
    [[ $stderr == *'the run is completed; `wfrun resume two` writes its output again'* ]]
    [ "$(wfrun resume two 2>/dev/null)" = '{"in":null}' ]
}

@test "no TERM, and a terminal of two lines" {
    workflow rows <<<$'do:\n  - all:\n      for: {each: i, in: "[range(20)]"}\n      do: [{one: {wait: {milliseconds: 5}}}]'
    run --separate-stderr env -u TERM wfrun --ephemeral --progress tty -o none rows.yaml
    [ "$status" -eq 0 ]
    run --separate-stderr env COLUMNS=5 LINES=2 wfrun --ephemeral --progress tty -o none rows.yaml
    [ "$status" -eq 0 ]
}

# ---- the documentation -------------------------------------------------------------------------------------------------

@test "docs/diagnostics.md lists every code with its meaning, and no other" {
    sed -nE 's/^ *X\(([0-9]{4}), "(.*)"\).*/WF\1 | \2/p' "$top_srcdir/engine/def/diag.h" >codes
    sed -nE 's/^\| (WF[0-9]{4} \| [^|]*) \| [^|]+ \| [^|]+ \|$/\1/p' "$top_srcdir/docs/diagnostics.md" >documented
    [ "$(wc -l <codes)" -gt 20 ]
    diff codes documented
}
