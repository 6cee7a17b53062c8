/* manifest_function.c: one function of a manifest: its declaration, effect, output and what counts as a failure. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffi/manifest_priv.h"

/* ---- names ---- */

static int index_of(const struct wf__function *f, const char *name)
{
    if (strcmp(name, "errno") == 0)
        return WF__ERRNO;
    if (strcmp(name, "return") == 0)
        return f->params[f->nparams].type->kind == WF__C_VOID ? WF__NOWHERE : (int)f->nparams;
    for (size_t i = 0; i < f->nparams; i++)
        if (strcmp(f->params[i].name, name) == 0)
            return (int)i;
    return WF__NOWHERE;
}

int wf__function_index(struct wf_manifest *m, const struct wf__function *f, const struct wf_node *name)
{
    const char *names[WF__C_MOST_PARAMS + 1];
    char hint[200];

    if (name->kind != WF_NODE_STRING)
        return WF__NOWHERE; /* said already */
    int index = index_of(f, name->text);
    if (index != WF__NOWHERE)
        return index;
    for (size_t i = 0; i <= f->nparams; i++)
        names[i] = i < f->nparams ? f->params[i].name : NULL;
    wf__bad(m, 302, name->loc, wf__hint_names(hint, sizeof hint, name->text, names), "%s has no parameter `%s`",
        f->c.name, name->text);
    return WF__NOWHERE;
}

/* ---- the declaration ---- */

static void add_vararg(struct wf_manifest *m, struct wf__function *f, const struct wf_node *node)
{
    struct wf__cmember *param = &f->c.params[f->c.nparams];
    struct wf_err err = {0};

    if (f->c.nparams == WF__C_MOST_PARAMS)
        wf__bad(m, 104, node->loc, NULL, "more than %d parameters", WF__C_MOST_PARAMS);
    else if (node->kind != WF_NODE_STRING)
        wf__bad(m, 205, node->loc, NULL, "an argument must be text such as `int count`");
    else if (wf__cdecl_variable(&m->names, node->text, param, &err) != 0)
        wf__bad(m, 205, node->loc, err.hint, "the argument `%s`: %s", node->text, err.msg);
    else if (wf__ctype_is_scalar(param->type) &&
             (param->type->kind == WF__C_FLOAT ? param->type->size < sizeof(double) : param->type->size < sizeof(int)))
        wf__bad(m, 205, node->loc, param->type->kind == WF__C_FLOAT ? "write double" : "write int",
            "C passes no %s behind `...`: it becomes a larger type", param->type->name);
    else
        f->c.nparams++;
}

static bool read_declaration(struct wf_manifest *m, struct wf__function *f, const struct wf_node *map)
{
    const struct wf_node *text = wf__member(map, "declaration", WF__STRING),
                         *more = wf__member(map, "varargs", WF__LIST);
    struct wf_err err = {0};

    if (!text)
        return false;
    f->loc = text->loc;
    if (wf__cdecl_function(&m->names, text->text, &f->c, &err) != 0) {
        wf__bad(m, 205, text->loc, err.hint, "the declaration: %s", err.msg);
        return false;
    }
    f->nfixed = f->c.nparams;
    if (more && !f->c.is_variadic)
        wf__bad(m, 205, more->loc, NULL, "%s is not declared with `...`", f->c.name);
    for (size_t i = 0; more && i < more->count; i++)
        add_vararg(m, f, more->items[i]);
    f->nparams = f->c.nparams;
    for (size_t i = 0; i < f->nparams; i++) {
        f->params[i].name = f->c.params[i].name;
        f->params[i].type = f->c.params[i].type;
        for (size_t k = 0; k < i; k++)
            if (strcmp(f->params[k].name, f->params[i].name) == 0)
                wf__bad(m, 303, f->loc, NULL, "two parameters are called `%s`", f->params[i].name);
    }
    f->params[f->nparams].name = "return";
    f->params[f->nparams].type = f->c.returns;
    return true;
}

/* ---- output ---- */

static void add_output(struct wf_manifest *m, struct wf__function *f, const char *member, const struct wf_node *from)
{
    if (from->kind != WF_NODE_STRING) {
        wf__bad(
            m, 205, from->loc, NULL, "what goes to the output must be the name of a parameter, `return` or `errno`");
        return;
    }
    int index = wf__function_index(m, f, from);
    if (index == WF__ERRNO)
        f->has_errno = true;
    else if (index >= 0 && (!(f->params[index].way & WF__OUT) || f->params[index].form == WF__AS_NULL))
        wf__bad(m, 205, from->loc, "direction: out", "nothing comes out of `%s`", from->text);
    f->outputs[f->noutputs++] = (struct wf__output){member, index};
}

