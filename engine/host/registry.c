/* registry.c: the plugins of this process and their steps by name. */
#include "config.h" /* _GNU_SOURCE */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/host_priv.h"
#include "loop/hosts.h"

#define MOST_PLUGINS 1000

#define APPEND(array, count, item)                                                                                     \
    do {                                                                                                               \
        (array) = wf_realloc((array), ((count) + 1) * sizeof *(array));                                                \
        (array)[(count)++] = (item);                                                                                   \
    } while (0)

const char *const wf_effect_names[] = {"none", "read", "write", "spend", "irreversible"};

static bool is_same_name(const char *path, const char *other)
{
    size_t len, other_len;
    const char *a = wf__plugin_name(path, &len), *b = wf__plugin_name(other, &other_len);

    return len == other_len && memcmp(a, b, len) == 0;
}

static struct wf__entry *find_entry(const struct wf_hosting *hosting, const char *step)
{
    for (size_t i = 0; i < hosting->nentries; i++) {
        if (strcmp(hosting->entries[i]->public.type->name, step) == 0)
            return hosting->entries[i];
    }
    return NULL;
}

/* ---- taking a plugin in ---- */

static int make_entries(
    struct wf_hosting *hosting, struct wf__plugin *plugin, struct wf__entry **entries, struct wf_err *ret_err)
{
    const struct wf_step_type *const *steps = plugin->descriptor->steps;

