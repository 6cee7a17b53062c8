/* load.c: one shared object or function.yaml becomes a plugin, or a sentence that says why not.
 *
 * A crash while the plugin loads or opens is caught by signal handlers that are set only then; docs/decisions says why
 * this and not a child process. */
#include "config.h" /* _GNU_SOURCE */

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/host_priv.h"

#define MOST_STEPS   200
#define LONGEST_NAME 100
#define CRASH_STACK  ((size_t)64 * 1024)
/* Sizes of ABI 1.0: what any plugin must have. */
#define PLUGIN_1_0    sizeof(struct wf_plugin)
#define STEP_TYPE_1_0 offsetof(struct wf_step_type, plan_undo)

/* ---- who may write the file --------------------------------------------------------------------------------------- */

/* Root, we, and the owner of this very program, who could change it anyway. */
static bool is_trusted_owner(uid_t owner)
{
    struct stat self;

    return owner == 0 || owner == geteuid() || (stat("/proc/self/exe", &self) == 0 && owner == self.st_uid);
}

static int check_one(const char *path, bool is_file, struct wf_err *ret_err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return wf_err_set(ret_err, WF_EIO, "cannot read %s: %s", path, strerror(errno));
    if (is_file && !S_ISREG(st.st_mode))
        return wf_err_set(ret_err, WF_EINVAL, "%s is not a file", path);
    if (!is_trusted_owner(st.st_uid)) {
        wf_err_hint(ret_err, "change its owner: chown %u %s", (unsigned)geteuid(), path);
        return wf_err_set(ret_err, WF_EINVAL, "%s belongs to another user (%u)", path, (unsigned)st.st_uid);
    }
    /* In a sticky folder such as /tmp others can add names, but not replace ours. */
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX))) {
        wf_err_hint(ret_err, "take the right away: chmod go-w %s", path);
        return wf_err_set(
            ret_err, WF_EINVAL, "%s can be written by others (mode %03o)", path, (unsigned)st.st_mode & 0777u);
    }
    return 0;
}

/* path is absolute and without links. */
static int check_modes(const char *path, struct wf_err *ret_err)
{
    char part[PATH_MAX];
    int rc = check_one(path, true, ret_err);

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strrchr(part, '/'); rc == 0 && slash; slash = strrchr(part, '/')) {
        *slash = '\0';
        rc = check_one(part[0] ? part : "/", false, ret_err);
    }
    return rc;
}

/* ---- crashes while loading ---------------------------------------------------------------------------------------- */

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define NCRASH (sizeof crash_signals / sizeof *crash_signals)

static struct {
    sigjmp_buf back;
    pthread_t thread;
    struct sigaction before[NCRASH];
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
    sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < NCRASH; i++)
        sigaction(crash_signals[i], &action, &guard.before[i]);
}

static void guard_end(void)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    for (size_t i = 0; i < NCRASH; i++)
        sigaction(crash_signals[i], &guard.before[i], NULL);
    sigaltstack(&none, NULL);
    guard.file = NULL;
}

/* ---- the descriptor ----------------------------------------------------------------------------------------------- */

static bool is_name(const char *text)
{
    if (!text || !islower((unsigned char)text[0]) || strlen(text) > LONGEST_NAME)
        return false;
    for (; *text; text++) {
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '-')
            return false;
    }
    return true;
}

static int check_step(const struct wf_step_type *type, struct wf_err *ret_err)
{
    if (type->size < STEP_TYPE_1_0)
        return wf_err_set(
            ret_err, WF_EINVAL, "a step type's size is %u and not at least %zu", type->size, STEP_TYPE_1_0);
    if (!is_name(type->name))
        return wf_err_set(ret_err, WF_EINVAL, "a step has no name, or one that is not lower case, digits and hyphens");
    if (!type->run || !type->summary)
        return wf_err_set(
            ret_err, WF_EINVAL, "the step %s has no %s", type->name, type->run ? "summary" : "run function");
    if (type->effect > WF_EFFECT_IRREVERSIBLE)
        return wf_err_set(ret_err, WF_EINVAL, "the step %s has an unknown effect (%u)", type->name, type->effect);
    if (type->effect >= WF_EFFECT_WRITE && !type->undo && !type->no_undo)
        return wf_err_set(
            ret_err, WF_EINVAL, "the step %s changes the world, but has neither undo nor no_undo", type->name);
    return 0;
}

