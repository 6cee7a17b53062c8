/* settings.c: the layers of settings, looked through from the strongest to the weakest. */
#include "config.h" /* _GNU_SOURCE: secure_getenv */

#include "cli/settings.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/suggest.h"
#include "def/yaml.h"

#define CONFIG_MEMORY ((size_t)64 << 20)
#define FILES_MAX     3

struct forced {
    struct forced *next;
    const char *group, *name, *value;
};

struct wf_config {
    struct wf_arena *arena;
    const struct wf_opts *opts;
    struct {
        const struct wf_node *root;
        const char *folder; /* relative paths start here */
    } files[FILES_MAX];
    size_t nfiles;
    jv kept; /* object */
    struct forced *forced;
};

static void list_push(struct wf_config *config, const char ***list, size_t *count, const char *value)
{
    const char **grown = wf_arena_alloc(config->arena, (*count + 2) * sizeof *grown);
    if (*count)
        memcpy(grown, *list, *count * sizeof *grown);
    grown[(*count)++] = value;
    *list = grown;
}

/* ---- files ---- */

static void check_keys(const struct wf_node *root, struct wf_diags *diags)
{
    const char *names[WF_OPTS + 2] = {"plugins"};
    size_t count = 1;
    for (int id = 0; id < WF_OPTS; id++)
        if (wf_opt(id)->flags & WF_OPT_SETTING)
            names[count++] = wf_opt(id)->name;
    for (size_t i = 0; i < root->count; i++) {
        size_t n = 0;
        while (n < count && strcmp(names[n], root->keys[i]->text) != 0)
            n++;
        if (n < count)
            continue;
        const char *close = wf_suggest(root->keys[i]->text, names);
        char *hint = close ? wf_asprintf("did you mean `%s`?", close) : NULL;
        wf_diags_add(diags, WF_SEV_ERROR, 202, root->keys[i]->loc, hint, "unknown setting `%s`", root->keys[i]->text);
        free(hint);
    }
}

static bool is_scalar(const struct wf_node *node)
{
    return node->kind != WF_NODE_LIST && node->kind != WF_NODE_MAP;
}

static void check_values(const struct wf_node *root, struct wf_diags *diags)
{
    for (size_t i = 0; i < root->count; i++) {
        const struct wf_node *value = root->items[i];
        bool plugins = strcmp(root->keys[i]->text, "plugins") == 0;
        if (!plugins && value->kind == WF_NODE_MAP)
            wf_diags_add(
                diags, WF_SEV_ERROR, 205, value->loc, NULL, "`%s` must be text or a list", root->keys[i]->text);
        for (size_t k = 0; !plugins && value->kind == WF_NODE_LIST && k < value->count; k++)
            if (!is_scalar(value->items[k]))
                wf_diags_add(diags, WF_SEV_ERROR, 205, value->items[k]->loc, NULL, "an item of `%s` must be text",
                    root->keys[i]->text);
        if (!plugins)
            continue;
        if (value->kind != WF_NODE_MAP && value->kind != WF_NODE_NULL)
            wf_diags_add(diags, WF_SEV_ERROR, 205, value->loc, NULL, "`plugins` must be a map of group to settings");
        for (size_t g = 0; value->kind == WF_NODE_MAP && g < value->count; g++) {
            const struct wf_node *group = value->items[g];
            for (size_t s = 0; group->kind == WF_NODE_MAP && s < group->count; s++)
                if (!is_scalar(group->items[s]))
                    wf_diags_add(diags, WF_SEV_ERROR, 205, group->items[s]->loc, NULL, "`%s` must be text or a number",
                        group->keys[s]->text);
        }
    }
}

