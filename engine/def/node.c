/* node.c: looking into a tree of nodes, and turning it into a value. */
#include <string.h>

#include "def/yaml.h"

static size_t find(const struct wf_node *map, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < map->count; i++)
        if (map->keys[i]->len == len && memcmp(map->keys[i]->text, key, len) == 0)
            return i;
    return map->count;
}

const struct wf_node *wf_node_get(const struct wf_node *map, const char *key)
{
    if (!map || map->kind != WF_NODE_MAP)
        return NULL;
    size_t i = find(map, key);
    return i < map->count ? map->items[i] : NULL;
}

const struct wf_node *wf_node_key(const struct wf_node *map, const char *key)
{
    if (!map || map->kind != WF_NODE_MAP)
        return NULL;
    size_t i = find(map, key);
    return i < map->count ? map->keys[i] : NULL;
}

/* The reader bounds the depth (WF_YAML_MAX_DEPTH) and the unfolded size, so recursion is safe. */
jv wf_node_value(const struct wf_node *n)
{
    jv value;
    switch (n->kind) {
    case WF_NODE_NULL:
        return jv_null();
    case WF_NODE_BOOL:
        return jv_bool(n->boolean);
    case WF_NODE_NUMBER:
        return jv_number(n->number);
    case WF_NODE_STRING:
        return jv_string_sized(n->text, (int)n->len);
    case WF_NODE_LIST:
        value = jv_array_sized((int)n->count);
        for (size_t i = 0; i < n->count; i++)
            value = jv_array_append(value, wf_node_value(n->items[i]));
        return value;
    case WF_NODE_MAP:
        value = jv_object();
        for (size_t i = 0; i < n->count; i++)
            value = jv_object_set(
                value, jv_string_sized(n->keys[i]->text, (int)n->keys[i]->len), wf_node_value(n->items[i]));
        return value;
    }
    return jv_null();
}

const char *wf_node_kind_name(enum wf_node_kind kind)
{
    static const char *const names[] = {
        [WF_NODE_NULL] = "empty",
        [WF_NODE_BOOL] = "a boolean",
        [WF_NODE_NUMBER] = "a number",
        [WF_NODE_STRING] = "text",
        [WF_NODE_LIST] = "a list",
        [WF_NODE_MAP] = "a map",
    };
    return names[kind];
}
