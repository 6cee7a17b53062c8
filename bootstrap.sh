#!/bin/sh
# From a fresh clone to a running wfrun, on Debian 12.
#
#   ./bootstrap.sh demo           install what is needed, build, move a sandbox partner's customers off E4, show the report
#   ./bootstrap.sh check          install what is needed, build, run every test; the last line counts them
#   ./bootstrap.sh build          install what is needed, build, install below build/root
#   ./bootstrap.sh install-deps   only install the Debian packages (those of `check` too)
#
# Runs as root or with sudo, with or without a terminal, and again at any time: what is done already is skipped.
set -eu
cd "$(dirname "$0")"
top=$PWD
build=$top/build
jobs=$(nproc 2>/dev/null || echo 2)

# Debian packages. PACKAGE=COMMAND: any other package that has the command will do.
build_packages='autoconf automake libtool pkg-config gcc make libc6-dev libyaml-dev libcurl4-openssl-dev libcjson-dev
    libjq-dev libsqlite3-dev libuv1-dev libmicrohttpd-dev libpcre2-dev uuid-dev libssl-dev libffi-dev libseccomp-dev libdw-dev libelf-dev libcunit1-dev'
check_packages='bats git=git jq curl=curl sqlite3 openssl python3=/usr/bin/python3 python3-yaml python3-jsonschema procps xz-utils minisign abigail-tools
    man-db=man g++=c++ clang-tidy-14 clang-format-14 shellcheck nodejs=node npm=npm'

say() { printf '%s\n' "$*" >&2; }
die() { say "bootstrap.sh: $*"; exit 1; }

# quietly WORDS COMMAND...: one line on the terminal; the output goes to a log that is shown only on failure.
quietly() {
    words=$1
    shift
    mkdir -p "$build"
    log=$build/bootstrap.log
    say "-- $words"
    printf '\n-- %s: %s\n' "$words" "$*" >>"$log"
    "$@" >"$log.part" 2>&1 </dev/null && rc=0 || rc=$?
    cat "$log.part" >>"$log"
    if [ "$rc" -ne 0 ]; then
        tail -n 60 "$log.part" >&2
        die "$words failed (exit $rc); the whole log is $log"
    fi
    rm -f "$log.part"
}

missing_packages() {
    for entry in "$@"; do
        package=${entry%%=*}
        if [ "$package" != "$entry" ] && command -v "${entry#*=}" >/dev/null; then continue; fi
        # shellcheck disable=SC2016
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is no Debian: install the counterparts of these yourself: $*"
        return
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "neither root nor sudo. As root: apt-get install $missing"
        as_root='sudo'
        sudo -v || die "sudo was refused. As root: apt-get install $missing"
    fi
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
    # Unquoted on purpose: words of a command, words of a list.
    # shellcheck disable=SC2086
    quietly "reading the package lists" $apt update
    # shellcheck disable=SC2086
    quietly "installing $(echo $missing | wc -w) Debian packages" $apt install -y --no-install-recommends $missing
}

# configure again when there is no Makefile or it was made with other switches.
configure() {
    # A plugin folder that came or went changes configure itself.
    if [ ! -e configure ] || [ -n "$(find configure.ac m4/wfrun.m4 plugins workflows tests engine -maxdepth 1 -newer configure)" ]; then
        quietly "making configure" ./autogen.sh
    fi
    mkdir -p "$build"
    wanted="--prefix=${PREFIX:-$build/root} $*"
    if [ ! -e "$build/Makefile" ] || [ "$(cat "$build/.switches" 2>/dev/null)" != "$wanted" ]; then
        # shellcheck disable=SC2086
        (cd "$build" && quietly "configuring" ../configure $wanted)
        printf '%s\n' "$wanted" >"$build/.switches"
    fi
}

compile() {
    configure "$@"
    quietly "building" make -C "$build" -j"$jobs"
}

build() {
    # shellcheck disable=SC2086
    install_packages $build_packages
    compile
    quietly "installing below ${PREFIX:-$build/root}" make -C "$build" install
}

demo() {
    build
    state=$(mktemp -d)
    trap 'rm -rf "$state"' EXIT
    root=${PREFIX:-$build/root}
    say "-- $root/bin/wfrun --sandbox $root/share/wfrun/workflows/e4-to-e5.yaml"
    # No exec: the trap has to run. 3: some customers cannot be moved, and the report says why.
    "$root/bin/wfrun" --sandbox --state "$state/demo.db" -o table "$root/share/wfrun/workflows/e4-to-e5.yaml" || [ $? -eq 3 ]
}

# Each suite goes on after a failure, so that the last line counts everything.
check() {
    # shellcheck disable=SC2086
    install_packages $build_packages $check_packages
    compile --enable-werror
    failed=
    for suite in check check-asan check-tsan check-crash check-hostile lint; do
        say "-- make $suite"
        start=$(date +%s)
        rm -f "$build/$suite.log"
        if ! make -C "$build" -j"$jobs" -k "$suite" CRASH_KILLS=20 HOSTILE_RUNS=50 >"$build/$suite.log" 2>&1 </dev/null; then
            failed="$failed $suite"
            grep -E '^(FAIL|ERROR|not ok|lint:|make.*Error|.*: error)|ERROR: |runtime error' "$build/$suite.log" | head -n 40 >&2 || true
            say "   failed; the whole log is $build/$suite.log"
        fi
        say "   $(($(date +%s) - start)) s"
    done
    "$top/scripts/count-tests.sh" "$build" && rc=0 || rc=1
    [ -z "$failed" ] || rc=1
    return "$rc"
}

case ${1:-} in
    demo) demo ;;
    check) check ;;
    build) build ;;
    install-deps)
        # shellcheck disable=SC2086
        install_packages $build_packages $check_packages
        ;;
    *)
        sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
