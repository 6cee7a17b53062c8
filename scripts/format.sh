#!/bin/sh
# format.sh [--check]: clang-format over our C sources; --check only says which ones differ.
set -eu
cd "$(dirname "$0")/.."
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is missing: apt-get install clang-format-14" >&2; exit 1; }

case ${1:-} in
    --check) find engine plugins include templates tests -name '*.[ch]' -print0 | xargs -0 "$tool" --dry-run --Werror --ferror-limit=1 2>&1 | grep ': error:' && exit 1 ;;
    '') find engine plugins include templates tests -name '*.[ch]' -print0 | xargs -0 "$tool" -i ;;
    *) echo "usage: format.sh [--check]" >&2; exit 2 ;;
esac
exit 0
