#!/bin/sh
# check-arrows.sh: every #include of a source below engine/ and plugins/ is one that the table in docs/architecture.md
# allows. Exit status 1, and a line for each that is not.
#
# A plugin has what an author elsewhere has: no config.h, and beside the public headers those of its own folder and of the
# libraries that plugins share. Its tests in C may use tests/lib. A program beside the plugins is not bound by that.
#
# A row of the table reads: | `room` | `other-room` `third/header.h` ... | why |
set -eu
cd "$(dirname "$0")/.."

find engine plugins -name '*.[ch]' | sort | xargs grep -nE '^[ \t]*#[ \t]*include[ \t]*["<]' |
    awk -v libs="$(echo plugins/lib-*)" -v programs=" $(grep -L 'LTLIBRARIES' plugins/*/plugin.am | tr '\n' ' ')" '
    BEGIN {
        while ((getline line < "docs/architecture.md") > 0) {
            if (line !~ /^\| `[a-z]+` \|/) continue
            split(line, cell, "|")
            room = cell[2]
            gsub(/[ `]/, "", room)
            rooms[room] = 1
            n = split(cell[3], word, "`")
            for (i = 2; i <= n; i += 2) allowed[room, word[i]] = 1
        }
        if (!("base" in rooms)) { print "docs/architecture.md: no table of rooms"; bad = 1 }
    }
    function is_there(path) { found = (getline line < path) >= 0; close(path); return found }
    function is_plugins_own(header, dir,    folder, n, i) {
        n = split(dir " " libs, folder, " ")
        for (i = 1; i <= n; i++) if (is_there(folder[i] "/" header)) return 1
        return 0
    }
    {
        match($0, /^[^:]+/)
        file = substr($0, 1, RLENGTH)
        split(file, part, "/")
        room = part[1] == "plugins" ? "plugins" : part[2]
        match($0, /["<][^">]+[">]/)
        header = substr($0, RSTART + 1, RLENGTH - 2)
        angle = substr($0, RSTART, 1) == "<"
        slash = index(header, "/")
        target = slash ? substr(header, 1, slash - 1) : ""

        if (!(room in rooms)) { print file ": the room " room " is not in the table of docs/architecture.md"; bad = 1; next }
        if (angle && !(target in rooms) && target != "wfrun") next # the system or a library
        is_plugin = room == "plugins" && !index(programs, " " part[1] "/" part[2] "/plugin.am ")
        if (is_plugin ? !slash && is_plugins_own(header, part[1] "/" part[2]) : header == "config.h" || target == room || (!slash && room == "plugins")) next
        if (target == "lib" && file ~ /^plugins\/[^\/]+\/test_/) next # tests/lib
        if ((room, target) in allowed || (room, header) in allowed) next
        print $0 ": not allowed in " room
        bad = 1
    }
    END { exit bad }'
