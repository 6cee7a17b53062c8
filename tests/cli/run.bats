#!/usr/bin/env bats
load helper

echo_input() { workflow echo <<<$'do:\n  - one:\n      set: {in: "${ . }"}'; }
fault() {
    workflow fault <<'YAML'
do:
  - bad:
      raise:
        error: {type: https://example.com/tea, status: 418, title: No coffee, detail: This is a teapot}
YAML
}

@test "standard output has the output as one JSON value and nothing else" {
    echo_input
    run --separate-stderr wfrun run --ephemeral echo.yaml --set a=1
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":{"a":1}}' ]
    [ -z "$stderr" ]
}

@test "a bare workflow means run, with options before it too" {
    echo_input
    run --separate-stderr wfrun --ephemeral --set a=2 echo.yaml
    [ "$status" -eq 0 ]
    [ "$output" = '{"in":{"a":2}}' ]
}

@test "input is JSON or YAML from a file or standard input, and --set changes it" {
    echo_input
    echo '{"a": [1, 2]}' >in.json
    [ "$(wfrun --ephemeral -i in.json echo.yaml)" = '{"in":{"a":[1,2]}}' ]
    [ "$(printf 'a:\n  - x\n  - yes\n' | wfrun --ephemeral -i - echo.yaml)" = '{"in":{"a":["x","yes"]}}' ]
    [ "$(wfrun --ephemeral -i in.json --set 'a[1]=true' --set b.c=text echo.yaml)" = '{"in":{"a":[1,true],"b":{"c":"text"}}}' ]
}

@test "without input it is null" {
    echo_input
    [ "$(wfrun --ephemeral echo.yaml)" = '{"in":null}' ]
}

@test "the other forms of output" {
    workflow rows <<<$'do:\n  - one:\n      set: {list: [{a: 1, b: "yes"}, {a: 22}]}\n      output: {as: .list}'
    [ "$(wfrun --ephemeral -o yaml rows.yaml)" = $'- a: 1\n  b: "yes"\n- a: 22' ]
    [ "$(wfrun --ephemeral -o table rows.yaml)" = $' a  b\n 1  yes\n22' ]
    [ -z "$(wfrun --ephemeral -o none rows.yaml 2>&1)" ]
    [ "$(WFRUN_OUTPUT=yaml wfrun --ephemeral rows.yaml | head -1)" = "- a: 1" ]
}

@test "the report of the definition is the table" {
    workflow report <<'YAML'
  metadata: {wfrun: {report: {title: People, rows: .people, columns: {Name: .name, Age: .age}}}}
do:
  - one:
      set: {people: [{name: Ada, age: 36}, {name: Linus, age: 54}]}
YAML
    [ "$(wfrun --ephemeral -o table report.yaml)" = $'Name   Age\nAda     36\nLinus   54' ]
    run --separate-stderr wfrun --ephemeral --progress plain report.yaml
    [ "$stderr" = $'\nPeople\nName   Age\nAda     36\nLinus   54' ] || [ "$stderr" = $'People\nName   Age\nAda     36\nLinus   54' ]
    run --separate-stderr wfrun --ephemeral --progress quiet report.yaml
    [ -z "$stderr" ]
}

@test "what a person must see follows the table, and a long list is cut" {
    workflow attend <<'YAML'
  metadata:
    wfrun:
      report:
        rows: .people
        columns: {Name: .name}
        attention:
          Too young: '[.people[] | select(.age < 18) | .name]'
          Nobody: '[]'
do:
  - one:
      set: {people: '${ [range(14) | {name: "p\(.)", age: .}] + [{name: "Ada", age: 36}] }'}
YAML
    run --separate-stderr wfrun --ephemeral --progress plain attend.yaml
    [ "$status" -eq 0 ]
    [[ $stderr == *$'Ada\n\nToo young (14)\n  - p0\n'*$'  - p9\n  ... and 4 more' ]]
    [[ $stderr != *Nobody* ]]
    run --separate-stderr wfrun --ephemeral --progress plain attend.yaml -o table
    [[ $stderr == *$'Too young (14)\n'* ]]
    sed -i "s/Nobody: .*/Nobody: .people[0].name/" attend.yaml
    run --separate-stderr wfrun --ephemeral --progress plain attend.yaml
    [ "$status" -eq 0 ]
    [[ $stderr == *'`Nobody` must give a list'* ]]
}

@test "a fault exits 1, shows its place, and ends with the error object as one line" {
    fault
    run --separate-stderr wfrun --ephemeral fault.yaml
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "fault.yaml:8:"*": error: No coffee: This is a teapot" ]]
    tail -n 1 <<<"$stderr" | jq -e '.type == "https://example.com/tea" and .status == 418 and .title == "No coffee" and
        .detail == "This is a teapot" and .instance == "/do/0/bad"'
}

@test "an invalid definition exits 5 and nothing runs" {
    workflow bad <<<'do: [{one: {sett: {x: 1}}}]'
    run --separate-stderr wfrun bad.yaml
    [ "$status" -eq 5 ]
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == bad.yaml:6:*"error[WF0203]"* ]]
    [ ! -e wfrun.db ]
}

