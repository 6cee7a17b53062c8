#!/usr/bin/env bats
load helper

@test "events are CloudEvents of the specification's types, in order" {
    workflow two <<<$'do:\n  - one:\n      set: {x: 1}\n  - two:\n      set: {y: 2}'
    wfrun --ephemeral --events ev.jsonl two.yaml
    [ "$(jq -r .type ev.jsonl | sed 's/io.serverlessworkflow.//; s/.v1//' | tr '\n' ' ')" = \
        "workflow.started task.created task.started task.completed task.created task.started task.completed workflow.completed " ]
    jq -es 'all(.specversion == "1.0" and (.id | length) > 0 and (.source | startswith("urn:wfrun:run:")) and (.time | endswith("Z")))' ev.jsonl
    [ "$(jq -r .id ev.jsonl | sort -u | wc -l)" -eq 8 ]
}

@test "task events have reference, name, workflow, time and output" {
    workflow one <<<$'do:\n  - setRed:\n      set: {colors: [red]}'
    wfrun --run-id r1 --events ev.jsonl one.yaml
    jq -es '.[] | select(.type == "io.serverlessworkflow.task.completed.v1") | .data |
        .task == "/do/0/setRed" and .name == "setRed" and .workflow == "one-r1.test" and .output == {"colors":["red"]} and
        (.completedAt | test("^[0-9]{4}-"))' ev.jsonl
    jq -es '.[0] | .type == "io.serverlessworkflow.workflow.started.v1" and .data.name == "one-r1.test" and
        .data.definition == {"name":"one","namespace":"test","version":"1.0.0"}' ev.jsonl
}

@test "a caught error: the inner task faulted, the try completed" {
    workflow caught <<'YAML'
do:
  - careful:
      try:
        - bad: {raise: {error: {type: https://e.x/y, status: 400}}}
      catch: {errors: {}}
YAML
    wfrun --ephemeral --events ev.jsonl caught.yaml >/dev/null
    [ "$(jq -r 'select(.type == "io.serverlessworkflow.task.faulted.v1") | .data.name' ev.jsonl)" = bad ]
    jq -es '.[] | select(.type == "io.serverlessworkflow.task.faulted.v1") | .data.error.status == 400' ev.jsonl
    [ "$(jq -r 'select(.type == "io.serverlessworkflow.task.completed.v1") | .data.name' ev.jsonl)" = careful ]
}

@test "a resumed run does not tell again what was told" {
    workflow short <<<$'do:\n  - one:\n      set: {x: 1}\n  - pause:\n      wait: {seconds: 1}'
    EVENTS=ev.jsonl interrupt TERM --run-id r1 short.yaml
    [ "$status" -eq 143 ]
    wfrun resume r1 --events ev.jsonl >/dev/null
    [ "$(jq -r 'select(.data.name == "one") | .type' ev.jsonl | grep -c completed)" -eq 1 ]
    [ "$(jq -r .type ev.jsonl | grep -c 'workflow.completed')" -eq 1 ]
    [ "$(jq -r .type ev.jsonl | grep -c 'workflow.started')" -eq 1 ]
}

@test "a file that cannot be written is a usage error before anything runs" {
    workflow one <<<'do: [{one: {set: {x: 1}}}]'
    run --separate-stderr wfrun --ephemeral --events /nonexistent/ev one.yaml
    [ "$status" -eq 2 ]
    [ -z "$output" ]
}
