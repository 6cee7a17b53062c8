#!/usr/bin/env bats
# plugin-test.bats: `wfrun plugin test`: what a case can say, and that every broken rule is found.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_builddir/tests/plugins/sinner/.libs; }

# cases STEP < CASES: writes cases.yaml.
cases() { { printf 'step: %s\ncases:\n' "$1"; cat; } >cases.yaml; }

# sin STEP WORDS [CASE]: the case is not ok, and the words say why.
sin() {
    cases "$1" <<<"${3:-- {case: it is found, output: {\}\}}"
    run wfrun plugin test
    [ "$status" -eq 1 ] && [[ $output == *"not ok"*"# cases.yaml:3:"*"$2"* ]] || { echo "$output"; return 1; }
}

post='http: [{request: POST http://a.test/, reply: {status: 200}}]'

@test "an answer twice, none, or one of another kind is a sin" {
    sin sin-twice "it answers twice: succeed, then succeed"
    sin sin-silent "it returned without an answer"
    sin sin-otherwise "it answers verdict, which is no answer to this kind of call"
}

@test "a crash and an exit end the case alone" {
    sin sin-crashes "the plugin crashes: Aborted"
    sin sin-ends "the plugin ends the process (exit 3)"
}

@test "memory that each call leaves behind is found" {
    [ "$(grep -c WF_SANITIZED.1 "$top_builddir/config.h")" -eq 0 ] || skip "a sanitizer finds leaks itself"
    sin sin-leaks "each call leaves at least 1"
}

@test "an output that is no JSON, and an undeclared setting are found" {
    sin sin-not-json "its output is no JSON"
    sin sin-random "it asks for the setting no-such-setting, which its descriptor does not list"
}

@test "a step that must not wait and does is found" {
    sin sin-waits "it waits in sleep and is not WF_STEP_BLOCKING"
}

@test "a write in a plan, and of a step that only reads, is found" {
    sin sin-plans "it tried to write while it may only look: POST" '- {case: a plan, mode: plan, plan: {}}'
    sin sin-reads "it tried to write while it may only look: POST"
}

@test "memory that does not come is a call of the host that fails" {
    sin sin-careless "when call 1 of the host fails: the plugin"
}

@test "a lost answer of a write is neither a retry nor a success" {
    sin sin-eager "(POST http://a.test/: its answer lost): it answers retry although its write may have happened" \
        "- {case: eager, $post, output: {}}"
    sin sin-blind "(POST http://a.test/: its answer lost): it answers succeed although nothing tells" \
        "- {case: blind, $post, output: {}}"
}

@test "an effect after a journal that is lost is found" {
    sin sin-forgetful "when call 1 of the host fails (remember): it wrote although remember had failed" \
        "- {case: forgetful, $post, output: {}}"
}

@test "a step that answers later passes, and each of its requests fails in every way" {
    cases later <<'YAML'
- case: two requests
  http:
  - {request: 'GET http://a.test/1', reply: {status: 200}}
  - {request: 'GET http://a.test/2', reply: {body: {a: 1}}}
  output: {a: 1}
- case: the first one fails
  http: [{request: 'GET http://a.test/1', reply: unknown}]
  error: {type: communication, title: No first answer}
YAML
    run wfrun plugin test cases.yaml
    [[ $output == *"ok 1 - later: two requests"*"not ok 2 - later: two requests, with every host call failing once (2)"* ]]
    # Its second callback succeeds with what it gets, also with nothing: the harness finds that.
    [[ $output == *"(GET http://a.test/2: its answer lost)"* ]]
    [[ $output == *"ok 3 - later: the first one fails"*"1..4"* ]]
}

@test "what a case expects is compared: outputs, errors, requests, bodies" {
    sin later 'it requests GET http://a.test/1, which the case does not list' '- {case: none, output: {}}'
    sin later 'it requests GET http://a.test/1, and not GET http://b.test/' \
        "- {case: another, http: [{request: 'GET http://b.test/', reply: {}}], output: {}}"
    sin sin-blind 'it never requests GET http://a.test/' \
        "- {case: more, http: [{request: 'POST http://a.test/', reply: {}}, {request: 'GET http://a.test/', reply: {}}], output: {}}"
    sin sin-blind 'POST http://a.test/ is sent with no body, and not with {"a":1}' \
        "- {case: body, http: [{request: 'POST http://a.test/', body: {a: 1}, reply: {}}], output: {}}"
    sin sin-blind 'has the header x: (none), and not y' \
        "- {case: header, http: [{request: 'POST http://a.test/', headers: {x: y}, reply: {}}], output: {}}"
    sin sin-blind 'output is {}, and not {"a":1}' "- {case: output, $post, output: {a: 1}}"
    sin sin-blind 'it succeeds, and the case expects an error: {}' "- {case: error, $post, error: {}}"
}

@test "a case file is checked like a workflow" {
    cases later <<<'- {case: a typo, outptu: {}}'
    run wfrun plugin test
    [ "$status" -eq 5 ]
    [[ $output == *"cases.yaml:3:"*"error"* ]]
    run wfrun plugin test "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 5 ]
    mkdir empty
    run wfrun plugin test empty
    [ "$status" -eq 5 ]
    [[ $output == *"has no case file"* ]]
}

@test "a step that is not there is said so" {
    sin no-such-step "there is no step no-such-step in the case file's folder or the plugin folders"
}

@test "a step that is made of a function of a library has cases too" {
    cp "$top_srcdir/workflows/functions/libm.function.yaml" .
    cases math-cos <<<$'- {case: the cosine of nothing, with: {x: 0}, output: 1}\n- {case: it is no text, with: {x: a}, error: {type: validation}}'
    run wfrun plugin test
    [ "$status" -eq 0 ]
    [[ $output == *"ok 1 - math-cos: the cosine of nothing"*"ok 2 - "*"1..2"* ]]
}
