#!/bin/bash
# lint.sh BUILD: what neither the compiler nor a test sees. One TAP line for each rule, also in BUILD/lint.tap; the
# findings are printed above their line. `make lint` gives the compiler's flags in LINT_CFLAGS.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?usage: lint.sh BUILD}
max_lines=600
n=0 failed=0
: >"$build/lint.tap"

sources() { find engine plugins include templates tests -name '*.[ch]' | sort; }
# What the repository holds, or will after the next commit; in a tarball nothing.
files() { git ls-files --cached --others --exclude-standard 2>/dev/null | while read -r f; do [ -e "$f" ] && printf '%s\n' "$f"; done; }

# rule WORDS COMMAND...: the rule holds when the command prints nothing and exits 0.
rule() {
    local words=$1 findings line
    shift
    n=$((n + 1))
    if findings=$("$@" 2>&1) && [ -z "$findings" ]; then
        line="ok $n - $words"
    else
        failed=1
        printf '%s\n' "$findings" | sed 's/^/lint: /'
        line="not ok $n - $words"
    fi
    printf '%s\n' "$line" | tee -a "$build/lint.tap"
}

banned_functions() {
    local list='strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|gets|atoi|atol|atoll|atof|alloca|tmpnam|mktemp|setenv|putenv|rand|srand|gmtime|localtime|ctime|asctime|inet_ntoa|system|popen'
    # A comment's words are not calls.
    sources | grep -v '^tests/' | xargs grep -nE "(^|[^A-Za-z0-9_>.])($list)\(" | grep -vE ':[0-9]+: *(//|/?\*)' | grep -vE '/\* lint: [a-z]'
    return 0
}

long_files() {
    sources | xargs wc -l | awk -v max=$max_lines '$2 != "total" && $1 > max { print $2 ": " $1 " lines; look for the second noun in it" }'
}

unique_basenames() {
    find engine plugins -name '*.c' | sed 's,.*/,,' | sort | uniq -d
}

purpose_sentence() {
    sources | while read -r f; do
        head -n 1 "$f" | grep -qE '^/\* [A-Za-z0-9_.-]+: [A-Za-z`{-]' || echo "$f: does not begin with /* $(basename "$f"): its purpose"
    done
    return 0
}

one_symbol_per_plugin() {
    local so name symbols
    for so in "$build"/plugins/*/.libs/*.so; do
        case $so in */lib-*) continue ;; esac # a library that plugins share
        [ -e "$so" ] || continue
        name=$(basename "$(dirname "$(dirname "$so")")")
        symbols=$(nm -D --defined-only "$so" | awk '$2 ~ /[A-Z]/ { print $3 }' | grep -vE '^(_init|_fini|__bss_start|_edata|_end)$' | tr '\n' ' ')
        [ "$symbols" = 'wf_plugin_entry ' ] || echo "plugins/$name: exports $symbols, not wf_plugin_entry alone"
    done
    return 0
}

plugin_folder_is_complete() {
    local fragment dir
    for fragment in plugins/*/plugin.am; do
        dir=$(dirname "$fragment")
        grep -qs '^plugin_LTLIBRARIES' "$fragment" || continue
        for f in README.md example.yaml cases.yaml; do
            [ -e "$dir/$f" ] || echo "$dir: no $f"
        done
        grep -qE 'TESTS \+=.*cases\.yaml' "$fragment" || echo "$dir: its cases are no test"
    done
    return 0
}

plugin_reference() {
    /usr/bin/python3 -B scripts/plugin-api.py include/wfrun/plugin.h | diff docs/plugin-api.md -
}

bad_citizens() {
    /usr/bin/python3 -B tests/plugins/bad_citizens.py --markdown | diff docs/bad-citizens.md -
}

machine_paths() {
    files | grep -vE '^(tests/ctk/|scripts/lint\.sh$)' | xargs -r -d '\n' grep -nIE '/wor[k]/|/home/[a-z]|(^|[^a-z])/root/|(^|[^a-z])127\.0\.0\.1:[0-9]{4}' |
        grep -vE '^tests/unit/' | head -20
    return 0
}

unfinished_work() {
    sources | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b'
    return 0
}

trailing_space() {
    files | grep -E '\.([ch]|sh|am|ac|m4|py|bats|md|yaml|case)$' | grep -v '^tests/ctk/' | xargs -r -d '\n' grep -nIE '[[:space:]]+$' | head -20
    return 0
}

shell_scripts() {
    files | grep -E '\.(sh|bash)$|^(bootstrap\.sh|autogen\.sh|\.ci/run)$' | xargs -r -d '\n' shellcheck -S warning -x
}

python_scripts() {
    files | grep -E '\.py$|^tests/(ctk|flow|crash)/[a-z-]+\.test$' | while read -r f; do
        head -n 1 "$f" | grep -q python3 || continue
        /usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$f"
    done
}

# Not the tests: CUnit's fatal assertions do not look like ends of a function to the analyzer.
tidy() {
    local tool flags dir
    tool=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo "clang-tidy is missing: apt-get install clang-tidy-14"; return 1; }
    flags="${LINT_CFLAGS:-} -Iengine -Iinclude -Itests -I$build -D_GNU_SOURCE -Wno-unknown-warning-option"
    flags="$flags -DPLUGINDIR=\"\" -DLIBEXECDIR=\"\""
    for dir in plugins/*/ "$build"/plugins/*/; do flags="$flags -I$dir"; done
    # shellcheck disable=SC2016
    find engine plugins -name '*.c' -not -name 'test_*' | sort |
        tool=$tool flags=$flags xargs -P "$(nproc)" -n 1 sh -c '
            "$tool" --quiet "$1" -- $flags 2>&1 | grep -E ": (warning|error): "
            true' sh
}

rule 'rooms include only what docs/architecture.md allows' scripts/check-arrows.sh
rule 'no banned function' banned_functions
rule "no source file over $max_lines lines" long_files
rule 'basenames are unique' unique_basenames
rule 'every source begins with its purpose' purpose_sentence
rule 'a plugin exports one symbol' one_symbol_per_plugin
rule 'a plugin folder has cases, an example and a README' plugin_folder_is_complete
rule 'docs/plugin-api.md is made of the header as it is (make plugin-api)' plugin_reference
rule 'docs/bad-citizens.md is what the test of bad citizens shows' bad_citizens
rule 'no path of a machine' machine_paths
rule 'no unfinished work' unfinished_work
rule 'no trailing space' trailing_space
rule 'shellcheck' shell_scripts
rule 'python parses' python_scripts
rule 'clang-format' scripts/format.sh --check
rule 'clang-tidy' tidy
echo "1..$n" | tee -a "$build/lint.tap"
exit $failed
