/* first.c: a plugin as somebody compiled it when there was only ABI 1.0: abi.bats loads it into today's wfrun. It is compiled
 * with the header of that time, plugin-1.0.h. */
#include "plugin-1.0.h"
#include <stdio.h>

#if WF_ABI_MINOR != 0
#error "this is to be compiled with the header of ABI 1.0"
#endif

static const struct wf_host *host;

#define BYTES(text) ((struct wf_bytes){text, sizeof text - 1})

/* A line for each call, in the file of the setting. */
static void note(struct wf_step *step, const char *word)
{
    const char *path = host->config(step, "file");
    FILE *lines = path ? fopen(path, "a") : NULL;

    if (!lines)
        return;
    fprintf(lines, "%s %s\n", word, host->idempotency_key(step));
    fclose(lines);
}

static void run(struct wf_step *step, void *state)
{
    (void)state;
    note(step, "run");
    host->succeed(step, BYTES("{\"made\":true}"));
}

static void plan(struct wf_step *step, void *state)
{
    struct wf_planned planned = {
        sizeof planned, WF_ACTION_CREATE, "make it", 2500000, "EUR", BYTES("{\"made\":true}"), BYTES("{\"it\":1}")};

    (void)state;
    host->planned(step, &planned);
}

static void verify(struct wf_step *step, void *state)
{
    (void)state;
    host->verdict(step, WF_VERDICT_NO, (struct wf_bytes){NULL, 0}, NULL);
}

static void undo(struct wf_step *step, void *state)
{
    (void)state;
    note(step, "undo");
    host->succeed(step, BYTES("null"));
}

static const struct wf_step_type make = {
    .size = sizeof make,
    .effect = WF_EFFECT_SPEND,
    .name = "first-make",
    .summary = "Makes it",
    .run = run,
    .plan = plan,
    .verify = verify,
    .undo = undo,
};
static const struct wf_step_type *const steps[] = {&make, NULL};

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    host = given;
    *ret_state = NULL;
    return 0;
}

static const struct wf_config_row file = {sizeof file, "file", NULL, "Where the lines go"};
static const struct wf_config_row *const config[] = {&file, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "first",
    .version = "1.0.0",
    .summary = "Compiled with the first header",
    .config = config,
    .steps = steps,
    .open = open_plugin,
};

WF_EXPORT const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    return host_abi >> 16 == WF_ABI_MAJOR ? &plugin : NULL;
}
