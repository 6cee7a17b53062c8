/* secrets.c: reads secrets and has them masked. */
#include "cli/secrets.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/input.h"
#include "def/yaml.h"

struct secret {
    struct secret *next;
    char *name, *json;
};

struct wf_secrets {
    struct secret *first;
};

/* Keys of an object are no secrets, but every text in it may be. Objects of secrets are shallow: depth is bounded by the
 * reader. */
static void mask(const jv *value)
{
    jv_kind kind = jv_get_kind(*value);
    if (kind == JV_KIND_STRING) {
        wf_mask_add(jv_string_value(*value), (size_t)jv_string_length_bytes(jv_copy(*value)));
    } else if (kind == JV_KIND_ARRAY) {
        jv_array_foreach(*value, i, item) {
            mask(&item);
            jv_free(item);
        }
    } else if (kind == JV_KIND_OBJECT) {
        jv_object_foreach(*value, key, item) {
            mask(&item);
            jv_free(key);
            jv_free(item);
        }
    }
}

static void put(struct wf_secrets *secrets, const char *name, const jv *value)
{
    struct secret *s = secrets->first;
    while (s && strcmp(s->name, name) != 0)
        s = s->next;
    if (!s) {
        s = wf_calloc(1, sizeof *s);
        s->name = wf_strdup(name);
        s->next = secrets->first;
        secrets->first = s;
    }
    free(s->json);
    s->json = wf_val_text(value);
    mask(value);
}

static void warn_readable(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)))
        wf_log(WF_LOGL_WARN, "the secrets in %s can be read by others; take the right away: chmod 600 %s", path, path);
}

/* No excerpt: it could show a secret. */
static int bad(const struct wf_diags *diags, const char *path, struct wf_err *err)
{
    static char file[PATH_MAX]; /* outlives the paths that are made here */
    const struct wf_diag *diag = diags->count ? &diags->items[0] : NULL;
    struct wf_loc loc = diag ? diag->loc : (struct wf_loc){NULL, 1, 1};
    snprintf(file, sizeof file, "%s", path);
    loc.file = file;
    wf_err_at(err, WF_EINVAL, loc, "%s", diag ? diag->msg : "not a map of name to text or object");
    wf_err_hint(
        err, "--secrets takes a JSON or YAML map of name to text or object, or a folder with one file for each");
    return WF_EINVAL;
}

static int load_map(struct wf_secrets *secrets, const char *path, struct wf_err *err)
{
    struct wf_diags diags;
    jv map = jv_null();
    wf_diags_init(&diags);
    int rc = wf_input_read(path, &diags, &map);
    if (rc < 0) {
        bad(&diags, path, err);
    } else if (jv_get_kind(map) != JV_KIND_OBJECT) {
        rc = bad(&diags, path, err);
    } else {
        warn_readable(path);
        jv_object_foreach(map, key, value) {
            put(secrets, jv_string_value(key), &value);
            jv_free(key);
            jv_free(value);
        }
    }
    jv_free(map);
    wf_diags_done(&diags);
    return rc;
}

/* NAME holds the text, NAME.json and NAME.yaml a value. */
static int load_entry(struct wf_secrets *secrets, const char *folder, const char *name, struct wf_err *err)
{
    char *path = wf_asprintf("%s/%s", folder, name), *bare = wf_strdup(name), *text = NULL;
    const char *dot = strrchr(name, '.');
    bool structured = dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
    struct wf_diags diags;
    struct stat st;
    size_t len = 0;
    jv value = jv_null();
    int rc = 0;
    wf_diags_init(&diags);
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        goto out;
    if (structured) {
        bare[dot - name] = '\0';
        rc = wf_input_read(path, &diags, &value);
        if (rc < 0)
            bad(&diags, path, err);
    } else {
        rc = wf_yaml_read_file(path, &text, &len, err);
        if (rc == 0) {
            len -= len && text[len - 1] == '\n';
            jv_free(value);
            value = jv_string_sized(text, (int)len);
        }
    }
    if (rc == 0) {
        warn_readable(path);
        put(secrets, bare, &value);
    }
out:
    jv_free(value);
    wf_diags_done(&diags);
    free(text);
    free(bare);
    free(path);
    return rc;
}

static int load_folder(struct wf_secrets *secrets, const char *path, struct wf_err *err)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int rc = 0;
    if (!dir)
        return wf_err_set(err, WF_EINVAL, "secrets %s: %m", path);
    while (rc == 0 && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            rc = load_entry(secrets, path, entry->d_name, err);
    closedir(dir);
    return rc;
}

int wf_secrets_load(const char *path, struct wf_secrets **ret, struct wf_err *err)
{
    struct wf_secrets *secrets = wf_calloc(1, sizeof *secrets);
    struct stat st;
    int rc = 0;
    if (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        rc = load_folder(secrets, path, err);
    else if (path)
        rc = load_map(secrets, path, err);
    if (rc < 0) {
        wf_secrets_free(secrets);
        return rc;
    }
    *ret = secrets;
    return 0;
}

void wf_secrets_free(struct wf_secrets *secrets)
{
    while (secrets && secrets->first) {
        struct secret *s = secrets->first;
        secrets->first = s->next;
        explicit_bzero(s->json, strlen(s->json));
        free(s->json);
        free(s->name);
        free(s);
    }
    free(secrets);
}

const char *wf_secrets_get(const struct wf_secrets *secrets, const char *name)
{
    for (const struct secret *s = secrets->first; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return s->json;
    return NULL;
}

void wf_secrets_put(struct wf_secrets *secrets, const char *name, const char *json)
{
    struct wf_err err = {0};
    jv value;
    if (wf_val_parse(json, strlen(json), &value, &err) < 0)
        return;
    put(secrets, name, &value);
    jv_free(value);
}
