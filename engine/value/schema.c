/* schema.c: a schema's life, and the start of a check. */
#include "value/schema.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "value/schema_priv.h"

#define BUDGET 2000000L /* schemas applied in one check: nested oneOf multiply */

static void map_done(struct wf__smap *map)
{
    for (size_t i = 0; i < map->count; i++) {
        free(map->list[i].name);
        free(map->list[i].pattern.text);
        pcre2_code_free(map->list[i].pattern.code);
    }
    free(map->list);
    jv_free(map->index);
}

void wf__snode_free(struct wf__snode *node)
{
    if (!node)
        return;
    jv_free(node->enumeration);
    jv_free(node->constant);
    jv_free(node->required);
    jv_free(node->dependent_required);
    free(node->pattern.text);
    pcre2_code_free(node->pattern.code);
    map_done(&node->properties);
    map_done(&node->pattern_properties);
    map_done(&node->dependent_schemas);
    map_done(&node->defs);
    free(node->all_of.list);
    free(node->any_of.list);
    free(node->one_of.list);
    free(node->prefix_items.list);
    free(node->pointer);
    free(node);
}

void wf_schema_free(struct wf_schema *schema)
{
    if (!schema)
        return;
    for (size_t i = 0; i < schema->count; i++)
        wf__snode_free(schema->nodes[i]);
    free(schema->nodes);
    free(schema);
}

int wf_schema_check(const struct wf_schema *schema, const jv *value, struct wf_err *err)
{
    struct wf__scheck check = {.budget = BUDGET};

    return wf__scheck_node(&check, schema->nodes[0], value, NULL, NULL, err);
}

int wf_schema_check_literal(const struct wf_schema *schema, const jv *value, struct wf_err *err)
{
    struct wf__scheck check = {.budget = BUDGET, .literal = true};

    return wf__scheck_node(&check, schema->nodes[0], value, NULL, NULL, err);
}
