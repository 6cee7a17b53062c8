/* shape.c: checks maps against tables of properties and says what is wrong in words. */
#include "def/shape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAMES 64

const char *wf__hint_names(char *buf, size_t size, const char *word, const char *const *names)
{
    const char *close = wf_suggest(word, names);
    if (close) {
        snprintf(buf, size, "did you mean `%s`?", close);
        return buf;
    }
    if (!names || !names[0]) {
        *buf = '\0';
        return buf;
    }
    size_t used = (size_t)snprintf(buf, size, "allowed are");
    for (size_t i = 0; names[i]; i++) {
        if (used + strlen(names[i]) + sizeof ", ..." > size) {
            memcpy(buf + used, ", ...", sizeof ", ...");
            break;
        }
        used += (size_t)snprintf(buf + used, size - used, "%s %s", i ? "," : "", names[i]);
    }
    return buf;
}

static const struct wf__prop *find_prop(const struct wf__prop *props, const char *key)
{
    for (; props && props->key; props++)
        if (strcmp(props->key, key) == 0)
            return props;
    return NULL;
}

static void report_unknown(struct wf_diags *diags, const struct wf_node *key, const char *what,
    const struct wf__prop *props, const struct wf__prop *more)
{
    const char *names[MAX_NAMES];
    size_t n = 0;
    for (const struct wf__prop *p = props; p && p->key && n < MAX_NAMES - 1; p++)
        names[n++] = p->key;
    for (const struct wf__prop *p = more; p && p->key && n < MAX_NAMES - 1; p++)
        names[n++] = p->key;
    names[n] = NULL;
    char hint[400];
    wf_diags_add(diags, WF_SEV_ERROR, 202, key->loc, wf__hint_names(hint, sizeof hint, key->text, names),
        "%s has no property `%.60s`", what, key->text);
}

/* "text, a list or a map" */
static void kind_names(char *buf, size_t size, unsigned kinds)
{
    size_t used = 0;
    *buf = '\0';
    for (int kind = WF_NODE_NULL; kind <= WF_NODE_MAP && used < size; kind++) {
        if (!(kinds & (1u << kind)))
            continue;
        kinds &= ~(1u << kind);
        const char *joint = used == 0 ? "" : kinds ? ", " : " or ";
        used += (size_t)snprintf(buf + used, size - used, "%s%s", joint, wf_node_kind_name((enum wf_node_kind)kind));
    }
}

static void check_kind(struct wf_diags *diags, const struct wf_node *node, const char *key, unsigned kinds)
{
    char allowed[120], hint[120] = "";
    if (kinds & (1u << node->kind)) {
        if (kinds != WF__ANY && node->kind == WF_NODE_STRING && strlen(node->text) != node->len)
            wf_diags_add(diags, WF_SEV_ERROR, 205, node->loc, NULL, "`%s` may not hold U+0000", key);
        return;
    }
    kind_names(allowed, sizeof allowed, kinds);
    if ((kinds & WF__STRING) && (node->kind == WF_NODE_NUMBER || node->kind == WF_NODE_BOOL))
        snprintf(hint, sizeof hint, "quote it: '%.60s'", node->text);
    wf_diags_add(diags, WF_SEV_ERROR, 205, node->loc, hint, "`%s` must be %s, is %s", key, allowed,
        wf_node_kind_name(node->kind));
}

static void check_required(struct wf_diags *diags, const struct wf_node *map, struct wf_loc owner, const char *what,
    const struct wf__prop *props)
{
    for (; props && props->key; props++)
        if (props->required && !wf_node_get(map, props->key))
            wf_diags_add(diags, WF_SEV_ERROR, 201, owner, NULL, "%s needs `%s`", what, props->key);
}

static bool check_map(struct wf_diags *diags, const struct wf_node *node, const char *what)
{
    if (node->kind == WF_NODE_MAP)
        return true;
    wf_diags_add(
        diags, WF_SEV_ERROR, 205, node->loc, NULL, "%s must be a map, is %s", what, wf_node_kind_name(node->kind));
    return false;
}

bool wf__shape_known(struct wf_diags *diags, const struct wf_node *node, struct wf_loc owner, const char *what,
    const struct wf__prop *props)
{
    if (!check_map(diags, node, what))
        return false;
    for (size_t i = 0; i < node->count; i++) {
        const struct wf__prop *prop = find_prop(props, node->keys[i]->text);
        if (prop)
            check_kind(diags, node->items[i], prop->key, prop->kinds);
    }
    check_required(diags, node, owner, what, props);
    return true;
}

bool wf__shape_check(struct wf_diags *diags, const struct wf_node *node, struct wf_loc owner, const char *what,
    const struct wf__prop *props, const struct wf__prop *more)
{
    if (!wf__shape_known(diags, node, owner, what, props))
        return false;
    if (more)
        wf__shape_known(diags, node, owner, what, more);
    for (size_t i = 0; i < node->count; i++)
        if (!find_prop(props, node->keys[i]->text) && !find_prop(more, node->keys[i]->text))
            report_unknown(diags, node->keys[i], what, props, more);
    return true;
}

const struct wf_node *wf__member(const struct wf_node *map, const char *key, unsigned kinds)
{
    const struct wf_node *node = wf_node_get(map, key);
    return node && (kinds & (1u << node->kind)) ? node : NULL;
}

const char *wf__member_text(const struct wf_node *map, const char *key)
{
    const struct wf_node *node = wf__member(map, key, WF__STRING);
    return node ? node->text : NULL;
}

struct wf_loc wf__key_loc(const struct wf_node *map, const char *key)
{
    const struct wf_node *node = wf_node_key(map, key);
    return node ? node->loc : map->loc;
}

bool wf__integer(
    struct wf_diags *diags, const struct wf_node *node, const char *what, int64_t least, int64_t most, int64_t *ret)
{
    bool whole = node->kind == WF_NODE_NUMBER && trunc(node->number) == node->number;
    if (!whole || node->number < (double)least || node->number > (double)most) {
        wf_diags_add(diags, WF_SEV_ERROR, 205, node->loc, NULL,
            "%s must be a whole number from %lld to %lld, is %s%.60s", what, (long long)least, (long long)most,
            node->kind == WF_NODE_NUMBER ? "" : wf_node_kind_name(node->kind),
            node->kind == WF_NODE_NUMBER ? node->text : "");
        return false;
    }
    *ret = (int64_t)node->number;
    return true;
}

const struct wf_node *wf__single_key(struct wf_diags *diags, const struct wf_node *node, const char *what)
{
    if (node->kind == WF_NODE_MAP && node->count == 1)
        return node->keys[0];
    char hint[120];
    snprintf(
        hint, sizeof hint, "%s in a list is written `- name: {...}`, its properties indented below the name", what);
    if (node->kind == WF_NODE_MAP && node->count > 1)
        wf_diags_add(diags, WF_SEV_ERROR, 205, node->keys[1]->loc, hint,
            "%s must be a map with one key, its name: `%.60s` stands beside `%.60s`", what, node->keys[1]->text,
            node->keys[0]->text);
    else
        wf_diags_add(diags, WF_SEV_ERROR, 205, node->loc, hint, "%s must be a map with one key, its name; this is %s",
            what, node->kind == WF_NODE_MAP ? "an empty map" : wf_node_kind_name(node->kind));
    return NULL;
}
