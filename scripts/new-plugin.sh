#!/bin/sh
# new-plugin.sh step NAME: makes plugins/NAME, a step that builds and passes its test as it stands.
#
# Called by `make new-plugin KIND=step NAME=foo`. No other file has to be edited; autogen.sh finds the folder.
set -eu
cd "$(dirname "$0")/.."

usage() { echo "usage: make new-plugin KIND=step NAME=foo   (lower-case letters, digits, hyphens)" >&2; exit 2; }
[ $# -eq 2 ] || usage
kind=$1 name=$2
[ "$kind" = step ] || { echo "new-plugin: KIND=$kind is unknown; the kind there is: step" >&2; exit 2; }
printf %s "$name" | grep -qE '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' || usage
dir=plugins/$name
[ ! -e "$dir" ] || { echo "new-plugin: $dir exists already" >&2; exit 1; }
id=$(printf %s "$name" | tr - _)

mkdir "$dir"
cat >"$dir/$id.c" <<EOF
/* $id.c: the step \`$name\`: says hello. Make it yours: 1 the schemas, 2 the effect, 3 run, 4 the example and the test. */
#include <wfrun/cjson.h>

static const struct wf_host *host;

/* Blocking steps run on a worker thread of the host: they may wait there, and several calls may run at once. */
static void ${id}_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    cJSON *output = cJSON_CreateObject();
    char text[256];

    (void)state;
    snprintf(text, sizeof text, "Hello, %s!", wf_cjson_str(with, "name", ""));
    cJSON_AddStringToObject(output, "greeting", text);
    cJSON_Delete(with);
    wf_cjson_succeed(host, step, output);
}

static int32_t ${id}_open(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

/* A step that writes also has verify (did it happen?) and undo or no_undo: docs/plugin-guide.md. */
static const struct wf_step_type ${id} = {
    .size = sizeof ${id},
    .effect = WF_EFFECT_NONE,
    .flags = WF_STEP_BLOCKING,
    .name = "$name",
    .summary = "Says hello",
    .input_schema = "{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,"
                    "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":200}}}",
    .output_schema = "{\"type\":\"object\",\"required\":[\"greeting\"]}",
    .run = ${id}_run,
};

static const struct wf_step_type *const steps[] = {&${id}, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "$name",
    .version = "0.1.0",
    .summary = "Says hello",
    .steps = steps,
    .open = ${id}_open,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
EOF
cat >"$dir/plugin.am" <<EOF
# The $name plugin
plugin_LTLIBRARIES += %reldir%/$name.la
%canon_reldir%_${id}_la_SOURCES = %reldir%/$id.c
%canon_reldir%_${id}_la_CFLAGS = \$(AM_CFLAGS) \$(CJSON_CFLAGS)
%canon_reldir%_${id}_la_LDFLAGS = \$(PLUGIN_LINK)
%canon_reldir%_${id}_la_LIBADD = \$(CJSON_LIBS)
TESTS += %reldir%/$name.bats
EXTRA_DIST += %reldir%/$name.bats %reldir%/example.yaml %reldir%/README.md
EOF
cat >"$dir/$name.bats" <<EOF
# Tests of the step $name, through wfrun.

@test "the example greets" {
    run --separate-stderr wfrun --ephemeral -o json "\$top_srcdir/$dir/example.yaml"
    [ "\$status" -eq 0 ]
    [ "\$(jq -c . <<<"\$output")" = '{"greeting":"Hello, Ada!"}' ]
}

@test "an empty name is refused by the input schema" {
    run wfrun --ephemeral --set name= "\$top_srcdir/$dir/example.yaml"
    [ "\$status" -eq 1 ]
    [[ "\$output" == *validation* ]]
}
EOF
sed -i '1i bats_require_minimum_version 1.5.0' "$dir/$name.bats"
cat >"$dir/example.yaml" <<EOF
document:
  dsl: '1.0.3'
  namespace: examples
  name: $name
  version: '0.1.0'
input:
  from: '{name: "Ada"} + .'
do:
  - greet:
      call: $name
      with:
        name: \${ .name }
EOF
cat >"$dir/README.md" <<EOF
# $name

Says hello.

| with | | |
|---|---|---|
| \`name\` | text, required | whom to greet |

| output | |
|---|---|
| \`greeting\` | the words |

Effect: none. In the build folder: \`./wfrun --plugin-dir plugins/all --ephemeral ../plugins/$name/example.yaml\`.
EOF
echo "made $dir. Next: ./autogen.sh, then make check in the build folder; the tutorial is docs/plugin-guide.md"