@test "a missing definition exits 5 and is named" {
    run --separate-stderr wfrun nowhere.yaml
    [ "$status" -eq 5 ]
    [[ $stderr == *nowhere.yaml* ]]
}

@test "unreadable or broken input exits 5" {
    echo_input
    run wfrun --ephemeral -i nowhere.json echo.yaml
    [ "$status" -eq 5 ]
    [[ $output == *nowhere.json* ]]
    echo '{"a": ' >broken.json
    run wfrun --ephemeral -i broken.json echo.yaml
    [ "$status" -eq 5 ]
    [[ ${lines[0]} =~ ^broken.json:[0-9]+:[0-9]+:\ error\[WF01 ]]
}

@test "input that the schema does not allow is a validation fault with the place of the schema's task" {
    workflow schema <<'YAML'
input:
  schema: {document: {type: object, required: [name]}}
do:
  - one: {set: {x: 1}}
YAML
    run --separate-stderr wfrun --ephemeral schema.yaml --set other=1
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '(.type | endswith("/validation")) and .status == 400 and (.detail | contains("name"))'
}

@test "an expression that fails is a fault with the words of jq" {
    workflow expr <<<$'do:\n  - one:\n      set: {x: "${ .a + {} }"}'
    run --separate-stderr wfrun --ephemeral expr.yaml --set a=1
    [ "$status" -eq 1 ]
    tail -n 1 <<<"$stderr" | jq -e '(.type | endswith("/expression")) and .instance == "/do/0/one"'
}

@test "a closed standard output is an error, not a signal" {
    echo_input
    run bash -c 'wfrun --ephemeral echo.yaml --set a=1 > /dev/full'
    [ "$status" -eq 1 ]
    [[ $output == *"the output cannot be written"* ]]
    run bash -c '{ wfrun --ephemeral echo.yaml --set a=1; echo "status $?" >&2; } | true'
    [[ $output != *"status 141"* ]]
}

@test "run: workflow finds neighbours and registered definitions, the latest version first" {
    mkdir lib
    workflow main <<<$'do:\n  - sub:\n      run: {workflow: {namespace: test, name: part, version: latest, input: {n: 1}}}'
    workflow part <<<$'do:\n  - one:\n      set: {from: neighbour}'
    [ "$(wfrun --ephemeral main.yaml)" = '{"from":"neighbour"}' ]
    sed "s/1\.0\.0/1.10.0/; s/neighbour/newer/" part.yaml >lib/newer.yaml
    sed "s/1\.0\.0/1.9.0/; s/neighbour/older/" part.yaml >lib/older.yaml
    [ "$(wfrun --ephemeral --register lib main.yaml)" = '{"from":"newer"}' ]
}

@test "settings come from wfrun.yaml, and a typo in it is found" {
    echo_input
    echo 'output: yaml' >wfrun.yaml
    [ "$(wfrun --ephemeral echo.yaml --set a=1)" = $'in:\n  a: 1' ]
    [ "$(wfrun --ephemeral -o json echo.yaml --set a=1)" = '{"in":{"a":1}}' ]
    echo 'outptu: yaml' >wfrun.yaml
    run wfrun --ephemeral echo.yaml
    [ "$status" -eq 5 ]
    [[ $output == *'wfrun.yaml:1:1: error[WF0202]'*'did you mean `output`?'* ]]
}

@test "an ephemeral run that gets SIGTERM or SIGINT is cancelled, exit 10" {
    workflow sleep <<<$'do:\n  - pause:\n      wait: {seconds: 60}'
    for signal in TERM INT; do
        interrupt "$signal" --ephemeral sleep.yaml
        [ "$status" -eq 10 ]
    done
}

@test "the output of a sub-workflow is shown by that workflow's report when the caller has none" {
    workflow sub <<'YAML'
do:
  - rows: {set: {people: [{name: Ada, age: 36}, {name: Bob, age: 7}]}}
YAML
    sed -i "s/^  version: .*/&\n  metadata: {wfrun: {report: {rows: .people, columns: {Who: .name, Old: .age}}}}/" sub.yaml
    workflow caller <<'YAML'
do:
  - call: {run: {workflow: {namespace: test, name: sub, version: '1.0.0'}}}
YAML
    run --separate-stderr wfrun --ephemeral caller.yaml -o table
    [ "$status" -eq 0 ]
    [ "$output" = $'Who  Old\nAda   36\nBob    7' ]
    wfrun --run-id r caller.yaml -o none
    [ "$(wfrun wait r -o table)" = "$output" ]
    workflow other <<'YAML'
do:
  - call: {run: {workflow: {namespace: test, name: sub, version: '1.0.0'}}}
  - more: {set: {n: 1}}
YAML
    run --separate-stderr wfrun --ephemeral other.yaml -o table
    [[ $output == *name*value* ]]
}

@test "a run that makes no HTTP request does not load libcurl and its twenty libraries" {
    echo_input
    LD_DEBUG=files LD_DEBUG_OUTPUT=loaded wfrun --ephemeral echo.yaml
    grep -q libjq loaded.*
    ! grep libcurl loaded.* || false
}
