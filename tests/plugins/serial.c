/* serial.c: a plugin whose calls never overlap, whichever step is called. */
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;
static atomic_int inside, overlaps;

static void run(struct wf_step *step, void *state)
{
    struct timespec time = {0, 1000000};

    (void)state;
    if (atomic_fetch_add(&inside, 1) > 0)
        atomic_fetch_add(&overlaps, 1);
    nanosleep(&time, NULL);
    atomic_fetch_sub(&inside, 1);
    const char *text = atomic_load(&overlaps) ? "\"overlapped\"" : "\"alone\"";
    host->succeed(step, (struct wf_bytes){text, strlen(text)});
}

static const struct wf_step_type one = {.size = sizeof one,
    .name = "serial-one",
    .summary = "For tests",
    .flags = WF_STEP_BLOCKING | WF_STEP_SERIAL,
    .run = run};
static const struct wf_step_type two = {
    .size = sizeof two, .name = "serial-two", .summary = "For tests", .flags = WF_STEP_BLOCKING, .run = run};
static const struct wf_step_type *const steps[] = {&one, &two, NULL};

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    host = given;
    *ret_state = NULL;
    return 0;
}

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "serial",
    .version = "1.0.0",
    .summary = "Steps for tests of the host",
    .steps = steps,
    .open = open_plugin,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
