/* load.c: one shared object or function.yaml becomes a plugin, or a sentence that says why not.
 *
 * A crash while the plugin loads or opens is caught by signal handlers that are set only then; docs/decisions says why
 * this and not a child process. */
#include "config.h" /* _GNU_SOURCE */

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/check.h"
#include "host/host_priv.h"

#define CRASH_STACK ((size_t)64 * 1024)

/* ---- crashes while loading ---- */

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define NCRASH (sizeof crash_signals / sizeof *crash_signals)

static struct {
    sigjmp_buf back;
    pthread_t thread;
    struct sigaction before[NCRASH];
    stack_t stack_before;
    const char *volatile file; /* being loaded; NULL: none */
} guard;

static void crashed(int number)
{
    if (pthread_equal(pthread_self(), guard.thread))
        siglongjmp(guard.back, number);
    signal(number, SIG_DFL); /* another thread's: it faults again, and the process ends as it would have */
}

/* Whatever status the plugin chose: it must not look as if something had been done. */
static void explain_exit(void)
{
    if (!guard.file)
        return;
    wf_log(WF_LOGL_ERROR, "the plugin %s ended the process while it was loaded", guard.file);
    _exit(EX_SOFTWARE);
}

static void guard_begin(const char *file)
{
    static bool has_hook;
    static _Alignas(16) char stack[CRASH_STACK];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_ONSTACK};

    if (!has_hook)
        has_hook = atexit(explain_exit) == 0;
    guard.thread = pthread_self();
    guard.file = file;
    sigaltstack(&alternate, &guard.stack_before);
    for (size_t i = 0; i < NCRASH; i++)
        sigaction(crash_signals[i], &action, &guard.before[i]);
}

static void guard_end(void)
{
    for (size_t i = 0; i < NCRASH; i++)
        sigaction(crash_signals[i], &guard.before[i], NULL);
    sigaltstack(&guard.stack_before, NULL);
    guard.file = NULL;
}

/* ---- loading ---- */

static int load_guarded(struct wf__plugin *plugin, const struct wf_host *table, struct wf_err *ret_err)
{
    const struct wf_plugin *descriptor = NULL;
    int rc = wf__object_open(plugin->file, NULL, &plugin->manifest, &descriptor, ret_err);

    if (rc != 0)
        return rc;
    plugin->descriptor = descriptor;
    int32_t opened = descriptor->open(table, &plugin->state);
    if (opened != 0)
        return wf_err_set(ret_err, WF_EINVAL, "its open failed (%d)", opened);
    for (size_t i = 0; descriptor->steps[i]; i++)
        plugin->has_serial = plugin->has_serial || (descriptor->steps[i]->flags & WF_STEP_SERIAL);
    plugin->gate.most = plugin->has_serial;
    return 0;
}

int wf__plugin_load(const char *file, const struct wf_host *table, struct wf__plugin **ret, struct wf_err *ret_err)
{
    int rc = wf__check_file(file, ret_err);

    if (rc != 0)
        return rc;
    struct wf__plugin *plugin = wf_calloc(1, sizeof *plugin);
    plugin->file = wf_strdup(file);
    guard_begin(plugin->file);
    int number = sigsetjmp(guard.back, 1);
    if (number == 0)
        rc = load_guarded(plugin, table, ret_err);
    else
        rc = wf_err_set(ret_err, WF_EINVAL, "it crashed in %s (%s)",
            plugin->descriptor ? "its open function" : "loading", strsignal(number));
    guard_end();
    if (rc != 0) {
        wf_manifest_free(plugin->manifest);
        free(plugin->file);
        free(plugin);
        return rc;
    }
    *ret = plugin;
    return 0;
}

static int compile_schema(
    const char *text, const char *what, const char *step, struct wf_schema **ret, struct wf_err *ret_err)
{
    struct wf_err err = {0};
    jv value;

    if (!text)
        return 0;
    int rc = wf_val_parse(text, strlen(text), &value, &err);
    if (rc == 0)
        rc = wf_schema_new(value, ret, &err);
    if (rc != 0)
        wf_err_set(ret_err, WF_EINVAL, "the %s schema of the step %s is wrong: %s", what, step, err.msg);
    return rc;
}

int wf__entry_new(
    struct wf__plugin *plugin, const struct wf_step_type *type, struct wf__entry **ret, struct wf_err *ret_err)
{
    struct wf__entry *entry = wf_calloc(1, sizeof *entry);

    entry->plugin = plugin;
    entry->gate.most = type->max_parallel;
    entry->public.type = type;
    entry->public.plugin = plugin->descriptor;
    entry->public.file = plugin->file;
    entry->public.state = plugin->state;
    entry->public.is_apart = plugin->apart != NULL;
    int rc = compile_schema(type->input_schema, "input", type->name, &entry->public.input_schema, ret_err);
    if (rc == 0)
        rc = compile_schema(type->output_schema, "output", type->name, &entry->public.output_schema, ret_err);
    if (rc != 0) {
        wf__entry_free(entry);
        return rc;
    }
    *ret = entry;
    return 0;
}

void wf__entry_free(struct wf__entry *entry)
{
    if (!entry)
        return;
    wf_schema_free(entry->public.input_schema);
    wf_schema_free(entry->public.output_schema);
    free(entry);
}
