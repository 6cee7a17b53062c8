/* def_schema.c: schemas of data, inline or from a file beside the definition, and the stages they belong to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "def/expr_def.h"
#include "def/load.h"

static const char *const json_format = "json";

struct wf__schemas {
    struct wf_schema *schema;
    struct wf__schemas *next;
};

void wf__schemas_free(struct wf__schemas *list)
{
    for (; list; list = list->next)
        wf_schema_free(list->schema);
}

static struct wf_schema *compile(struct wf__load *ld, const struct wf_node *node)
{
    struct wf_schema *schema = NULL;
    struct wf_err err = {.code = 0};
    if (wf_schema_new(wf_node_value(node), &schema, &err) != 0) {
        wf__error(ld, 503, wf_node_at(node, err.pointer)->loc, err.hint, "not a valid JSON Schema: %s", err.msg);
        return NULL;
    }
    struct wf__schemas *owned = wf__alloc(ld, sizeof *owned);
    *owned = (struct wf__schemas){schema, ld->def->schemas};
    ld->def->schemas = owned;
    return schema;
}

/* The path a resource's endpoint names: beside the definition unless it is absolute. NULL: a finding was added. */
static const char *file_path(struct wf__load *ld, const struct wf_node *endpoint)
{
    const struct wf_node *uri = endpoint->kind == WF_NODE_MAP ? wf__member(endpoint, "uri", WF__STRING) : endpoint;
    if (!uri)
        return NULL;
    if (strncmp(uri->text, "file:///", 8) == 0)
        return uri->text + 7;
    if (strstr(uri->text, "://") || wf__expr_is_marked(uri->text, uri->len)) {
        wf__error(ld, 207, uri->loc, "save the schema beside the workflow and name the file",
            "this version of wfrun reads schemas from files only");
        return NULL;
    }
    const char *slash = strrchr(ld->def->file, '/');
    if (*uri->text == '/' || !slash)
        return uri->text;
    return wf_arena_printf(ld->def->arena, "%.*s/%s", (int)(slash - ld->def->file), ld->def->file, uri->text);
}

static const struct wf_node *read_resource(struct wf__load *ld, const struct wf_node *resource, struct wf_loc owner)
{
    static const struct wf__prop props[] = {
        {"name", WF__STRING, false}, {"endpoint", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    static const struct wf__prop endpoint_props[] = {
        {"uri", WF__STRING, true}, {"authentication", WF__MAP, false}, {NULL, 0, false}};
    wf__shape_check(ld->diags, resource, owner, "`resource`", props, NULL);
    const struct wf_node *endpoint = wf__member(resource, "endpoint", WF__STRING | WF__MAP);
    if (endpoint && endpoint->kind == WF_NODE_MAP)
        wf__shape_check(ld->diags, endpoint, wf__key_loc(resource, "endpoint"), "`endpoint`", endpoint_props, NULL);
    const char *path = endpoint ? file_path(ld, endpoint) : NULL;
    if (!path)
        return NULL;
    char *text = NULL;
    size_t len = 0;
    struct wf_err err = {.code = 0};
    const struct wf_node *root = NULL;
    if (wf_yaml_read_file(path, &text, &len, &err) != 0)
        wf__error(ld, 101, endpoint->loc, err.hint, "the schema %s", err.msg);
    else
        wf_yaml_parse(path, text, len, ld->def->arena, ld->diags, &root);
    free(text);
    return root;
}

static void check_format(struct wf__load *ld, const struct wf_node *schema)
{
    const struct wf_node *format = wf__member(schema, "format", WF__STRING);
    size_t len = strlen(json_format);
    if (format && (strncmp(format->text, json_format, len) != 0 || (format->text[len] && format->text[len] != ':')))
        wf__error(ld, 207, format->loc, "format: json", "this version of wfrun checks JSON Schema only, not `%.60s`",
            format->text);
}

struct wf_schema *wf__schema(struct wf__load *ld, const struct wf_node *map)
{
    static const struct wf__prop props[] = {
        {"format", WF__STRING, false}, {"document", WF__ANY, false}, {"resource", WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(map, "schema", WF__MAP);
    if (!node)
        return NULL;
    struct wf_loc owner = wf__key_loc(map, "schema");
    wf__shape_check(ld->diags, node, owner, "`schema`", props, NULL);
    check_format(ld, node);
    const struct wf_node *document = wf_node_get(node, "document");
    const struct wf_node *resource = wf__member(node, "resource", WF__MAP);
    if (document && wf_node_get(node, "resource"))
        wf__error(ld, 205, wf__key_loc(node, "resource"), NULL, "`schema` has either `document` or `resource`");
    else if (!document && !wf_node_get(node, "resource"))
        wf__error(ld, 201, owner, "put the JSON Schema below schema: {document: ...}", "`schema` needs `document`");
    if (!document && resource)
        document = read_resource(ld, resource, wf__key_loc(node, "resource"));
    return document ? compile(ld, document) : NULL;
}

void wf__data_stage(struct wf__load *ld, const struct wf_node *owner, const char *stage, const char *const *vars,
    struct wf_schema **ret_schema, const struct wf_tmpl **ret_tmpl)
{
    static const struct wf__prop input_props[] = {
        {"schema", WF__MAP, false}, {"from", WF__STRING | WF__MAP, false}, {NULL, 0, false}};
    static const struct wf__prop other_props[] = {
        {"schema", WF__MAP, false}, {"as", WF__STRING | WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(owner, stage, WF__MAP);
    if (!node)
        return;
    bool is_input = strcmp(stage, "input") == 0;
    char what[32];
    snprintf(what, sizeof what, "`%s`", stage);
    wf__shape_check(ld->diags, node, wf__key_loc(owner, stage), what, is_input ? input_props : other_props, NULL);
    *ret_schema = wf__schema(ld, node);
    *ret_tmpl = wf__tmpl(ld, wf__member(node, is_input ? "from" : "as", WF__STRING | WF__MAP), WF_TMPL_EXPR, vars);
}
