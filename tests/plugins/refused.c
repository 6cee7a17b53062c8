/* refused.c: plugins that must not be loaded, one sin each. Compiled once for every SIN. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <wfrun/plugin.h>

#define WRONG_ABI     1
#define NO_ENTRY      2
#define INCOMPLETE    3
#define CRASH_IN_OPEN 4
#define ABORT_IN_OPEN 5
#define OPEN_FAILS    6
#define CRASH_IN_LOAD 7
#define TAKEN_STEP    8
#define BAD_SCHEMA    9
#define NO_UNDO       10
#define SHORT_STEP    11
#define REFUSES_HOST  12
#define EXIT_IN_OPEN  13
#define NO_NAME       14
#define SAME_STEP     15
#define SHORT_PLUGIN  16
#define HANG_IN_OPEN  17

static void run(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
}

static const struct wf_step_type step = {
    .size = SIN == SHORT_STEP ? 8 : sizeof step,
    .effect = SIN == NO_UNDO ? WF_EFFECT_WRITE : WF_EFFECT_NONE,
    .name = SIN == TAKEN_STEP ? "bad-no-answer"
            : SIN == NO_NAME  ? NULL
                              : "never",
    .summary = "For tests",
    .run = SIN == INCOMPLETE ? NULL : run,
    .output_schema = SIN == BAD_SCHEMA ? "{\"type\":\"nonsense\"}" : NULL,
};
static const struct wf_step_type *const steps[] = {&step, SIN == SAME_STEP ? &step : NULL, NULL};

static int32_t open_plugin(const struct wf_host *host, void **ret_state)
{
    (void)host;
    *ret_state = NULL;
    if (SIN == CRASH_IN_OPEN)
        raise(SIGSEGV);
    if (SIN == ABORT_IN_OPEN)
        abort();
    if (SIN == EXIT_IN_OPEN)
        exit(0);
    while (SIN == HANG_IN_OPEN)
        pause();
    return SIN == OPEN_FAILS ? -5 : 0;
}

static const struct wf_plugin plugin = {
    .size = SIN == SHORT_PLUGIN ? 16 : sizeof plugin,
    .abi_major = SIN == WRONG_ABI ? WF_ABI_MAJOR + 1 : WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "refused",
    .version = "1.0.0",
    .summary = "For tests",
    .steps = steps,
    .open = open_plugin,
};

#if SIN == CRASH_IN_LOAD
static void __attribute__((constructor)) crash(void)
{
    raise(SIGBUS);
}
#endif

#if SIN == NO_ENTRY
const struct wf_plugin *not_the_entry(void);
const struct wf_plugin *not_the_entry(void)
{
    return &plugin;
}
#else
const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return SIN == REFUSES_HOST ? NULL : &plugin;
}
#endif
