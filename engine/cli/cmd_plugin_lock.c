/* cmd_plugin_lock.c: `wfrun plugin lock`: writes down which plugins a workflow needs, or tells what has changed since. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/diag_print.h"
#include "cli/lock.h"
#include "cli/plugin_sub.h"
#include "cli/register.h"

struct search {
    struct wf_registry *registry;
    jv plugins; /* found so far */
    jv seen;    /* sub-workflows by NAMESPACE/NAME/VERSION, functions */
    int status;
};

static void take(struct search *, const struct wf_def *);

static bool is_new(struct search *search, const char *key)
{
    jv seen = wf_val_get(&search->seen, key);
    bool is_new = !jv_is_valid(seen);
    jv_free(seen);
    search->seen = wf_val_set(search->seen, key, jv_true());
    return is_new;
}

/* A lock that lacks what this one needs would stop a run half way, so it is not made. */
static void take_sub(struct search *search, const struct wf_task *task)
{
    const char *version = task->run.version;
    char *key =
        wf_asprintf("%s/%s%s%s", task->run.namespace_, task->run.name, version ? "/" : "", version ? version : "");
    bool fresh = is_new(search, key);
    struct wf_def *def =
        fresh ? wf_registry_find(search->registry, task->run.namespace_, task->run.name, version) : NULL;
    if (fresh && !def) {
        fprintf(stderr, "%s:%d:%d: error: the workflow %s is not to be found, so its plugins are not known\n",
            task->loc.file, task->loc.line, task->loc.col, key);
        fputs("  hint: --register FILE|DIR says where it is\n", stderr);
        search->status = WF_EXIT_INVALID;
    }
    if (def)
        take(search, def);
    wf_def_unref(def);
    free(key);
}

static void look(void *arg, const struct wf_task *task)
{
    struct search *search = arg;
    if (task->kind == WF_TASK_RUN)
        take_sub(search, task);
    if (task->kind != WF_TASK_CALL || !task->call.function)
        return;
    char *key = wf_asprintf("%p", (const void *)task->call.function); /* it may call itself */
    if (is_new(search, key))
        wf_task_each(&(struct wf_task_list){&task->call.function->task, 1, ""}, look, search);
    free(key);
}

static void take(struct search *search, const struct wf_def *def)
{
    for (const struct wf_step_use *use = def->steps; use; use = use->next)
        search->plugins = wf_lock_add(search->plugins, use->step->entry);
    wf_task_each(&def->body, look, search);
}

/* 0 with *ret, or an exit status after words. */
static int find_plugins(struct wf_world *world, struct wf_config *config, const char *path, jv *ret)
{
    struct search search = {.plugins = jv_object(), .seen = jv_object()};
    struct wf_diags diags;
    struct wf_def *def = NULL;
    char *text = NULL;
    size_t len = 0;
    wf_diags_init(&diags);
    search.status = wf_world_load(world, path, &diags, &def, &text, &len);
    wf_diags_print(stderr, &diags, text, len);
    wf_diags_done(&diags);
    free(text);
    if (!search.status) {
        search.registry = wf_registry_new(world, config, path);
        take(&search, def);
        wf_registry_free(search.registry);
    }
    wf_def_unref(def);
    jv_free(search.seen);
    *ret = search.plugins;
    return search.status;
}

enum { IS_THERE, IS_OTHER, IS_MISSING };

static int look_up(const jv *plugins, const char *name, const jv *here)
{
    jv there = wf_val_get(plugins, name);
    int found = !jv_is_valid(there)                                                                    ? IS_MISSING
                : strcmp(wf_val_string(here, "sha256", ""), wf_val_string(&there, "sha256", "?")) == 0 ? IS_THERE
                                                                                                       : IS_OTHER;
    jv_free(there);
    return found;
}

/* A line for each plugin of `a` that is missing from `b`, or is another one there; words NULL: that is not told. */
static size_t tell(const jv *a, const jv *b, const char *other, const char *missing)
{
    size_t count = 0;
    jv_object_foreach(*a, name, here) {
        int found = look_up(b, jv_string_value(name), &here);
        const char *words = found == IS_OTHER ? other : found == IS_MISSING ? missing : NULL;
        if (words)
            fprintf(stderr, "wfrun: the plugin %s %s\n", jv_string_value(name), words);
        count += words != NULL;
        jv_free(name);
        jv_free(here);
    }
    return count;
}

static int check(const char *file, const char *path, const jv *plugins)
{
    struct wf_lock *lock;
    struct wf_err err = {0};
    if (wf_lock_read(file, &lock, &err) < 0) {
        wf_err_hint(&err, "to make it: wfrun plugin lock %s", path);
        return wf_complain(&err, WF_EXIT_INVALID);
    }
    jv locked = wf_lock_plugins(lock);
    size_t count =
        tell(plugins, &locked, "has changed", "is new") + tell(&locked, plugins, NULL, "is not needed any more");
    jv_free(locked);
    wf_lock_free(lock);
    if (count)
        fprintf(stderr, "  hint: if that is meant: wfrun plugin lock %s\n", path);
    return count ? WF_EXIT_INVALID : WF_EXIT_OK;
}

int wf_plugin_lock(struct wf_invocation *inv)
{
    const char *path = inv->opts.args[1];
    struct wf_world world;
    struct wf_err err = {0};
    jv plugins;
    if (strcmp(path, "-") == 0) {
        fputs("wfrun: plugin lock: a lock stands beside the file of a workflow; name that\n", stderr);
        return WF_EXIT_USAGE;
    }
    if (wf_world_init(&world, inv->config, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int status = find_plugins(&world, inv->config, path, &plugins);
    char *file = wf_lock_file(path);
    if (!status && wf_opts_has(&inv->opts, WF_OPT_CHECK)) {
        status = check(file, path, &plugins);
    } else if (!status && wf_lock_write(file, &plugins, &err) < 0) {
        status = wf_complain(&err, wf_exit_of(&err));
    } else if (!status) {
        int count = jv_object_length(jv_copy(plugins));
        fprintf(stderr, "wfrun: %s written: %d plugin%s\n", file, count, count == 1 ? "" : "s");
    }
    free(file);
    jv_free(plugins);
    wf_world_done(&world);
    return status;
}