static int check_descriptor(const struct wf_plugin *plugin, struct wf_err *ret_err)
{
    if (plugin->size < offsetof(struct wf_plugin, name))
        return wf_err_set(ret_err, WF_EINVAL, "its descriptor is too short to have an ABI version");
    if (plugin->abi_major != WF_ABI_MAJOR) {
        wf_err_hint(ret_err, "build it again with this version's wfrun/plugin.h");
        return wf_err_set(ret_err, WF_EINVAL, "it was built for plugin ABI %u.%u, and this wfrun has %d.%d",
            plugin->abi_major, plugin->abi_minor, WF_ABI_MAJOR, WF_ABI_MINOR);
    }
    if (plugin->size < PLUGIN_1_0)
        return wf_err_set(
            ret_err, WF_EINVAL, "its descriptor's size is %u and not at least %zu", plugin->size, PLUGIN_1_0);
    if (!is_name(plugin->name))
        return wf_err_set(ret_err, WF_EINVAL, "it has no name, or one that is not lower case, digits and hyphens");
    if (!plugin->version || !plugin->version[0] || !plugin->summary || !plugin->open)
        return wf_err_set(ret_err, WF_EINVAL, "its descriptor is incomplete: version, summary and open are needed");
    if (!plugin->steps || !plugin->steps[0])
        return wf_err_set(ret_err, WF_EINVAL, "it has no steps");
    for (size_t i = 0; plugin->steps[i]; i++) {
        if (i == MOST_STEPS)
            return wf_err_set(ret_err, WF_ELIMIT, "it has more than %d steps", MOST_STEPS);
        if (check_step(plugin->steps[i], ret_err) != 0)
            return WF_EINVAL;
    }
    return 0;
}

/* ---- loading ------------------------------------------------------------------------------------------------------ */

static int load_object(const char *file, const struct wf_plugin **ret, struct wf_err *ret_err)
{
    /* NOW: a missing symbol is a sentence here and not a crash in the middle of a run. */
    void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return wf_err_set(ret_err, WF_EINVAL, "it cannot be loaded: %s", dlerror());
    const struct wf_plugin *(*entry)(uint32_t) = NULL;
    *(void **)&entry = dlsym(object, "wf_plugin_entry");
    if (!entry)
        return wf_err_set(ret_err, WF_EINVAL, "it has no function wf_plugin_entry: it is no plugin of wfrun");
    *ret = entry(WF_ABI);
    if (!*ret)
        return wf_err_set(ret_err, WF_EINVAL, "it refuses this wfrun (plugin ABI %d.%d)", WF_ABI_MAJOR, WF_ABI_MINOR);
    return 0;
}

/* A library named by its path is looked at as a plugin is; one named by its soname is the system's to guard. */
static int load_manifest(struct wf__plugin *plugin, const struct wf_plugin **ret, struct wf_err *ret_err)
{
    char path[PATH_MAX];
    int rc = wf_manifest_load(plugin->file, &plugin->manifest, ret_err);
    const char *library = rc == 0 ? wf_manifest_library_path(plugin->manifest) : NULL;

    if (library)
        rc = realpath(library, path) ? check_modes(path, ret_err)
                                     : wf_err_set(ret_err, WF_EINVAL, "its library %s: %s", library, strerror(errno));
    if (rc == 0)
        rc = wf_manifest_link(plugin->manifest, ret_err);
    if (rc == 0)
        *ret = wf_manifest_plugin(plugin->manifest);
    return rc;
}

static int load_guarded(struct wf__plugin *plugin, const struct wf_host *table, struct wf_err *ret_err)
{
    const struct wf_plugin *descriptor = NULL;
    int rc = wf_manifest_is_file(plugin->file) ? load_manifest(plugin, &descriptor, ret_err)
                                               : load_object(plugin->file, &descriptor, ret_err);
    if (rc == 0)
        rc = check_descriptor(descriptor, ret_err);
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
    int rc = check_modes(file, ret_err);

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
