#!/bin/sh
# audit.sh BUNDLE: checks a bundle of `wfrun export` with sha256sum and jq alone, as docs/how-to-audit-a-run.md shows it.
set -eu
bundle=$1
lines() { jq -c "select(.bundle == \"$1\")" "$bundle"; }
sha() { sha256sum | cut -d' ' -f1; }
# A link is the SHA-256 of its fields, each as LENGTH:TEXT, with a comma behind it.
netstrings='map(tostring | "\(utf8bytelength):\(.),") | add'
fail() { echo "audit: $*" >&2; exit 1; }

# 1. The last line is the digest of all before it.
[ "$(sed '$d' "$bundle" | sha)" = "$(tail -n 1 "$bundle" | jq -r .sha256)" ] || fail "the file was changed"

# 2. Every definition has the digest that it is called by.
lines definition | while read -r line; do
    printf '%s\n' "$line" | jq -e .redacted >/dev/null && continue
    [ "$(printf '%s\n' "$line" | jq -j .text | sha)" = "$(printf '%s\n' "$line" | jq -r .sha256)" ] || fail "a definition was changed"
done

# 3. The chain, from the start to the end.
prev=$(lines run | jq -j "[\"wfrun run\", .format, .id, .namespace, .name, .workflowVersion, .definition, .startedMs,
    .inputSha256, .metaSha256] | $netstrings" | sha)
[ "$prev" = "$(lines run | jq -r .link)" ] || fail "the start was changed"
lines record >"$bundle.records"
while read -r line; do
    n=$(printf '%s\n' "$line" | jq .n)
    printf '%s\n' "$line" | jq -e '.redacted or .json == null' >/dev/null ||
        [ "$(printf "%s\n" "$line" | jq -j ".json // empty" | sha)" = "$(printf '%s\n' "$line" | jq -r .sha256)" ] ||
        fail "the text of record $n was changed"
    prev=$(printf '%s\n' "$line" | jq -j --arg prev "$prev" "[\$prev, .path, .kind, .state, .seq, .atMs, .sha256] | $netstrings" | sha)
    [ "$prev" = "$(printf '%s\n' "$line" | jq -r .link)" ] || fail "record $n is not what was written, or not in its place"
done <"$bundle.records"
rm "$bundle.records"
end=$(lines end)
if printf '%s\n' "$end" | jq -e .link >/dev/null; then
    prev=$(printf '%s\n' "$end" | jq -j --arg prev "$prev" "[\$prev, \"end\", .status, .atMs, .outputSha256] | $netstrings" | sha)
    [ "$prev" = "$(printf '%s\n' "$end" | jq -r .link)" ] || fail "the end was changed"
fi
echo "$prev"
