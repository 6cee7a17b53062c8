#!/bin/bash
# deb.sh BUILD: Debian packages of this tree in BUILD/deb: wfrun, and wfrun-dev for who writes plugins. `make deb`.
#
# A build of its own with the paths of a package; what the programs load is looked up by dpkg-shlibdeps.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: deb.sh BUILD}/deb
for tool in dpkg-deb dpkg-shlibdeps; do
    command -v $tool >/dev/null || { echo "deb.sh: $tool is missing: apt-get install dpkg-dev" >&2; exit 1; }
done
mkdir -p "$build/tree"
cd "$build/tree"
[ -e Makefile ] || "$top/configure" --prefix=/usr --sysconfdir=/etc ${DEB_CONFIGURE:-}
make -j"$(nproc)"
rm -rf "$build/wfrun" "$build/wfrun-dev"
make install DESTDIR="$build/wfrun"
version=$(sed -n 's/^VERSION = //p' Makefile)

cd "$build/wfrun"
find . -name '*.la' -delete
find . -type f \( -path './usr/bin/*' -o -path './usr/libexec/*' -o -name '*.so' \) -exec strip --strip-unneeded {} +
mkdir -p "$build/wfrun-dev/usr/lib/pkgconfig"
mv usr/include "$build/wfrun-dev/usr/"
mv usr/lib/pkgconfig usr/lib/libwfrun-harness* "$build/wfrun-dev/usr/lib/" 2>/dev/null || true
rmdir usr/lib/pkgconfig 2>/dev/null || true

# package NAME DEPENDS RECOMMENDS WORDS: of the folder of its name.
package() {
    mkdir -p "$build/$1/DEBIAN" "$build/$1/usr/share/doc/$1"
    cp "$top/LICENSE" "$build/$1/usr/share/doc/$1/copyright"
    cat >"$build/$1/DEBIAN/control" <<CONTROL
Package: $1
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: the wfrun project <wfrun@localhost>
Section: utils
Priority: optional
Depends: $2
Recommends: $3
Installed-Size: $(du -sk "$build/$1" | cut -f 1)
Description: $4
CONTROL
    dpkg-deb --root-owner-group -Zgzip --build "$build/$1" "$build/$1_$version.deb" >/dev/null
    echo "$build/$1_$version.deb"
}

# It reads the names of packages from here.
mkdir -p "$build/shlibs/debian"
printf 'Source: wfrun\n\nPackage: wfrun\nArchitecture: any\n' >"$build/shlibs/debian/control"
cd "$build/shlibs"
mapfile -t objects < <(find "$build/wfrun/usr/bin" "$build/wfrun/usr/libexec" "$build/wfrun/usr/lib" -type f -perm /111 -o -name '*.so' -type f)
needs=$(dpkg-shlibdeps -O --ignore-missing-info "${objects[@]/#/-e}" -l"$build/wfrun/usr/lib/wfrun" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$needs" ] || { echo "deb.sh: dpkg-shlibdeps found nothing" >&2; exit 1; }

# Those it loads itself, when it first needs them (engine/loop/curl_lib.h, engine/ffi/dwarf_lib.h).
package wfrun "$needs, libcurl4" "libdw1, tzdata, ca-certificates" "workflow engine whose runs survive any crash
 It runs YAML workflows in which every step that touches the world is a plugin, and keeps a journal of all that happened."
package wfrun-dev "wfrun (= $version), libcjson-dev, libc6-dev" "gcc, make, pkg-config" "headers and test harness for plugins of wfrun
 The plugin ABI (wfrun/plugin.h), helpers for JSON (wfrun/cjson.h), and a library that drives one step in a test."
