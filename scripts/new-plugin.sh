#!/bin/sh
# new-plugin.sh WFRUN step NAME [EFFECT]: makes plugins/NAME, a step that builds and passes its tests as it stands.
#
# Called by `make new-plugin KIND=step NAME=foo`. It is the folder that `wfrun plugin new` writes, with a fragment of this
# tree's build in place of its Makefile. No other file has to be edited; autogen.sh finds the folder.
set -eu
cd "$(dirname "$0")/.."

wfrun=$1 kind=$2 name=$3 effect=${4:-none}
[ -n "$name" ] || { echo "usage: make new-plugin KIND=step NAME=foo [EFFECT=write]" >&2; exit 2; }
[ "$kind" = step ] || { echo "new-plugin: KIND=$kind is unknown; the kind there is: step" >&2; exit 2; }

(cd plugins && "$wfrun" plugin new "$name" --effect "$effect" >/dev/null)
rm "plugins/$name/Makefile"
sed "s/my-step/$name/g; s/my_step/$(printf %s "$name" | tr - _)/g" templates/plugin.am >"plugins/$name/plugin.am"
echo "made plugins/$name. Next: ./autogen.sh, then make check in the build folder; the tutorial is docs/plugin-guide.md"