    for (size_t i = 0; steps[i]; i++) {
        const struct wf__entry *taken = find_entry(hosting, steps[i]->name);
        if (taken)
            return wf_err_set(
                ret_err, WF_EINVAL, "its step %s is already there, from %s", steps[i]->name, taken->plugin->file);
        int rc = wf__entry_new(plugin, steps[i], &entries[i], ret_err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* All steps of a plugin, or none. */
static int add_plugin(struct wf_hosting *hosting, struct wf__plugin *plugin, struct wf_err *ret_err)
{
    size_t count = 0;

    while (plugin->descriptor->steps[count])
        count++;
    struct wf__entry **entries = wf_calloc(count, sizeof *entries);
    int rc = make_entries(hosting, plugin, entries, ret_err);
    for (size_t i = 0; i < count; i++) {
        if (rc == 0)
            APPEND(hosting->entries, hosting->nentries, entries[i]);
        else
            wf__entry_free(entries[i]);
    }
    if (rc == 0)
        APPEND(hosting->plugins, hosting->nplugins, plugin);
    free(entries);
    return rc;
}

static bool is_known(const struct wf_hosting *hosting, const char *file)
{
    for (size_t i = 0; i < hosting->nplugins; i++) {
        /* Of two files with one name in two folders the first counts; a shared object before a manifest. */
        if (is_same_name(hosting->plugins[i]->file, file))
            return true;
    }
    for (size_t i = 0; i < hosting->nrefusals; i++) {
        if (strcmp(hosting->refusals[i]->file, file) == 0)
            return true;
    }
    return false;
}

static void close_plugin(struct wf__plugin *plugin)
{
    if (plugin->descriptor->close)
        plugin->descriptor->close(plugin->state);
    wf_manifest_free(plugin->manifest);
    wf__apart_free(plugin->apart);
    free(plugin->file);
    free(plugin);
}

static void load_file(struct wf_hosting *hosting, const char *path)
{
    char file[PATH_MAX];
    struct wf__plugin *plugin = NULL;
    struct wf_err err = {0};

    if (!realpath(path, file) || is_known(hosting, file) || hosting->nplugins >= MOST_PLUGINS)
        return;
    bool is_apart = false;
    int rc = hosting->settings.admit ? hosting->settings.admit(hosting->settings.arg, file, &err) : 0;
    if (rc == 0)
        rc = wf__apart_wanted(hosting, file, &is_apart, &err);
    const char *hosts = rc == 0 ? wf__plugin_setting(hosting, file, "hosts") : NULL;
    if (hosts)
        rc = wf_hosts_check(hosts, &err);
    if (rc == 0)
        rc = is_apart ? wf__apart_load(hosting, file, &plugin, &err)
                      : wf__plugin_load(file, hosting->settings.table, &plugin, &err);
    if (rc == 0) {
        plugin->hosts = hosts;
        rc = add_plugin(hosting, plugin, &err);
        if (rc != 0)
            close_plugin(plugin);
    }
    if (rc == 0)
        return;
    struct wf__refusal *refusal = wf_calloc(1, sizeof *refusal);
    *refusal = (struct wf__refusal){wf_strdup(file), err};
    APPEND(hosting->refusals, hosting->nrefusals, refusal);
}

/* ---- folders ---- */

/* A plugin called NAME is DIR/NAME.so or DIR/NAME.function.yaml or, in a folder of its own, DIR/NAME/NAME.so or
 * DIR/NAME/function.yaml. A build leaves a shared object in a folder .libs, with a NAME.la where it ought to be. */
static void load_named(struct wf_hosting *hosting, const char *dir, const char *name)
{
    char paths[6][PATH_MAX];

    snprintf(paths[0], PATH_MAX, "%s/%s.so", dir, name);
    snprintf(paths[1], PATH_MAX, "%s/%s/%s.so", dir, name, name);
    snprintf(paths[2], PATH_MAX, "%s/%s/.libs/%s.so", dir, name, name);
    snprintf(paths[3], PATH_MAX, "%s/.libs/%s.so", dir, name);
    snprintf(paths[4], PATH_MAX, "%s/%s.function.yaml", dir, name);
    snprintf(paths[5], PATH_MAX, "%s/%s/function.yaml", dir, name);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (access(paths[i], F_OK) == 0) {
            load_file(hosting, paths[i]);
            return;
        }
    }
}

static void load_dir(struct wf_hosting *hosting, const char *dir)
{
    struct dirent **names = NULL;
    int count = scandir(dir, &names, NULL, alphasort); /* sorted: the same plugin wins on every machine */

    for (int i = 0; i < count; i++) {
        char *name = names[i]->d_name, *dot = strchr(name, '.');
        bool is_plugin =
            dot && (strcmp(dot, ".so") == 0 || strcmp(dot, ".la") == 0 || strcmp(dot, ".function.yaml") == 0);
        if (is_plugin)
            *dot = '\0';
        if (name[0] != '.' && (is_plugin || !dot))
            load_named(hosting, dir, name);
        free(names[i]);
    }
    free(names);
}

void wf_hosting_load_all(
    struct wf_hosting *hosting, void (*refused)(void *arg, const char *file, const struct wf_err *), void *arg)
{
    for (size_t i = 0; !hosting->loaded_all && hosting->dirs[i]; i++)
        load_dir(hosting, hosting->dirs[i]);
    hosting->loaded_all = true;
    for (size_t i = 0; refused && i < hosting->nrefusals; i++)
        refused(arg, hosting->refusals[i]->file, &hosting->refusals[i]->err);
}

int wf_hosting_load(struct wf_hosting *hosting, const char *name, struct wf_err *ret_err)
{
    for (size_t i = 0; hosting->dirs[i]; i++)
        load_named(hosting, hosting->dirs[i], name);
    for (size_t i = 0; i < hosting->nplugins; i++) {
        if (is_same_name(hosting->plugins[i]->file, name))
            return 0;
    }
    const struct wf_err *refusal = wf_hosting_refusal(hosting, name);
    if (!refusal)
        return wf_err_set(ret_err, WF_ENOTFOUND, "there is no plugin %s", name);
    wf_err_hint(ret_err, "%s", refusal->hint);
    return wf_err_set(ret_err, refusal->code, "the plugin %s is refused: %s", name, refusal->msg);
}

/* ---- looking up ---- */

const struct wf_step_entry *wf_hosting_find(struct wf_hosting *hosting, const char *step, const char *version)
{
    struct wf__entry *entry = find_entry(hosting, step);

    for (size_t i = 0; !entry && !hosting->loaded_all && !strchr(step, '/') && hosting->dirs[i]; i++) {
        load_named(hosting, hosting->dirs[i], step);
        entry = find_entry(hosting, step);
    }
    if (!entry && !hosting->loaded_all) {
        wf_hosting_load_all(hosting, NULL, NULL);
        entry = find_entry(hosting, step);
    }
    if (!entry || (version && strcmp(entry->public.plugin->version, version) != 0))
        return NULL;
    return &entry->public;
}

size_t wf_hosting_count(const struct wf_hosting *hosting)
{
    return hosting->nentries;
}

const struct wf_step_entry *wf_hosting_at(const struct wf_hosting *hosting, size_t index)
{
    return &hosting->entries[index]->public;
}

const struct wf_err *wf_hosting_refusal(const struct wf_hosting *hosting, const char *step)
{
    for (size_t i = 0; i < hosting->nrefusals; i++) {
        size_t len;
        const char *name = wf__plugin_name(hosting->refusals[i]->file, &len);
        if (strlen(step) == len && memcmp(name, step, len) == 0)
            return &hosting->refusals[i]->err;
    }
    return NULL;
}

uint32_t wf_step_effect(const struct wf_step_entry *entry, struct wf_bytes input, bool *ret_idempotent)
{
    const struct wf_step_type *type = entry->type;
    uint32_t flags = type->flags;
    const struct wf__entry *own = wf__container_of(entry, struct wf__entry, public);
    uint32_t effect = type->effect;

    if (type->effect_of && entry->is_apart) {
        effect = wf__apart_effect(own->plugin->apart, type, input, &flags);
    } else if (type->effect_of) {
        struct wf_call_here before = wf__hand_over(own, "effect_of");
        effect = type->effect_of(input, &flags);
        wf__take_back(before);
    }

    *ret_idempotent = (flags & WF_STEP_IDEMPOTENT) != 0;
    /* What it cannot name is treated with the greatest care. */
    return effect <= WF_EFFECT_IRREVERSIBLE ? effect : WF_EFFECT_IRREVERSIBLE;
}

/* ---- the hosting ---- */

int wf_hosting_new(const struct wf_hosting_settings *settings, struct wf_hosting **ret, struct wf_err *ret_err)
{
    struct wf_hosting *hosting = wf_calloc(1, sizeof *hosting);
    size_t count = 0;

    (void)ret_err;
    hosting->settings = *settings;
    hosting->settings.plugin_dirs = NULL;
    if (!hosting->settings.table)
        hosting->settings.table = &wf__host_table;
    while (settings->plugin_dirs && settings->plugin_dirs[count])
        count++;
    hosting->dirs = wf_calloc(count + 1, sizeof *hosting->dirs);
    for (size_t i = 0; i < count; i++)
        hosting->dirs[i] = wf_strdup(settings->plugin_dirs[i]);
    pthread_mutex_init(&hosting->settings_lock, NULL);
    *ret = hosting;
    return 0;
}

void wf_hosting_free(struct wf_hosting *hosting)
{
    if (!hosting)
        return;
    for (size_t i = 0; i < hosting->nplugins; i++) {
        if (hosting->plugins[i]->gate.running > 0)
            return; /* a worker that never returned still looks at it */
    }
    for (size_t i = 0; i < hosting->nentries; i++)
        wf__entry_free(hosting->entries[i]);
    for (size_t i = 0; i < hosting->nplugins; i++)
        close_plugin(hosting->plugins[i]);
    for (size_t i = 0; i < hosting->nrefusals; i++) {
        free(hosting->refusals[i]->file);
        free(hosting->refusals[i]);
    }
    for (size_t i = 0; hosting->dirs[i]; i++)
        free(hosting->dirs[i]);
    free(hosting->dirs);
    free(hosting->entries);
    free(hosting->plugins);
    free(hosting->refusals);
    pthread_mutex_destroy(&hosting->settings_lock);
    free(hosting);
}
