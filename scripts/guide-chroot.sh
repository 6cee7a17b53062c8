#!/bin/bash
# guide-chroot.sh DEBS: follows docs/plugin-guide.md word for word in a bare Debian 12 that has the packages in DEBS, gcc, make and
# pkg-config, and no tree of wfrun; says how long it took. Root; makes a chroot below TMPDIR and takes it away again.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
debs=$(cd "${1:?usage: guide-chroot.sh DEBS}" && pwd)
most_s=600
[ "$(id -u)" -eq 0 ] || { echo "guide-chroot.sh: only root can make a chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "guide-chroot.sh: debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
root=$(mktemp -d "${TMPDIR:-/tmp}/wfrun-guide.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"

mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -v security | head -n 1)
echo "-- a bare Debian 12" >&2
# shellcheck disable=SC2086 # without one, debootstrap knows
debootstrap --variant=minbase bookworm "$root" $mirror >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
rm -f "$root.log"
cp -r /etc/apt/apt.conf.d /etc/apt/sources.list.d "$root/etc/apt/"
mkdir "$root/debs"
cp "$debs"/wfrun*.deb "$root/debs/"
cp "$top/tests/cli/scaffolds.sh" "$root/debs/"
awk -f "$top/tests/cli/guide.awk" "$top/docs/plugin-guide.md" >"$root/debs/tutorial.sh"

# Mounts are those of a name space that ends with the command.
inside() { unshare --mount --pid --fork chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/srv LC_ALL=C.UTF-8 \
    bash -euc "mount -t proc proc /proc; $1"; }

start=$(date +%s)
echo "-- installing the packages, gcc, make and pkg-config" >&2
inside 'export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends gcc make pkg-config /debs/wfrun_*.deb /debs/wfrun-dev_*.deb; } >/debs/log 2>&1 ||
        { tail /debs/log; exit 1; }'
installed=$(date +%s)
echo "-- docs/plugin-guide.md" >&2
inside 'mkdir /srv/first && cd /srv/first && out=/srv/out bash -eu /debs/tutorial.sh'
end=$(date +%s)
echo "packages: $((installed - start)) s, the guide: $((end - installed)) s, together $((end - start)) s (at most $most_s)"
[ $((end - start)) -le $most_s ]
echo "-- each scaffold" >&2
inside 'mkdir /srv/scaffolds && cd /srv/scaffolds && sh -eu /debs/scaffolds.sh /srv/installed >/debs/log 2>&1 || { tail -n 30 /debs/log; exit 1; }'
