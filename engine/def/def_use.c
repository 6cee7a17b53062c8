/* def_use.c: the `use` section: what tasks refer to by name. */
#include <stdio.h>
#include <string.h>

#include "def/load.h"

static const struct wf__prop use_props[] = {
    [WF__USE_AUTHENTICATIONS] = {"authentications", WF__MAP, false},
    [WF__USE_CATALOGS] = {"catalogs", WF__MAP, false},
    [WF__USE_ERRORS] = {"errors", WF__MAP, false},
    [WF__USE_FUNCTIONS] = {"functions", WF__MAP, false},
    [WF__USE_RETRIES] = {"retries", WF__MAP, false},
    [WF__USE_TIMEOUTS] = {"timeouts", WF__MAP, false},
    {"secrets", WF__LIST, false},
    {"extensions", WF__LIST, false},
    {NULL, 0, false},
};

static void load_secrets(struct wf__load *ld, const struct wf_node *list)
{
    const char **names = wf__alloc(ld, ((list ? list->count : 0) + 1) * sizeof *names);
    size_t n = 0;
    for (size_t i = 0; list && i < list->count; i++) {
        const struct wf_node *node = list->items[i];
        if (node->kind == WF_NODE_STRING && node->len > 0 && strlen(node->text) == node->len)
            names[n++] = node->text;
        else
            wf__error(
                ld, 205, node->loc, NULL, "the name of a secret must be text, is %s", wf_node_kind_name(node->kind));
    }
    ld->def->secrets = names;
}

static void begin_section(struct wf__load *ld, struct wf__section *section, const struct wf_node *map)
{
    size_t count = map ? map->count : 0;
    section->map = map;
    section->names = wf__alloc(ld, (count + 1) * sizeof *section->names);
    section->referenced = wf__alloc(ld, count + 1);
    for (size_t i = 0; i < count; i++)
        section->names[i] = map->keys[i]->text;
}

static void refuse_extensions(struct wf__load *ld, const struct wf_node *use)
{
    const struct wf_node *list = wf__member(use, "extensions", WF__LIST);
    if (list && list->count > 0)
        wf__error(ld, 207, wf__key_loc(use, "extensions"), NULL, "this version of wfrun does not run extensions");
}

void wf__use_begin(struct wf__load *ld, const struct wf_node *use)
{
    if (use)
        wf__shape_check(ld->diags, use, use->loc, "`use`", use_props, NULL);
    for (int i = 0; i < WF__USE_KINDS; i++)
        begin_section(ld, &ld->use[i], wf__member(use, use_props[i].key, WF__MAP));
    load_secrets(ld, wf__member(use, "secrets", WF__LIST));
    refuse_extensions(ld, use);
    const struct wf_node *functions = ld->use[WF__USE_FUNCTIONS].map;
    ld->functions = wf__alloc(ld, ((functions ? functions->count : 0) + 1) * sizeof *ld->functions);
    for (size_t i = 0; functions && i < functions->count; i++)
        ld->functions[i].name = functions->keys[i]->text;
}

const struct wf_node *wf__use_find(struct wf__load *ld, enum wf__use kind, const struct wf_node *name)
{
    static const char *const words[] = {
        [WF__USE_AUTHENTICATIONS] = "authentication",
        [WF__USE_CATALOGS] = "catalog",
        [WF__USE_ERRORS] = "error",
        [WF__USE_FUNCTIONS] = "function",
        [WF__USE_RETRIES] = "retry policy",
        [WF__USE_TIMEOUTS] = "timeout",
    };
    const struct wf__section *section = &ld->use[kind];
    for (size_t i = 0; section->map && i < section->map->count; i++) {
        if (strcmp(section->names[i], name->text) == 0) {
            section->referenced[i] = true;
            return section->map->items[i];
        }
    }
    char hint[300], fallback[120];
    snprintf(fallback, sizeof fallback, "define it under use.%s", use_props[kind].key);
    wf__hint_names(hint, sizeof hint, name->text, section->names);
    wf__error(ld, 302, name->loc, *hint ? hint : fallback, "no %s is called `%.100s`", words[kind], name->text);
    return NULL;
}

