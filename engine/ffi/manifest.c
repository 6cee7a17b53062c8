/* manifest.c: a function.yaml as a whole: its name, library and types, and the descriptor that comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ffi/manifest_priv.h"

#define FILE_ENDING    ".function.yaml"
#define FOLDER_FILE    "function.yaml"
#define LONGEST_FILE   ((size_t)256 << 10)
#define MANIFEST_MAX   ((size_t)64 << 20) /* bytes in memory; what LONGEST_FILE can make is less */
#define MOST_FUNCTIONS 200
#define MOST_FINDINGS  3 /* in one message */

/* ---- the name ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool wf_manifest_is_file(const char *path)
{
    size_t len = strlen(path), ending = strlen(FILE_ENDING);
    return strcmp(base_name(path), FOLDER_FILE) == 0 || (len > ending && strcmp(path + len - ending, FILE_ENDING) == 0);
}

/* NAME of NAME.function.yaml or NAME/function.yaml. */
static const char *name_of(struct wf_arena *arena, const char *path)
{
    const char *base = base_name(path), *end = base + strlen(base);
    if (strcmp(base, FOLDER_FILE) != 0)
        return wf_arena_memdup(arena, base, (size_t)(end - base) - strlen(FILE_ENDING));
    end = base > path ? base - 1 : base;
    for (base = end; base > path && base[-1] != '/'; base--)
        ;
    return wf_arena_memdup(arena, base, (size_t)(end - base));
}

/* ---- types ---- */

static void read_struct(struct wf_manifest *m, const struct wf_node *name, const struct wf_node *list)
{
    struct wf__cmember members[WF__C_MOST_MEMBERS];
    size_t count = 0;

    if (list->kind != WF_NODE_LIST || list->count == 0 || list->count > WF__C_MOST_MEMBERS) {
        wf__bad(m, 205, list->loc, "write its members in order, such as [int quot, int rem]",
            "a struct must be a list of 1 to %d members", WF__C_MOST_MEMBERS);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct wf_node *node = list->items[i];
        struct wf_err err = {0};
        if (node->kind != WF_NODE_STRING)
            wf__bad(m, 205, node->loc, NULL, "a member must be text such as `int quot`");
        else if (wf__cdecl_variable(&m->names, node->text, &members[count], &err) != 0)
            wf__bad(m, 205, node->loc, err.hint, "the member `%s`: %s", node->text, err.msg);
        else
            count++;
    }
    if (count == list->count)
        wf__ctype_name(&m->names, name->text, wf__ctype_struct(&m->names, name->text, members, count));
}

static void read_type(struct wf_manifest *m, const struct wf_node *name, const struct wf_node *node)
{
    const struct wf__ctype *type = NULL;
    struct wf_err err = {0};

    if (node->kind == WF_NODE_LIST)
        read_struct(m, name, node);
    else if (node->kind != WF_NODE_STRING)
        wf__bad(m, 205, node->loc, "write C, such as `unsigned char[16]`, or a struct's members as a list",
            "a type must be text or a list, is %s", wf_node_kind_name(node->kind));
    else if (strcmp(node->text, "opaque") == 0)
        type = wf__ctype_opaque(&m->names, name->text);
    else if (wf__cdecl_type(&m->names, node->text, &type, &err) != 0)
        wf__bad(m, 205, node->loc, err.hint, "the type `%s`: %s", name->text, err.msg);
    if (type)
        wf__ctype_name(&m->names, name->text, type);
}

/* In their order: one may speak of those above it. */
static void read_types(struct wf_manifest *m, const struct wf_node *types)
{
    for (size_t i = 0; types && i < types->count; i++)
        read_type(m, types->keys[i], types->items[i]);
}

/* A relative path counts from the manifest. */
static const char *beside(struct wf_manifest *m, const char *path)
{
    const char *slash = strrchr(m->path, '/');
    return slash && path[0] != '/' ? wf_arena_printf(m->arena, "%.*s/%s", (int)(slash - m->path), m->path, path) : path;
}

/* `libz.so.1` is found as ld.so finds it; `./libmine.so` lies beside the manifest. */
static void read_library(struct wf_manifest *m, const char *name)
{
    m->library = name && strchr(name, '/') ? beside(m, name) : name;
}

static void read_paths(struct wf_manifest *m, const char *key, const struct wf_node *list, struct wf_buf *lines)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct wf_node *node = list->items[i];
        if (node->kind != WF_NODE_STRING || !node->text[0] || strchr(node->text, '\n'))
            wf__bad(m, 205, node->loc, NULL, "`%s` must be a list of paths", key);
        else
            wf_buf_printf(lines, "%s=%s\n", key, beside(m, node->text));
    }
}

static void read_confine(struct wf_manifest *m, const struct wf_node *map)
{
    static const struct wf__prop props[] = {
        {"read", WF__LIST, false}, {"write", WF__LIST, false}, {"network", WF__BOOL, false}, {0}};
    struct wf_buf lines;

    if (!map || !wf__shape_check(&m->diags, map, map->loc, "`confine`", props, NULL))
        return;
    wf_buf_init(&lines, LONGEST_FILE * 2);
    const struct wf_node *network = wf__member(map, "network", WF__BOOL);
    wf_buf_str(&lines, network && network->boolean ? "network\n" : "");
    read_paths(m, "read", wf__member(map, "read", WF__LIST), &lines);
    read_paths(m, "write", wf__member(map, "write", WF__LIST), &lines);
    m->confine = wf_arena_memdup(m->arena, lines.ptr ? lines.ptr : "", lines.len);
    wf_buf_done(&lines);
}

const char *wf_manifest_confine(const struct wf_manifest *m)
{
    return m->confine;
}