static void load_file(struct wf_config *config, const char *folder, struct wf_diags *diags)
{
    char *path = *folder ? wf_asprintf("%s/wfrun.yaml", folder) : wf_strdup("wfrun.yaml"), here[PATH_MAX];
    char *text = NULL;
    size_t len = 0;
    struct wf_err err = {0};
    const struct wf_node *root = NULL;
    if (access(path, F_OK) != 0)
        goto out;
    if (wf_yaml_read_file(path, &text, &len, &err) < 0) {
        wf_diags_add(
            diags, WF_SEV_ERROR, 101, (struct wf_loc){wf_arena_strdup(config->arena, path), 1, 1}, NULL, "%s", err.msg);
        goto out;
    }
    if (wf_yaml_parse(path, text, len, config->arena, diags, &root) < 0 || root->kind == WF_NODE_NULL)
        goto out;
    if (root->kind != WF_NODE_MAP) {
        wf_diags_add(diags, WF_SEV_ERROR, 205, root->loc, NULL, "settings must be a map");
        goto out;
    }
    check_keys(root, diags);
    check_values(root, diags);
    config->files[config->nfiles].root = root;
    config->files[config->nfiles++].folder =
        wf_arena_strdup(config->arena, *folder || !getcwd(here, sizeof here) ? folder : here);
out:
    free(text);
    free(path);
}

int wf_config_load(const struct wf_opts *opts, struct wf_diags *diags, struct wf_config **ret)
{
    struct wf_config *config = wf_calloc(1, sizeof *config);
    config->arena = wf_arena_new(CONFIG_MEMORY);
    config->opts = opts;
    config->kept = jv_invalid();
    load_file(config, "", diags);
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if ((xdg && *xdg) || (home && *home)) {
        char *folder = xdg && *xdg ? wf_asprintf("%s/wfrun", xdg) : wf_asprintf("%s/.config/wfrun", home);
        load_file(config, folder, diags);
        free(folder);
    }
    load_file(config, "/etc/wfrun", diags);
    if (diags->errors) {
        wf_config_free(config);
        return WF_EINVAL;
    }
    *ret = config;
    return 0;
}

void wf_config_free(struct wf_config *config)
{
    if (!config)
        return;
    jv_free(config->kept);
    wf_arena_free(config->arena);
    free(config);
}

/* ---- look-up ---- */