bool wf__secret_is_declared(const struct wf__load *ld, const char *name, size_t len)
{
    for (const char *const *s = ld->def->secrets; s && *s; s++)
        if (strlen(*s) == len && memcmp(*s, name, len) == 0)
            return true;
    return false;
}

void wf__secret_unknown(struct wf__load *ld, struct wf_loc loc, const char *name, size_t len)
{
    char word[80], hint[120];
    snprintf(word, sizeof word, "%.*s", (int)len, name);
    const char *close = wf_suggest(word, ld->def->secrets);
    snprintf(
        hint, sizeof hint, close ? "did you mean `%s`?" : "declare it: use: {secrets: [%s]}", close ? close : word);
    wf__error(ld, 302, loc, hint, "the secret `%s` is not declared", word);
}

/* ---- after all tasks: functions, and what nobody referred to is checked all the same ---- */

static void load_functions(struct wf__load *ld, const struct wf__scope *scope)
{
    static const struct wf__siblings alone = {NULL};
    const struct wf_node *map = ld->use[WF__USE_FUNCTIONS].map;
    for (size_t i = 0; map && i < map->count; i++) {
        const char *ref = wf__path_member(ld->def->arena, "/use/functions", map->keys[i]->text);
        ld->functions[i].task = wf__task(ld, map->keys[i], map->items[i], ref, scope, &alone);
    }
}

static void check_catalog(struct wf__load *ld, const struct wf_node *node, struct wf_loc owner)
{
    static const struct wf__prop props[] = {{"endpoint", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    static const struct wf__prop endpoint_props[] = {
        {"uri", WF__STRING, true}, {"authentication", WF__MAP, false}, {NULL, 0, false}};
    wf__shape_check(ld->diags, node, owner, "a catalog", props, NULL);
    const struct wf_node *endpoint = wf__member(node, "endpoint", WF__MAP);
    if (endpoint)
        wf__shape_check(ld->diags, endpoint, wf__key_loc(node, "endpoint"), "`endpoint`", endpoint_props, NULL);
}

static void check_timeout(struct wf__load *ld, const struct wf_node *node, struct wf_loc owner, const char *const *vars)
{
    static const struct wf__prop props[] = {{"after", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    struct wf_duration_def unused = {.dynamic = NULL};
    if (wf__shape_check(ld->diags, node, owner, "a timeout", props, NULL))
        wf__duration(ld, wf__member(node, "after", WF__STRING | WF__MAP), "`after`", vars, &unused);
}

static void check_entry(struct wf__load *ld, enum wf__use kind, const struct wf_node *key, const struct wf_node *node,
    const struct wf__scope *scope)
{
    struct wf_error_def unused = {.type = NULL};
    switch (kind) {
    case WF__USE_AUTHENTICATIONS:
        wf__auth_check(ld, node, key->loc);
        break;
    case WF__USE_CATALOGS:
        check_catalog(ld, node, key->loc);
        break;
    case WF__USE_ERRORS:
        wf__error_def(ld, node, key->loc, scope->body, &unused);
        break;
    case WF__USE_RETRIES:
        wf__retry(ld, node, key->loc, wf__scope_nest(ld, scope, "error", NULL)->error);
        break;
    case WF__USE_TIMEOUTS:
        check_timeout(ld, node, key->loc, scope->body);
        break;
    default:
        break;
    }
}

void wf__use_end(struct wf__load *ld, const struct wf__scope *scope)
{
    load_functions(ld, scope);
    for (int kind = 0; kind < WF__USE_KINDS; kind++) {
        const struct wf__section *section = &ld->use[kind];
        bool always = kind == WF__USE_AUTHENTICATIONS || kind == WF__USE_CATALOGS; /* a reference does not check them */
        for (size_t i = 0; section->map && i < section->map->count; i++)
            if (always || !section->referenced[i])
                check_entry(ld, (enum wf__use)kind, section->map->keys[i], section->map->items[i], scope);
    }
}
