#!/usr/bin/env bats
load helper

bad() {
    workflow bad <<'YAML'
do:
  - one:
      sett: {x: 1}
  - two:
      call: no-such-step
      with: {}
  - three:
      set: {x: '${ .a + }'}
      then: nowhere
YAML
}

@test "a good file is silent and exits 0" {
    workflow good <<<'do: [{one: {set: {x: 1}}}]'
    run wfrun check good.yaml
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "all errors are shown in one pass, each with place, excerpt, caret and hint" {
    bad
    run --separate-stderr wfrun check bad.yaml
    [ "$status" -eq 5 ]
    [ -z "$output" ]
    grep -qE '^bad\.yaml:8:7: error\[WF0203\]: ' <<<"$stderr"
    grep -qE '^bad\.yaml:10:13: error\[WF0501\]: ' <<<"$stderr"
    grep -qE '^bad\.yaml:13:[0-9]+: error\[WF0401\]: ' <<<"$stderr"
    grep -qE '^bad\.yaml:14:13: error\[WF0301\]: ' <<<"$stderr"
    [[ $stderr == *"    8 |       sett: {x: 1}"$'\n'"      |       ^~~~"$'\n'"  hint: did you mean \`set\`?"* ]]
}

@test "several files are checked, one bad one decides" {
    bad
    workflow good <<<'do: [{one: {set: {x: 1}}}]'
    run wfrun check good.yaml bad.yaml
    [ "$status" -eq 5 ]
    run wfrun check bad.yaml good.yaml
    [ "$status" -eq 5 ]
}

@test "json findings are one array on standard output" {
    bad
    run --separate-stderr wfrun check --format json bad.yaml
    [ "$status" -eq 5 ]
    [ -z "$stderr" ]
    jq -e 'length == 4 and all(.file == "bad.yaml" and (.line | type) == "number" and (.code | test("^WF0")))' <<<"$output"
}

@test "json findings of a good file are an empty array" {
    workflow good <<<'do: [{one: {set: {x: 1}}}]'
    run wfrun check --format json good.yaml
    [ "$status" -eq 0 ]
    [ "$output" = "[]" ]
}

@test "sarif has version, tool, rules and results with regions" {
    bad
    run --separate-stderr wfrun check --format sarif bad.yaml
    [ "$status" -eq 5 ]
    jq -e '.version == "2.1.0" and .runs[0].tool.driver.name == "wfrun" and (.runs[0].results | length) == 4' <<<"$output"
    jq -e '.runs[0] | [.tool.driver.rules[].id] as $ids | .results | all(.ruleId as $id | $ids | index($id))' <<<"$output"
    jq -e '.runs[0].results[0].locations[0].physicalLocation | .artifactLocation.uri == "bad.yaml" and .region.startLine == 8' <<<"$output"
}

@test "github findings are workflow commands" {
    bad
    run --separate-stderr wfrun check --format github bad.yaml
    [ "$status" -eq 5 ]
    [[ ${lines[0]} == "::error file=bad.yaml,line=8,col=7,title=WF0203::"* ]]
}

@test "a missing file is named" {
    run wfrun check nowhere.yaml
    [ "$status" -eq 5 ]
    [[ ${lines[0]} == "nowhere.yaml:1:1: error[WF0101]: "*nowhere.yaml* ]]
}

@test "a duplicate key is an error with its place" {
    workflow twice <<<$'do:\n  - one:\n      set: {x: 1}\n      set: {x: 2}'
    run wfrun check twice.yaml
    [ "$status" -eq 5 ]
    grep -q '^twice.yaml:9:7: error\[WF0103\]' <<<"$output"
}

@test "a typo in a key has a hint" {
    workflow typo <<<$'do:\n  - one:\n      set: {x: 1}\n      exprt: {as: .}'
    run wfrun check typo.yaml
    [ "$status" -eq 5 ]
    [[ $output == *'typo.yaml:9:7: error[WF0202]'*'did you mean `export`?'* ]]
}

@test "an undefined retry is an error" {
    workflow retry <<<$'do:\n  - one:\n      try: [{a: {set: {x: 1}}}]\n      catch: {retry: nobody}'
    run wfrun check retry.yaml
    [ "$status" -eq 5 ]
    [[ $output == *'error[WF0302]'*nobody* ]]
}

@test "colours appear only when they may" {
    bad
    run wfrun check bad.yaml
    [[ $output != *$'\033'* ]]
    CLICOLOR_FORCE=1 run wfrun check bad.yaml
    [[ $output == *$'\033['* ]]
    NO_COLOR=1 CLICOLOR_FORCE=1 run wfrun check bad.yaml
    [[ $output != *$'\033'* ]]
}
