#!/usr/bin/env bats
load helper

budget() {
    workflow budget <<<"do:
  - loop:
      metadata: {wfrun: {concurrency: 2, failureBudget: '50%', label: '\"item \" + (\$x | tostring)'}}
      for: {each: x, in: '[range(4)]'}
      do:
        - bad: {if: \$x == 1, raise: {error: {type: https://e.x/odd, status: 400, title: Odd, detail: nobody knows}}}
        - one: {set: '\${ \$x }'}"
}

@test "a run that completed though items failed ends with 3, and says so wherever it is asked" {
    budget
    run --separate-stderr wfrun --run-id a budget.yaml
    [ "$status" -eq 3 ]
    [ "$(jq -c 'map((.error.status)? // .)' <<<"$output")" = "[0,400,2,3]" ]
    [[ $stderr == *"completed, but 1 item failed; to see which: wfrun show a"* ]]
    for command in resume wait; do
        run --separate-stderr wfrun $command a
        [ "$status" -eq 3 ]
        [[ $output == "[0,"* ]]
    done
    [[ $(wfrun show a) == *"status    completed, 1 item failed"*"FAILED ITEM"*"loop[1]"*"nobody knows"* ]]
    [ "$(wfrun show a -o json | jq .failedItems)" = 1 ]
    [[ $(wfrun list) == *"completed, 1 failed"* ]]
    [ "$(wfrun list -o json | jq -c '.[] | [.status, .failedItems]')" = '["completed",1]' ]
    [ "$(wfrun show a -o json | jq -r '.records[] | select(.path == "/do/0/loop/for/1#failed") | .output.detail')" = "nobody knows" ]
    run --separate-stderr wfrun --ephemeral -o none budget.yaml
    [ "$status" -eq 3 ]
    [[ $stderr == *"completed, but 1 item failed" ]]
}

@test "a detached run that completed though items failed answers 3 to wait" {
    budget
    wfrun --run-id a --detach budget.yaml
    run wfrun wait a -o none
    [ "$status" -eq 3 ]
}
