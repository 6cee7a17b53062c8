/* def.c: from the text of a workflow to its definition: the document, the top level, and the order of loading. */
#include "def/def.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "def/load.h"

#define ARENA_MAX ((size_t)768 << 20) /* more than the limits on bytes, values and tasks can add up to */

/* ---- the document ---- */

static bool is_dns_label(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return false;
    return true;
}

/* 0 or digits without a leading zero. */
static size_t number_length(const char *text)
{
    return *text == '0' ? 1 : strspn(text, "0123456789");
}

static bool is_identifiers(const char *text, size_t len, bool is_prerelease)
{
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '.') {
            if (!isalnum((unsigned char)text[i]) && text[i] != '-')
                return false;
            continue;
        }
        bool digits = strspn(text + start, "0123456789") >= i - start;
        if (i == start || (is_prerelease && digits && i - start > 1 && text[start] == '0'))
            return false;
        start = i + 1;
    }
    return true;
}

/* Semantic Versioning 2.0.0. */
static bool is_semver(const char *text)
{
    for (int part = 0; part < 3; part++) {
        size_t len = number_length(text);
        if (len == 0 || (part < 2 && text[len] != '.'))
            return false;
        text += len + (part < 2);
    }
    if (*text == '-') {
        size_t len = strcspn(++text, "+");
        if (!is_identifiers(text, len, true))
            return false;
        text += len;
    }
    return *text == '\0' || (*text == '+' && is_identifiers(text + 1, strlen(text + 1), false));
}

static const char *member_matching(
    struct wf__load *ld, const struct wf_node *map, const char *key, bool (*is_good)(const char *), const char *hint)
{
    const struct wf_node *node = wf__member(map, key, WF__STRING);
    if (!node)
        return NULL;
    if (!is_good(node->text))
        wf__error(ld, 205, node->loc, hint, "`%s` cannot be `%.100s`", key, node->text);
    return node->text;
}

static void load_document(struct wf__load *ld, const struct wf_node *document, struct wf_loc owner)
{
    static const struct wf__prop props[] = {{"dsl", WF__STRING, true}, {"namespace", WF__STRING, true},
        {"name", WF__STRING, true}, {"version", WF__STRING, true}, {"title", WF__STRING, false},
        {"summary", WF__STRING, false}, {"tags", WF__MAP, false}, {"metadata", WF__MAP, false}, {NULL, 0, false}};
    static const char version_hint[] = "a semantic version such as 1.0.0";
    static const char name_hint[] = "letters, digits and hyphens, at most 63, no hyphen at the ends";
    struct wf_def *def = ld->def;
    wf__shape_check(ld->diags, document, owner, "`document`", props, NULL);
    def->dsl = member_matching(ld, document, "dsl", is_semver, version_hint);
    def->namespace_ = member_matching(ld, document, "namespace", is_dns_label, name_hint);
    def->name = member_matching(ld, document, "name", is_dns_label, name_hint);
    def->version = member_matching(ld, document, "version", is_semver, version_hint);
    def->title = wf__member_text(document, "title");
    def->summary = wf__member_text(document, "summary");
    if (def->dsl && is_semver(def->dsl) && strncmp(def->dsl, "1.0.", 4) != 0)
        wf__warn(ld, 206, wf_node_get(document, "dsl")->loc, "dsl: 1.0.3",
            "this version of wfrun knows DSL 1.0, not %.60s", def->dsl);
    wf__settings(ld, document);
}

/* ---- the rest of the top level ---- */

static const struct wf__prop top_props[] = {{"document", WF__MAP, true}, {"input", WF__MAP, false},
    {"output", WF__MAP, false}, {"use", WF__MAP, false}, {"timeout", WF__STRING | WF__MAP, false},
    {"schedule", WF__MAP, false}, {"evaluate", WF__MAP, false}, {"do", WF__LIST, true}, {NULL, 0, false}};

/* The schema allows other keys at the top level; one that is nearly a known one is more likely a slip. */
static void warn_slips(struct wf__load *ld, const struct wf_node *root)
{
    const char *names[sizeof top_props / sizeof *top_props] = {NULL};
    char hint[120];
    for (size_t i = 0; top_props[i].key; i++)
        names[i] = top_props[i].key;
    for (size_t i = 0; i < root->count; i++) {
        const struct wf_node *key = root->keys[i];
        const char *close = wf_suggest(key->text, names);
        if (!close || strcmp(close, key->text) == 0)
            continue;
        snprintf(hint, sizeof hint, "did you mean `%s`?", close);
        wf__warn(ld, 202, key->loc, hint, "a workflow has no property `%.60s`; it is ignored", key->text);
    }
}

