#!/usr/bin/env bats
load helper

@test "help lists every command and exits 0" {
    run --separate-stderr wfrun --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for command in run check list show explain logs report wait resume suspend cancel resolve plugin; do
        grep -q "^  $command" <<<"$output"
    done
}

@test "every command has its own help" {
    for command in run check list show explain logs report wait resume suspend cancel resolve plugin; do
        run wfrun "$command" --help
        [ "$status" -eq 0 ]
        [[ $output == *"usage: wfrun $command"* ]]
        run wfrun help "$command"
        [ "$status" -eq 0 ]
        [[ $output == *"usage: wfrun $command"* ]]
    done
}

@test "the version is one line" {
    run wfrun --version
    [ "$status" -eq 0 ]
    [[ $output =~ ^wfrun\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    [ "$(wfrun version)" = "$output" ]
}

@test "no arguments are a usage error" {
    run --separate-stderr wfrun
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *"usage: wfrun [run] WORKFLOW.yaml"*"commands:"*"--input FILE"* ]]
}

@test "an unknown command names the closest one and lists all" {
    run --separate-stderr wfrun chek
    [ "$status" -eq 2 ]
    [[ $stderr == *'did you mean `wfrun check`?'* ]]
    [[ $stderr == *"commands: run plan apply approve reject check list"* ]]
}

@test "an unknown option names the closest one" {
    run --separate-stderr wfrun run --ephemral x.yaml
    [ "$status" -eq 2 ]
    [[ $stderr == *"unknown option --ephemral"*"did you mean --ephemeral?"* ]]
}

@test "an option of another command is refused" {
    run --separate-stderr wfrun list --ephemeral
    [ "$status" -eq 2 ]
    [[ $stderr == *'--ephemeral does not go with `wfrun list`'* ]]
}

@test "too few and too many arguments are usage errors" {
    run wfrun check
    [ "$status" -eq 2 ]
    run wfrun show a b
    [ "$status" -eq 2 ]
    [[ $output == *"usage: wfrun show RUN"* ]]
}

@test "bad values of options are usage errors with the good ones named" {
    workflow a <<<'do: [{one: {set: {x: 1}}}]'
    for bad in "-o xml" "--progress loud" "--sandbox=wild" "--sandbox --sandbox-clock fast" "--run-id a/b" "--set x" "--detach"; do
        # shellcheck disable=SC2086
        run --separate-stderr wfrun run --ephemeral $bad a.yaml
        [ "$status" -eq 2 ]
        [ -z "$output" ]
    done
    run wfrun check --format xml a.yaml
    [ "$status" -eq 2 ]
    [[ $output == *"human, json, sarif and github"* ]]
}

@test "the man page has every command and option" {
    wfrun --man >page
    while read -r option; do
        grep -qF -- "${option//-/\\-}" page
    done < <(wfrun --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
    grep -q '^\.SS wfrun resolve' page
    man --warnings -l page >/dev/null 2>warnings || true
    [ ! -s warnings ]
}

@test "docs/cli.md describes every command and option" {
    [ "$(wfrun --help | grep -cE '^ +(-., )?--')" -gt 20 ]
    while read -r option; do
        grep -q -- "\`$option" "$top_srcdir/docs/cli.md" || { echo "no $option"; false; }
    done < <(wfrun --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
    for command in run check list show explain logs report wait resume suspend cancel resolve plugin; do
        grep -q "wfrun $command" "$top_srcdir/docs/cli.md" || { echo "no $command"; false; }
    done
}
