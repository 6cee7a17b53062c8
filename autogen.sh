#!/bin/sh
# Makes configure. Run once after a clone, and again when a plugin folder was added.
#
# A plugin is one folder with a plugin.am: this writes the list of them that Makefile.am includes, so that adding a
# plugin edits no shared file. configure.ac finds the same folders for its --disable-plugin-NAME switches.
set -eu
cd "$(dirname "$0")"

mkdir -p plugins
list=plugins/plugins.am
{
    echo "# Written by autogen.sh: one include for each plugins/*/plugin.am."
    for fragment in plugins/*/plugin.am; do
        [ -e "$fragment" ] || continue
        name=$(basename "$(dirname "$fragment")")
        cond=PLUGIN_$(printf %s "$name" | tr 'a-z-' 'A-Z_')
        printf 'if %s\ninclude %s\nendif\n' "$cond" "$fragment"
    done
} > "$list.new"
if cmp -s "$list.new" "$list"; then rm "$list.new"; else mv "$list.new" "$list"; fi

autoreconf --force --install --warnings=all,no-portability "$@"