static void read_output(struct wf_manifest *m, struct wf__function *f, const struct wf_node *map)
{
    const struct wf_node *node = wf__member(map, "output", WF__STRING | WF__MAP);
    size_t count = node && node->kind == WF_NODE_MAP ? node->count : 1;

    f->outputs = wf_arena_alloc(m->arena, (count ? count : 1) * sizeof *f->outputs);
    if (node && node->kind == WF_NODE_STRING)
        add_output(m, f, NULL, node);
    for (size_t i = 0; node && node->kind == WF_NODE_MAP && i < node->count; i++)
        add_output(m, f, node->keys[i]->text, node->items[i]);
    if (!node && !wf_node_get(map, "output") && f->c.returns->kind != WF__C_VOID)
        wf__bad(m, 201, f->loc, "output: return, or {MEMBER: return, MEMBER: PARAMETER}",
            "say what the output of %s is", f->c.name);
}

/* ---- failures ---- */

/* NAME OPERATOR NUMBER: `return < 0`, `errno != 0`, `return == NULL` */
static void read_condition(struct wf_manifest *m, struct wf__function *f, const struct wf_node *node)
{
    static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
    char name[80] = "", operator[3] = "", number[40] = "", rest;
    struct wf__fails *fails = &f->fails;

    if (sscanf(node->text, " %79[A-Za-z0-9_] %2[=!<>] %39s %c", name, operator, number, &rest) == 3) {
        char *end;
        fails->number = strcmp(number, "NULL") == 0 ? 0 : strtod(number, &end);
        bool is_number = strcmp(number, "NULL") == 0 || *end == '\0';
        for (size_t i = 0; is_number && i < sizeof operators / sizeof *operators; i++) {
            if (strcmp(operators[i], operator) == 0) {
                fails->compare = (enum wf__compare)i;
                fails->is_set = true;
            }
        }
    }
    if (!fails->is_set) {
        wf__bad(m, 205, node->loc, "such as `return < 0`, `return == NULL` or `errno != 0`",
            "`%s` is not a name, a comparison and a number", node->text);
        return;
    }
    const struct wf_node named = {.kind = WF_NODE_STRING, .text = name, .loc = node->loc};
    fails->what = wf__function_index(m, f, &named);
    f->has_errno = f->has_errno || fails->what == WF__ERRNO;
    if (fails->what >= 0) {
        const struct wf__param *p = &f->params[fails->what];
        bool is_value =
            (size_t)fails->what == f->nparams && (p->form == WF__AS_SCALAR || p->type->kind == WF__C_POINTER);
        if (!is_value && !(p->form == WF__AS_NUMBER && (p->way & WF__OUT)))
            wf__bad(m, 205, node->loc, NULL, "`%s` is no number that comes out", name);
    }
}

static void read_words(struct wf_manifest *m, struct wf__fails *fails, const struct wf_node *map)
{
    fails->words = wf_arena_alloc(m->arena, (map->count + 1) * sizeof *fails->words);
    for (size_t i = 0; i < map->count; i++) {
        char *end;
        long long value = strtoll(map->keys[i]->text, &end, 10);
        if (*end || map->items[i]->kind != WF_NODE_STRING)
            wf__bad(m, 205, map->keys[i]->loc, NULL, "`words` has numbers and what each means");
        else
            fails->words[fails->nwords++] = (struct wf__words){value, map->items[i]->text};
    }
}

static void read_fails(struct wf_manifest *m, struct wf__function *f, const struct wf_node *map)
{
    static const struct wf__prop props[] = {{"when", WF__STRING, true}, {"type", WF__STRING, false},
        {"status", WF__NUMBER, false}, {"title", WF__STRING, false}, {"words", WF__MAP, false}, {0}};
    const struct wf_node *node = wf__member(map, "fails", WF__MAP), *status, *words, *when;
    int64_t number = 0;

    if (!node || !wf__shape_check(&m->diags, node, wf__key_loc(map, "fails"), "`fails`", props, NULL))
        return;
    when = wf__member(node, "when", WF__STRING);
    status = wf__member(node, "status", WF__NUMBER);
    words = wf__member(node, "words", WF__MAP);
    if (when)
        read_condition(m, f, when);
    if (status && wf__integer(&m->diags, status, "`status`", 100, 599, &number))
        f->fails.status = (int32_t)number;
    if (words)
        read_words(m, &f->fails, words);
    f->fails.type = wf__member_text(node, "type");
    f->fails.title = wf__member_text(node, "title");
}

