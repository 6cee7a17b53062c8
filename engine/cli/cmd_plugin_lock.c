/* cmd_plugin_lock.c: `wfrun plugin lock`: writes down which plugins a workflow needs, or tells what has changed since. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/diag_print.h"
#include "cli/lock.h"
#include "cli/plugin_sub.h"
#include "cli/register.h"

struct search {
    struct wf_world *world;
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

/* What is not to be found is a fault of the run, and then no plugin of it is needed. */
static void take_sub(struct search *search, const struct wf_task *task)
{
    const char *version = task->run.version;
    char *key = wf_asprintf("%s/%s/%s", task->run.namespace_, task->run.name, version ? version : "");
    bool fresh = is_new(search, key);
    struct wf_def *def =
        fresh ? wf_registry_find(search->registry, task->run.namespace_, task->run.name, version) : NULL;
    if (fresh && !def) {
        fprintf(stderr, "%s:%d:%d: the workflow %s is not to be found, so its plugins are not known\n", task->loc.file,
            task->loc.line, task->loc.col, key);
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
    struct search search = {.world = world, .plugins = jv_object(), .seen = jv_object()};
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

/* How many names of `a` are missing from `b` or, when they are to be compared, other there; a line for each. */
static size_t differ(const jv *a, const jv *b, bool compare, const char *words)
{
    size_t count = 0;
    jv_object_foreach(*a, name, here) {
        jv there = wf_val_get(b, jv_string_value(name));
        const char *sha256 = wf_val_string(&here, "sha256", "");
        bool same = jv_is_valid(there) && (!compare || strcmp(sha256, wf_val_string(&there, "sha256", "?")) == 0);
        if (!same && jv_is_valid(there) == compare) {
            fprintf(stderr, "wfrun: the plugin %s %s\n", jv_string_value(name), words);
            count++;
        }
        jv_free(name);
        jv_free(here);
        jv_free(there);
    }
    return count;
}

static int check(const char *file, const char *path, const jv *plugins)
{
    struct wf_lock *lock;
    struct wf_err err = {0};
    if (wf_lock_read(file, &lock, &err) < 0)
        return wf_complain(&err, WF_EXIT_INVALID);
    jv locked = wf_lock_plugins(lock);
    size_t count = differ(plugins, &locked, true, "has changed") + differ(plugins, &locked, false, "is new") +
                   differ(&locked, plugins, false, "is not needed any more");
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
