#!/usr/bin/env bats
# guide.bats: the plugin guide's tutorial, command by command, against what `make install` leaves: no tree of wfrun is seen.
load helper

# Below $root: an installation whose pkg-config files say where it is, as they would with --prefix.
setup_file() {
    export root=$BATS_FILE_TMPDIR/root
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top_builddir" install DESTDIR="$root" >"$BATS_FILE_TMPDIR/install.log" 2>&1 ||
        { cat "$BATS_FILE_TMPDIR/install.log"; return 1; }
    pc=$(find "$root" -name wfrun-plugin.pc)
    prefix=$(sed -n 's/^prefix=//p' "$pc")
    sed -i "s|^prefix=.*|prefix=$root$prefix|" "${pc%/*}"/wfrun-*.pc
    export PKG_CONFIG_PATH=${pc%/*} prefix
    export PATH=$root$prefix/bin:$PATH
    WFRUN_PLUGIN_DIR=$(pkg-config --variable=plugindir wfrun-plugin)
    export WFRUN_PLUGIN_DIR
}

# The fenced blocks of one kind and in order become one script: sh is run, fails has to fail, output is what the block before
# printed last.
script_of() {
    awk '
        /^```/ && !kind { kind = substr($0, 4); text = ""; next }
        /^```/ {
            if (kind == "sh") printf "{\n%s} >\"$out\"\ncat \"$out\"\n", text
            if (kind == "fails") printf "if { %s} >\"$out\" 2>&1; then echo \"it does not fail\"; exit 1; fi\n", text
            if (kind == "output") printf "diff - <(tail -n %d \"$out\") <<\"EXPECTED\"\n%sEXPECTED\n", lines, text
            kind = ""; lines = 0
            next
        }
        kind { text = text $0 "\n"; lines++ }' "$1"
}

@test "the tutorial of the plugin guide, word for word" {
    needs_unsanitized
    script_of "$top_srcdir/docs/plugin-guide.md" >tutorial.sh
    [ "$(grep -c '^cat "$out"' tutorial.sh)" -ge 7 ]
    env -u top_srcdir -u top_builddir out="$PWD/out" bash -eu tutorial.sh
    [ -x test_greet ]
}

@test "a plugin that needs no library is built with the compiler and pkg-config alone" {
    cp "$top_srcdir/tests/abi/plugin-c99.c" .
    # shellcheck disable=SC2046
    ${CC:-cc} -std=c99 -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags wfrun-plugin) plugin-c99.c -o plugin-c99.so
    run wfrun plugin list --plugin-dir .
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
}
