/* lock.c: lock files, read, written and asked. See lock.h. */
#include "cli/lock.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/whole_file.h"

#define FORMAT  "wfrun-lock"
#define VERSION 1

struct wf_lock {
    char *file;
    jv plugins;
};

char *wf_lock_file(const char *workflow)
{
    return wf_asprintf("%s.lock", workflow);
}

static int parse(const char *file, const char *text, size_t len, jv *ret, struct wf_err *err)
{
    struct wf_err why = {0};
    jv whole = jv_invalid();
    int rc = wf_val_parse(text, len, &whole, &why);
    jv plugins = wf_val_get(&whole, "plugins");
    if (rc < 0) {
        rc = wf_err_set(err, WF_EINVAL, "%s is no lock file: %s", file, why.msg);
    } else if (strcmp(wf_val_string(&whole, "format", ""), FORMAT) != 0 || jv_get_kind(plugins) != JV_KIND_OBJECT) {
        rc = wf_err_set(err, WF_EINVAL, "%s is no lock file", file);
    } else if (wf_val_number(&whole, "version", 0) != VERSION) {
        rc = wf_err_set(err, WF_EMISMATCH, "%s is a lock of format version %g, and this wfrun knows %d", file,
            wf_val_number(&whole, "version", 0), VERSION);
    }
    jv_free(whole);
    if (rc < 0) {
        wf_err_hint(err, "make it anew with `wfrun plugin lock`");
        jv_free(plugins);
        return rc;
    }
    *ret = plugins;
    return 0;
}

int wf_lock_read(const char *file, struct wf_lock **ret, struct wf_err *err)
{
    char *text;
    size_t len;
    jv plugins;
    int rc = wf_whole_file_read(file, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = parse(file, text, len, &plugins, err);
    free(text);
    if (rc < 0)
        return rc;
    *ret = wf_calloc(1, sizeof **ret);
    **ret = (struct wf_lock){wf_strdup(file), plugins};
    return 0;
}

void wf_lock_free(struct wf_lock *lock)
{
    if (!lock)
        return;
    jv_free(lock->plugins);
    free(lock->file);
    free(lock);
}

jv wf_lock_plugins(const struct wf_lock *lock)
{
    return jv_copy(lock->plugins);
}

jv wf_lock_add(jv plugins, const struct wf_step_entry *entry)
{
    char sha256[WF_SHA256_TEXT], *name = wf_plugin_name_of(entry->file);
    wf_plugin_digest(entry->file, sha256);
    jv one = wf_val_set(jv_object(), "version", jv_string(entry->plugin->version));
    plugins = wf_val_set(plugins, name, wf_val_set(one, "sha256", jv_string(sha256)));
    free(name);
    return plugins;
}

int wf_lock_write(const char *file, const jv *plugins, struct wf_err *err)
{
    struct wf_buf text;
    jv sorted = jv_object(), names = jv_keys(jv_copy(*plugins)); /* so that two locks are compared line by line */
    jv_array_foreach(names, i, name) {
        sorted = jv_object_set(sorted, jv_copy(name), jv_object_get(jv_copy(*plugins), jv_copy(name)));
        jv_free(name);
    }
    jv_free(names);
    jv whole = wf_val_set(jv_object(), "format", jv_string(FORMAT));
    whole = wf_val_set(wf_val_set(whole, "version", jv_number(VERSION)), "plugins", sorted);
    wf_buf_init(&text, SIZE_MAX / 4);
    wf_val_write_pretty(&whole, &text);
    wf_buf_char(&text, '\n');
    int rc = wf_whole_file_write(file, WF_WHOLE_FOR_OTHERS, text.ptr, text.len, err);
    wf_buf_done(&text);
    jv_free(whole);
    return rc;
}

int wf_lock_admit(const struct wf_lock *lock, const char *plugin_file, struct wf_err *err)
{
    char found[WF_SHA256_TEXT] = "", *name = wf_plugin_name_of(plugin_file);
    jv one = wf_val_get(&lock->plugins, name);
    const char *wanted = wf_val_string(&one, "sha256", "");
    int rc = 0;
    if (jv_is_valid(one))
        wf_plugin_digest(plugin_file, found);
    if (!jv_is_valid(one))
        rc = wf_err_set(err, WF_ENOTFOUND, "the plugin %s is not in %s", name, lock->file);
    else if (strcmp(wanted, found) != 0)
        rc = wf_err_set(err, WF_EMISMATCH, "%s is not the plugin that %s has: its SHA-256 is %s, and %s is wanted",
            plugin_file, lock->file, *found ? found : "not to be had", *wanted ? wanted : "none");
    if (rc < 0)
        wf_err_hint(err, "if this plugin is meant, say so with `wfrun plugin lock`; else install the other one");
    jv_free(one);
    free(name);
    return rc;
}
