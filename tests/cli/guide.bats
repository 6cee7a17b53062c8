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

@test "the tutorial of the plugin guide, word for word" {
    needs_unsanitized
    awk -f "$top_srcdir/tests/cli/guide.awk" "$top_srcdir/docs/plugin-guide.md" >tutorial.sh
    [ "$(grep -c '^cat "$out"' tutorial.sh)" -ge 7 ]
    env -u top_srcdir -u top_builddir out="$PWD/out" bash -eu tutorial.sh
    [ -x test_greet ]
}

@test "each scaffold passes its tests as it stands, and is installed, with nothing but what is installed" {
    needs_unsanitized
    env -u top_srcdir -u top_builddir sh -eu "$top_srcdir/tests/cli/scaffolds.sh" "$PWD/root"
    run ls root/"$(pkg-config --variable=plugindir wfrun-plugin)"
    [ "$output" = "$(printf '%s\n' c-irreversible.so c-none.so c-read.so c-spend.so c-write.so manifest-none.function.yaml manifest-read.function.yaml)" ]
}

# outside NAME: the plugin's folder, and those of libraries that plugins share, copied; built as an author elsewhere would.
outside() {
    local dir=$top_srcdir/plugins/$1 libraries=wfrun-plugin sources
    cp -r "$dir" .
    mapfile -t sources < <(find "$1" -name '*.c' ! -name 'test_*')
    if grep -q 'PC_LIBS' "$1/plugin.am"; then
        cp -rn "$top_srcdir/plugins/lib-partner-center" .
        mapfile -t -O "${#sources[@]}" sources < <(find lib-partner-center -name '*.c' ! -name 'test_*')
        libraries+=" uuid"
    fi
    if grep -q 'OPENSSL_LIBS' "$1/plugin.am"; then libraries+=" libcrypto"; fi
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} -D_GNU_SOURCE -fvisibility=hidden -Wl,-z,defs -shared -fPIC -I"$1" -Ilib-partner-center $(pkg-config --cflags $libraries) \
        "${sources[@]}" $(pkg-config --libs $libraries) -o "$1/$1.so"
}

@test "each shipped plugin is built elsewhere from its folder and what is installed, and passes its cases there" {
    needs_unsanitized
    for fragment in $(grep -l '^plugin_LTLIBRARIES' "$top_srcdir"/plugins/*/plugin.am); do
        name=$(basename "$(dirname "$fragment")")
        outside "$name"
        (cd "$name" && WFRUN_PLUGIN_DIR=$PWD wfrun plugin test && wfrun check --plugin-dir . example.yaml)
    done
    [ "$(find . -name '*.so' | wc -l)" -ge 7 ]
}

@test "a plugin that needs no library is built with the compiler and pkg-config alone" {
    cp "$top_srcdir/tests/abi/plugin-c99.c" .
    # shellcheck disable=SC2046
    ${CC:-cc} -std=c99 -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags wfrun-plugin) plugin-c99.c -o plugin-c99.so
    run wfrun plugin list --plugin-dir .
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
}
