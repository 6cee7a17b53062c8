#!/usr/bin/env bats
# note.bats: what a plugin says of itself in its file is read before the file is loaded, and has to be true.
load helper

# plugin NAME, its note on standard input: a plugin in ./plugins that leaves a file when any code of it runs.
plugin() {
    mkdir -p plugins
    {
        cat <<C
#include <stdio.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;

static void __attribute__((constructor)) leave_a_trace(void)
{
    FILE *file = fopen("$PWD/trace", "w");
    if (file)
        fclose(file);
}

static void run(struct wf_step *step, void *state)
{
    (void)state;
    host->succeed(step, (struct wf_bytes){"{}", 2});
}

static const struct wf_step_type one = {.size = sizeof one, .name = "noted", .summary = "For tests", .run = run};
static const struct wf_step_type two = {
    .size = sizeof two, .name = "noted-too", .summary = "For tests", .effect = WF_EFFECT_READ, .run = run};
static const struct wf_step_type *const steps[] = {&one, &two, NULL};

static int32_t open_plugin(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

static const struct wf_plugin plugin = {
    .size = sizeof plugin, .abi_major = WF_ABI_MAJOR, .abi_minor = WF_ABI_MINOR,
    .name = "noted", .version = "1.2.3", .summary = "For tests", .steps = steps, .open = open_plugin,
};
const struct wf_plugin *wf_plugin_entry(uint32_t host_abi) { (void)host_abi; return &plugin; }
C
        cat
    } >"$1.c"
    ${CC:-cc} -std=c99 -Wall -Wextra -Werror -I"$top_srcdir/include" -shared -fPIC -o "plugins/$1.so" "$1.c"
    workflow noted <<<'do: [{a: {call: noted}}, {b: {call: noted-too}}]'
    export WFRUN_PLUGIN_DIR=$PWD/plugins
    rm -f trace
}

# refused WORDS: in wfrun's process and apart from it, before any code of the file ran unless `trace` is there.
refused() {
    for isolation in in-process process; do
        WFRUN_ISOLATION=$isolation run -5 --separate-stderr wfrun run --ephemeral noted.yaml
        [[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
    done
}

@test "a note that is true changes nothing, and neither does none" {
    plugin noted <<<'WF_PLUGIN_NOTE("noted", "1.2.3", "noted:none noted-too:read");'
    run -0 wfrun run --ephemeral noted.yaml
    strip plugins/noted.so
    WFRUN_ISOLATION=process run -0 wfrun run --ephemeral noted.yaml
    plugin noted </dev/null
    run -0 wfrun run --ephemeral noted.yaml
    [ -e trace ]
}

@test "a plugin of another ABI is refused before any code of it runs" {
    plugin noted <<'C'
#undef WF_ABI
#define WF_ABI (2u << 16)
WF_PLUGIN_NOTE("noted", "1.2.3", "noted:none noted-too:read");
C
    refused "it was built for plugin ABI 2.0, and this wfrun has 1."
    [ ! -e trace ]
    run --separate-stderr wfrun plugin list
    [[ $stderr == *"noted.so is refused: it was built for plugin ABI 2.0"*"build it again"* ]]
    [ ! -e trace ]
}

@test "structures that no header had are refused before any code runs" {
    plugin noted <<'C'
struct small { char c; };
#define wf_step_type small
WF_PLUGIN_NOTE("noted", "1.2.3", "noted:none noted-too:read");
C
    refused "and 1 bytes: no wfrun/plugin.h had those"
    [ ! -e trace ]
}

@test "a note that is not true is refused" {
    plugin noted <<<'WF_PLUGIN_NOTE("other", "1.2.3", "noted:none noted-too:read");'
    refused "its note and its descriptor differ in the name: \`other\` and \`noted\`"
    plugin noted <<<'WF_PLUGIN_NOTE("noted", "1.2.4", "noted:none noted-too:read");'
    refused "differ in the version: \`1.2.4\` and \`1.2.3\`"
    plugin noted <<<'WF_PLUGIN_NOTE("noted", "1.2.3", "noted:none noted-too:none");'
    refused "differ in the steps: \`noted:none noted-too:none\` and \`noted:none noted-too:read\`"
}

@test "a note that cannot be understood is refused before any code runs" {
    plugin noted <<'C'
static const struct { uint32_t owner_len, len, type; char owner[8]; uint32_t abi; } note
    __attribute__((used, aligned(4), section(".note.wfrun"))) = {6, 4, 1, "wfrun", WF_ABI};
C
    refused "its note is too short"
    plugin noted <<<'WF_PLUGIN_NOTE("noted", "1.2.3", "") ;
static const char unused_text[] __attribute__((used)) = "";'
    refused "differ in the steps: \`\` and"
    plugin noted <<'C'
static const struct { uint32_t owner_len, len, type; char owner[8]; struct wf_note note; char text[8]; } note
    __attribute__((used, aligned(4), section(".note.wfrun"))) = {6, sizeof(struct wf_note) + 8, 1, "wfrun",
        {WF_ABI, sizeof(struct wf_plugin), sizeof(struct wf_step_type), 0}, "noted"};
C
    rm -f trace
    refused "its note does not have a name, a version and steps"
    [ ! -e trace ]
}

@test "the notes of other owners are nobody's business" {
    plugin noted <<'C'
static const struct { uint32_t owner_len, len, type; char owner[8]; uint32_t word; } note
    __attribute__((used, aligned(4), section(".note.other"))) = {6, 4, 1, "other", 7};
C
    run -0 wfrun run --ephemeral noted.yaml
}

@test "each plugin of this build has a note" {
    for file in "$top_builddir"/plugins/all/*.so; do
        readelf -n "$file" | grep -q wfrun || { echo "$file"; false; }
    done
}