/* ---- the step ---- */

static uint32_t read_effect(struct wf_manifest *m, const struct wf_node *map)
{
    static const char *const names[] = {"none", "read", "write", "spend", "irreversible", NULL};
    const struct wf_node *node = wf__member(map, "effect", WF__STRING);
    char hint[120];

    for (uint32_t i = 0; node && names[i]; i++)
        if (strcmp(names[i], node->text) == 0)
            return i;
    if (node)
        wf__bad(m, 205, node->loc, wf__hint_names(hint, sizeof hint, node->text, names), "no effect is called `%s`",
            node->text);
    return WF_EFFECT_IRREVERSIBLE;
}

static bool flag(const struct wf_node *map, const char *key, bool otherwise)
{
    const struct wf_node *node = wf__member(map, key, WF__BOOL);
    return node ? node->boolean : otherwise;
}

/* The manifest's own, else the one that follows from the signature. */
static const char *schema(struct wf_manifest *m, struct wf__function *f, const struct wf_node *map, const char *which)
{
    const struct wf_node *given = wf_node_get(wf__member(map, "schema", WF__MAP), which);

    if (!given)
        return strcmp(which, "with") == 0 ? wf__schema_with(m, f) : wf__schema_output(m, f);
    jv value = wf_node_value(given);
    char *text = wf_val_text(&value);
    const char *kept = wf_arena_strdup(m->arena, text ? text : "true");
    free(text);
    jv_free(value);
    return kept;
}

static void make_step(
    struct wf_manifest *m, struct wf__function *f, const struct wf_node *name, const struct wf_node *map)
{
    f->type = (struct wf_step_type){
        .size = sizeof f->type,
        .effect = read_effect(m, map),
        .flags = (flag(map, "blocking", true) ? WF_STEP_BLOCKING : 0) |
                 (flag(map, "serial", false) ? WF_STEP_SERIAL : 0) |
                 (flag(map, "idempotent", false) ? WF_STEP_IDEMPOTENT : 0),
        .name = name->text,
        .summary = wf__member_text(map, "summary"),
        .no_undo = wf__member_text(map, "noUndo"),
    };
    if (wf__member(map, "effect", WF__STRING) && f->type.effect >= WF_EFFECT_WRITE && !f->type.no_undo)
        wf__bad(m, 201, wf__key_loc(map, "effect"), "noUndo: a sentence that says why it cannot be taken back",
            "a function that changes the world needs `noUndo`");
}

struct wf__function *wf__function_read(struct wf_manifest *m, const struct wf_node *name, const struct wf_node *map)
{
    static const struct wf__prop props[] = {{"summary", WF__STRING, true}, {"effect", WF__STRING, true},
        {"declaration", WF__STRING, true}, {"parameters", WF__MAP, false}, {"varargs", WF__LIST, false},
        {"returns", WF__MAP, false}, {"output", WF__STRING | WF__MAP, false}, {"fails", WF__MAP, false},
        {"errno", WF__BOOL, false}, {"blocking", WF__BOOL, false}, {"serial", WF__BOOL, false},
        {"idempotent", WF__BOOL, false}, {"noUndo", WF__STRING, false}, {"schema", WF__MAP, false}, {0}};
    static const struct wf__prop schemas[] = {
        {"with", WF__MAP | WF__BOOL, false}, {"output", WF__MAP | WF__BOOL, false}, {0}};
    struct wf__function *f = wf_arena_alloc(m->arena, sizeof *f);
    const struct wf_node *given = wf__member(map, "schema", WF__MAP);

    f->manifest = m;
    if (!wf__shape_check(&m->diags, map, name->loc, "a function", props, NULL))
        return NULL;
    if (given)
        wf__shape_check(&m->diags, given, given->loc, "`schema`", schemas, NULL);
    f->has_errno = flag(map, "errno", false);
    make_step(m, f, name, map);
    if (!read_declaration(m, f, map))
        return NULL;
    size_t before = m->diags.errors;
    wf__params_read(m, f, map);
    read_output(m, f, map);
    read_fails(m, f, map);
    if (m->diags.errors > before)
        return NULL; /* a schema of what is wrong would be wrong */
    f->type.input_schema = schema(m, f, map, "with");
    f->type.output_schema = schema(m, f, map, "output");
    return f;
}
