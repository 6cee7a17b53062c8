# helper.bash: what the tests of the command line share.
bats_require_minimum_version 1.5.0

# A folder of its own for each test, with a journal of its own and nobody's settings.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export WFRUN_STATE=$BATS_TEST_TMPDIR/wfrun.db HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
    unset NO_COLOR CLICOLOR_FORCE WFRUN_LOG WFRUN_PROGRESS WFRUN_OUTPUT
    children=()
}

# Ends what a test left running, by its process id.
teardown() {
    for pid in "${children[@]}"; do { kill -9 "$pid" && wait "$pid"; } 2>/dev/null || true; done
}

# workflow NAME < TASKS: writes NAME.yaml with a document around the tasks.
workflow() {
    {
        printf "document:\n  dsl: '1.0.3'\n  namespace: test\n  name: %s\n  version: '1.0.0'\n" "$1"
        cat
    } >"$1.yaml"
}

# until_true COMMAND...: waits at most a minute for the command to succeed.
until_true() {
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "never true: $*" >&2
    return 1
}

status_is() { [ "$(wfrun list -o json | jq -r --arg run "$1" '.[] | select(.run == $run) | .status')" = "$2" ]; }
held() { [ "$(wfrun list -o json | jq -r --arg run "$1" '.[] | select(.run == $run) | .held')" = true ]; }

# interrupt SIGNAL ARGUMENT...: runs wfrun and sends it the signal once its task `pause` has begun. Sets status; what it said
# is in the files out and err. EVENTS names another file for its events.
interrupt() {
    local signal=$1 events=${EVENTS:-begun} pid
    shift
    rm -f begun
    wfrun "$@" --events "$events" >out 2>err &
    pid=$!
    children+=("$pid")
    until_true grep -q 'task\.started.*"name":"pause"' "$events"
    kill -s "$signal" "$pid"
    status=0
    # shellcheck disable=SC2034 # read by the tests
    wait "$pid" || status=$?
}

# page FILE: well formed, complete in itself, without a script. Prints its text, a line for each piece.
page() {
    python3 - "$1" <<'PYTHON'
import html.parser
import sys

VOID = {"meta", "br", "rect", "line", "circle", "path"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "link", "iframe", "object", "b2"), tag
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href"), name
            assert name == "xmlns" or "http" not in (value or ""), value
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open[-1] == tag, (tag, self.open)
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.text.append(data.strip())


page = Page()
with open(sys.argv[1], encoding="utf-8") as file:
    page.feed(file.read())
page.close()
assert page.open == [], page.open
print("\n".join(page.text))
PYTHON
}

# A sanitizer's own signal handlers, exit statuses and libraries are not what the test is about.
needs_unsanitized() {
    # shellcheck disable=SC2154 # make sets it
    [ "$(grep -c WF_SANITIZED.1 "$top_builddir/config.h")" -eq 0 ] || skip "it is another thing under a sanitizer"
}
