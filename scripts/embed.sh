#!/bin/sh
# embed.sh FOLDER FILE...: a C source with the texts of the files, by their names below the folder, on standard output.
set -eu
folder=$1
shift
printf '/* templates.c: made by scripts/embed.sh from %s. */\n#include "cli/template.h"\n\n' "$(basename "$folder")"
printf 'const struct wf_template_file wf_template_files[] = {\n'
for file in "$@"; do
    printf '    {"%s",\n' "${file#"$folder"/}"
    sed 's/[\\"]/\\&/g; s/	/\\t/g; s/^/        "/; s/$/\\n"/' "$file"
    printf '    },\n'
done
printf '    {0, 0},\n};\n'