static void variable_name(const char *group, const char *name, char *ret, size_t size)
{
    size_t n = 0;
    for (const char *p = "WFRUN_"; *p && n + 1 < size; p++)
        ret[n++] = *p;
    for (const char *p = group; *p && n + 1 < size; p++)
        ret[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    if (*group && n + 1 < size)
        ret[n++] = '_';
    for (const char *p = name; *p && n + 1 < size; p++)
        ret[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    ret[n] = '\0';
}

static const char *variable(const char *group, const char *name)
{
    char var[256];
    variable_name(group, name, var, sizeof var);
    const char *value = secure_getenv(var);
    return value && *value ? value : NULL;
}

static const char *const *from_variable(struct wf_config *config, enum wf_opt_id id)
{
    const char *value = variable("", wf_opt(id)->name);
    if (!value)
        return NULL;
    const char **list = NULL;
    size_t count = 0;
    if (!(wf_opt(id)->flags & WF_OPT_MANY)) {
        list_push(config, &list, &count, value);
        return list;
    }
    const char *separator = wf_opt(id)->flags & WF_OPT_PATH ? ":" : ",";
    char *copy = wf_arena_strdup(config->arena, value), *save = NULL;
    for (char *word = strtok_r(copy, separator, &save); word; word = strtok_r(NULL, separator, &save))
        list_push(config, &list, &count, word);
    return list;
}

static const char *const *from_kept(struct wf_config *config, enum wf_opt_id id)
{
    if (jv_get_kind(config->kept) != JV_KIND_OBJECT)
        return NULL;
    jv value = wf_val_get(&config->kept, wf_opt(id)->name);
    if (jv_get_kind(value) == JV_KIND_STRING)
        value = jv_array_append(jv_array(), value);
    const char **list = NULL;
    size_t count = 0;
    if (jv_get_kind(value) == JV_KIND_ARRAY) {
        jv_array_foreach(value, i, item) {
            if (jv_get_kind(item) == JV_KIND_STRING)
                list_push(config, &list, &count, wf_arena_strdup(config->arena, jv_string_value(item)));
            jv_free(item);
        }
    }
    jv_free(value);
    return list;
}

static const char *node_text(struct wf_config *config, const struct wf_node *node, bool path, const char *folder)
{
    const char *text = wf_arena_memdup(config->arena, node->text, node->len);
    return path && text[0] != '/' && *folder ? wf_arena_printf(config->arena, "%s/%s", folder, text) : text;
}

static const char *const *from_file(struct wf_config *config, enum wf_opt_id id, size_t file)
{
    const struct wf_node *node = wf_node_get(config->files[file].root, wf_opt(id)->name);
    bool path = wf_opt(id)->flags & WF_OPT_PATH;
    const char **list = NULL;
    size_t count = 0;
    if (!node || node->kind == WF_NODE_NULL || node->kind == WF_NODE_MAP)
        return NULL;
    if (node->kind != WF_NODE_LIST)
        list_push(config, &list, &count, node_text(config, node, path, config->files[file].folder));
    for (size_t i = 0; node->kind == WF_NODE_LIST && i < node->count; i++)
        list_push(config, &list, &count, node_text(config, node->items[i], path, config->files[file].folder));
    return list;
}

const char *const *wf_config_list(struct wf_config *config, enum wf_opt_id id)
{
    static const char *const empty[] = {NULL};
    const char **flags = NULL;
    size_t count = 0;
    for (size_t i = 0; i < config->opts->values[id].count; i++)
        list_push(config, &flags, &count, config->opts->values[id].items[i]);
    if (count)
        return flags;
    const char *const *list = NULL;
    if (wf_opt(id)->flags & WF_OPT_SETTING) {
        list = from_variable(config, id);
        if (!list)
            list = from_kept(config, id);
        for (size_t i = 0; !list && i < config->nfiles; i++)
            list = from_file(config, id, i);
    }
    return list ? list : empty;
}

bool wf_config_is_given(const struct wf_config *config, enum wf_opt_id id)
{
    return wf_opts_has(config->opts, id);
}

const char *wf_config_text(struct wf_config *config, enum wf_opt_id id)
{
    const char *const *list = wf_config_list(config, id);
    const char *last = NULL;
    while (*list)
        last = *list++;
    return last;
}

static bool is_off(const char *text)
{
    return strcmp(text, "0") == 0 || strcmp(text, "false") == 0 || strcmp(text, "no") == 0;
}

bool wf_config_on(struct wf_config *config, enum wf_opt_id id)
{
    const char *text = wf_config_text(config, id);
    return text && !is_off(text);
}

const char *wf_config_plugin(const struct wf_config *config, const char *group, const char *name)
{
    for (const struct forced *f = config->forced; f; f = f->next)
        if (strcmp(f->group, group) == 0 && strcmp(f->name, name) == 0)
            return f->value;
    const char *value = variable(group, name);
    for (size_t i = 0; !value && i < config->nfiles; i++) {
        const struct wf_node *groups = wf_node_get(config->files[i].root, "plugins");
        const struct wf_node *settings = groups ? wf_node_get(groups, group) : NULL;
        const struct wf_node *node = settings ? wf_node_get(settings, name) : NULL;
        if (node && is_scalar(node) && node->kind != WF_NODE_NULL)
            value = node->text;
    }
    return value;
}

void wf_config_force_plugin(struct wf_config *config, const char *group, const char *name, const char *value)
{
    struct forced *f = wf_arena_alloc(config->arena, sizeof *f);
    *f = (struct forced){config->forced, wf_arena_strdup(config->arena, group), wf_arena_strdup(config->arena, name),
        wf_arena_strdup(config->arena, value)};
    config->forced = f;
}

/* ---- what a run keeps ---- */

static jv absolute(const char *path)
{
    char *real = realpath(path, NULL);
    jv value = jv_string(real ? real : path);
    free(real);
    return value;
}

jv wf_config_kept(struct wf_config *config)
{
    jv kept = jv_object();
    for (int id = 0; id < WF_OPTS; id++) {
        if (!(wf_opt(id)->flags & WF_OPT_KEEP))
            continue;
        jv values = jv_array();
        for (const char *const *item = wf_config_list(config, id); *item; item++)
            values = jv_array_append(values, wf_opt(id)->flags & WF_OPT_PATH ? absolute(*item) : jv_string(*item));
        if (jv_array_length(jv_copy(values)) > 0)
            kept = wf_val_set(kept, wf_opt(id)->name, values);
        else
            jv_free(values);
    }
    return kept;
}

void wf_config_set_kept(struct wf_config *config, const jv *kept)
{
    jv_free(config->kept);
    config->kept = jv_copy(*kept);
}
