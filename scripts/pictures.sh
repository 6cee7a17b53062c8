#!/bin/sh
# pictures.sh: the pictures of docs/pictures, taken from the real thing: rehearsals in the sandbox, their pages, a browser.
#   scripts/pictures.sh BUILD      (make pictures)
set -eu
cd "$(dirname "$0")/.."
build=$1
pictures=$PWD/docs/pictures
most=300000 # bytes of one picture

for name in chromium chromium-browser google-chrome; do
    browser=$(command -v "$name") && break || browser=
done
if [ -z "$browser" ]; then
    echo "pictures.sh: there is no browser to look with. On Debian: apt-get install chromium" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$build:$build/plugins/bin:$PATH
WFRUN_PLUGIN_DIR=$build/plugins/all
WFRUN_STATE=$work/wfrun.db
XDG_CONFIG_HOME=$work
export PATH WFRUN_PLUGIN_DIR WFRUN_STATE XDG_CONFIG_HOME
mkdir -p "$pictures"

# shot NAME PAGE WIDTH HEIGHT [light|dark]: the top of a page.
shot() {
    scheme=1
    [ "${5:-light}" = light ] || scheme=0
    as_root=
    [ "$(id -u)" -ne 0 ] || as_root=--no-sandbox
    # shellcheck disable=SC2086 # nothing, or one word
    "$browser" --headless=new --disable-gpu --hide-scrollbars $as_root --user-data-dir="$work/browser" \
        --blink-settings=preferredColorScheme=$scheme --window-size="$3,$4" --screenshot="$work/$1" "file://$2" \
        >"$work/browser.log" 2>&1 || { cat "$work/browser.log" >&2; exit 1; }
    size=$(wc -c <"$work/$1")
    if [ "$size" -gt "$most" ]; then
        echo "pictures.sh: $1 has $size bytes and may have $most: make the window smaller" >&2
        exit 1
    fi
    mv "$work/$1" "$pictures/$1"
    echo "docs/pictures/$1: $3 x $4, $size bytes"
}

# rehearse RUN OPTION...: the flagship in the sandbox.
rehearse() {
    run=$1
    shift
    wfrun --run-id "$run" "$@" --output none --progress quiet workflows/e4-to-e5.yaml || [ $? -eq 3 ] # some cannot be moved
}

# What is in the pictures. A page is made by a command of wfrun and looked at by shot; a new one is two lines more.
wfrun plan --sandbox --output html --progress quiet workflows/e4-to-e5.yaml >"$work/plan.html"
shot plan.png "$work/plan.html" 1180 1330

rehearse e4-small --sandbox
wfrun report e4-small --to "$work/small.html"
shot report.png "$work/small.html" 1180 1210
shot report-phone-dark.png "$work/small.html" 500 1000 dark

rehearse e4-many --sandbox=realistic --sandbox-seed 40x50
wfrun report e4-many --to "$work/many.html"
shot report-many.png "$work/many.html" 1180 1290