const char *wf_manifest_library_path(const struct wf_manifest *m)
{
    return strchr(m->library, '/') ? m->library : NULL;
}

/* ---- the whole ---- */

static int32_t open_plugin(const struct wf_host *host, void **ret_state)
{
    wf__ffi_host = host;
    *ret_state = NULL;
    return 0;
}

static void read_functions(struct wf_manifest *m, const struct wf_node *map)
{
    if (!map)
        return;
    if (map->count == 0 || map->count > MOST_FUNCTIONS) {
        wf__bad(m, 201, map->loc, NULL, "a manifest has 1 to %d functions", MOST_FUNCTIONS);
        return;
    }
    m->functions = wf_arena_alloc(m->arena, (map->count + 1) * sizeof(struct wf__function *));
    m->steps = wf_arena_alloc(m->arena, (map->count + 1) * sizeof(struct wf_step_type *));
    for (size_t i = 0; i < map->count; i++) {
        struct wf__function *function = wf__function_read(m, map->keys[i], map->items[i]);
        if (!function)
            continue;
        m->functions[m->nfunctions] = function;
        m->steps[m->nfunctions++] = &function->type;
    }
}

static void read_manifest(struct wf_manifest *m, const struct wf_node *root)
{
    static const struct wf__prop props[] = {{"version", WF__STRING, true}, {"summary", WF__STRING, true},
        {"library", WF__STRING, true}, {"confine", WF__MAP, false}, {"types", WF__MAP, false},
        {"functions", WF__MAP, true}, {0}};
    if (!wf__shape_check(&m->diags, root, root->loc, "a manifest", props, NULL))
        return;
    read_library(m, wf__member_text(root, "library"));
    read_confine(m, wf__member(root, "confine", WF__MAP));
    read_types(m, wf__member(root, "types", WF__MAP));
    read_functions(m, wf__member(root, "functions", WF__MAP));
    m->plugin = (struct wf_plugin){
        .size = sizeof m->plugin,
        .abi_major = WF_ABI_MAJOR,
        .abi_minor = WF_ABI_MINOR,
        .name = name_of(m->arena, m->path),
        .version = wf__member_text(root, "version"),
        .summary = wf__member_text(root, "summary"),
        .steps = m->steps,
        .open = open_plugin,
    };
}

/* The first findings, with their places, as one sentence. */
static int tell(const struct wf_manifest *m, struct wf_err *ret_err)
{
    const struct wf_diags *diags = &m->diags;
    char text[sizeof ret_err->msg];
    size_t used = 0, shown = 0;

    for (; shown < diags->count && shown < MOST_FINDINGS && used + 80 < sizeof text; shown++) {
        const struct wf_diag *diag = &diags->items[shown];
        int n = snprintf(text + used, sizeof text - used, "%s%d:%d: %s", shown ? "; " : "", diag->loc.line,
            diag->loc.col, diag->msg);
        used += n > 0 ? (size_t)n : 0;
        if (diag->hint && diag->hint[0])
            wf_err_hint(ret_err, "%s", diag->hint);
    }
    if (used < sizeof text && diags->errors > shown)
        snprintf(text + used, sizeof text - used, "; and %zu more", diags->errors - shown);
    return wf_err_set(ret_err, WF_EINVAL, "%s", text);
}

struct wf_manifest *wf__manifest_parse(const char *path, const char *text, size_t len)
{
    struct wf_manifest *m = wf_calloc(1, sizeof *m);
    const struct wf_node *root = NULL;

    m->arena = wf_arena_new(MANIFEST_MAX);
    m->path = wf_arena_strdup(m->arena, path);
    m->names.arena = m->arena;
    wf_diags_init(&m->diags);
    if (len > LONGEST_FILE)
        wf__bad(m, 104, ((struct wf_loc){path, 1, 1}), NULL, "it is longer than %zu KiB", LONGEST_FILE >> 10);
    else if (wf_yaml_parse(path, text, len, m->arena, &m->diags, &root) == 0)
        read_manifest(m, root);
    wf_diags_sort(&m->diags);
    return m;
}

int wf_manifest_load(const char *path, struct wf_manifest **ret, struct wf_err *ret_err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = wf_yaml_read_file(path, &text, &len, ret_err);

    if (rc != 0)
        return rc;
    struct wf_manifest *m = wf__manifest_parse(path, text, len);
    free(text);
    if (m->diags.errors > 0) {
        rc = tell(m, ret_err);
        wf_manifest_free(m);
        return rc;
    }
    *ret = m;
    return 0;
}

const struct wf_plugin *wf_manifest_plugin(const struct wf_manifest *m)
{
    return &m->plugin;
}

const cJSON *wf__constant(struct wf_manifest *m, const struct wf_node *node)
{
    jv value = wf_node_value(node);
    char *text = wf_val_text(&value);
    cJSON *tree = text ? cJSON_Parse(text) : NULL;

    free(text);
    jv_free(value);
    if (!tree) {
        wf__bad(m, 205, node->loc, NULL, "this value cannot be kept");
        return NULL;
    }
    m->trees = wf_realloc(m->trees, (m->ntrees + 1) * sizeof *m->trees);
    m->trees[m->ntrees++] = tree;
    return tree;
}

/* The library stays loaded, as plugins do: its threads and exit handlers may outlive us. */
void wf_manifest_free(struct wf_manifest *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->nfunctions; i++)
        if (m->functions[i]->closure)
            ffi_closure_free(m->functions[i]->closure);
    for (size_t i = 0; i < m->ntrees; i++)
        cJSON_Delete(m->trees[i]);
    free(m->trees);
    wf_diags_done(&m->diags);
    wf_arena_free(m->arena);
    free(m);
}