static void check_evaluate(struct wf__load *ld, const struct wf_node *root)
{
    static const struct wf__prop props[] = {
        {"language", WF__STRING, false}, {"mode", WF__STRING, false}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(root, "evaluate", WF__MAP);
    if (!node)
        return;
    wf__shape_check(ld->diags, node, wf__key_loc(root, "evaluate"), "`evaluate`", props, NULL);
    const struct wf_node *language = wf__member(node, "language", WF__STRING);
    const struct wf_node *mode = wf__member(node, "mode", WF__STRING);
    if (language && strcmp(language->text, "jq") != 0)
        wf__error(
            ld, 207, language->loc, "language: jq", "expressions are written in jq, not in `%.60s`", language->text);
    if (mode && strcmp(mode->text, "strict") != 0 && strcmp(mode->text, "loose") != 0)
        wf__error(ld, 205, mode->loc, "allowed are strict, loose", "`mode` cannot be `%.60s`", mode->text);
}

/* A one-shot run ignores the schedule; only slips in it are told. */
static void check_schedule(struct wf__load *ld, const struct wf_node *root)
{
    static const struct wf__prop props[] = {{"every", WF__STRING | WF__MAP, false}, {"cron", WF__STRING, false},
        {"after", WF__STRING | WF__MAP, false}, {"on", WF__MAP, false}, {"read", WF__STRING, false}, {NULL, 0, false}};
    static const char *const no_vars[] = {NULL};
    struct wf_duration_def unused = {.dynamic = NULL};
    const struct wf_node *node = wf__member(root, "schedule", WF__MAP);
    if (!node)
        return;
    wf__shape_check(ld->diags, node, wf__key_loc(root, "schedule"), "`schedule`", props, NULL);
    wf__duration(ld, wf__member(node, "every", WF__STRING | WF__MAP), "`every`", no_vars, &unused);
    wf__duration(ld, wf__member(node, "after", WF__STRING | WF__MAP), "`after`", no_vars, &unused);
}

static void load_top(struct wf__load *ld, const struct wf_node *root)
{
    static const char *const context[] = {"workflow", "runtime", "secrets", "context", NULL};
    struct wf_def *def = ld->def;
    struct wf_loc start = {root->loc.file, 1, 1};
    if (root->kind == WF_NODE_NULL) {
        wf__error(ld, 201, start, "a workflow begins with `document:`", "the file is empty");
        return;
    }
    if (!wf__shape_known(ld->diags, root, start, "a workflow", top_props))
        return;
    warn_slips(ld, root);
    const struct wf_node *document = wf__member(root, "document", WF__MAP);
    const struct wf__scope *scope = wf__scope_new(ld, NULL);
    wf__use_begin(ld, wf__member(root, "use", WF__MAP));
    if (document)
        load_document(ld, document, wf__key_loc(root, "document"));
    check_evaluate(ld, root);
    check_schedule(ld, root);
    wf__data_stage(ld, root, "input", scope->outer, &def->input_schema, &def->input_from);
    wf__data_stage(ld, root, "output", context, &def->output_schema, &def->output_as);
    def->timeout = wf__timeout(ld, root, scope->outer);
    def->body = wf__task_list(ld, wf_node_get(root, "do"), "/do", scope, true);
    wf__use_end(ld, scope);
}

/* ---- life of a definition ---- */

static struct wf_def *new_def(const char *file, const char *text, size_t len)
{
    struct wf_arena *arena = wf_arena_new(ARENA_MAX);
    struct wf_def *def = wf_arena_alloc(arena, sizeof *def);
    def->refs = 1;
    def->arena = arena;
    def->exprs = wf_exprs_new();
    def->file = wf_arena_strdup(arena, file);
    def->source = wf_arena_memdup(arena, text, len);
    def->source_len = len;
    wf_sha256(text, len, def->sha256);
    return def;
}

static void report_expr(void *arg, const struct wf_err *err)
{
    wf_diags_add_err(arg, 401, err);
}

int wf_def_load(const char *file, const char *text, size_t len, const struct wf_step_catalog *catalog,
    struct wf_diags *diags, struct wf_def **ret)
{
    size_t errors = diags->errors;
    if (len > WF_YAML_MAX_BYTES) {
        wf_diags_add(diags, WF_SEV_ERROR, 104, (struct wf_loc){file, 1, 1}, NULL, "a workflow is at most %zu MiB long",
            WF_YAML_MAX_BYTES >> 20);
        return WF_EINVAL;
    }
    struct wf_def *def = new_def(file, text, len);
    struct wf__load load = {.def = def, .catalog = catalog, .diags = diags};
    def->root = wf_yaml_parse_lenient(file, text, len, def->arena, diags);
    if (def->root) {
        load_top(&load, def->root);
        wf_exprs_compile(def->exprs, report_expr, diags);
    }
    wf_diags_sort(diags);
    if (diags->errors > errors) {
        if (catalog->explain)
            catalog->explain(catalog->ctx, diags);
        wf_def_unref(def);
        return WF_EINVAL;
    }
    *ret = def;
    return 0;
}

struct wf_def *wf_def_ref(struct wf_def *def)
{
    def->refs++;
    return def;
}

void wf_def_unref(struct wf_def *def)
{
    if (!def || --def->refs > 0)
        return;
    wf__schemas_free(def->schemas);
    wf_exprs_free(def->exprs);
    wf_arena_free(def->arena);
}
