/* template.c: data with expressions in it: a tree of constants, expressions and URI templates. */
#include "def/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "def/expr_def.h"
#include "def/uri_template.h"

enum tmpl_kind { TMPL_CONSTANT, TMPL_EXPR, TMPL_URI, TMPL_LIST, TMPL_MAP };

struct wf_tmpl {
    enum tmpl_kind kind;
    const struct wf_node *node;
    struct wf_expr *expr;   /* EXPR */
    jv *constant;           /* CONSTANT, outside of a larger one: its value, once it was asked for */
    struct wf_tmpl **items; /* LIST, MAP: as many as the node has */
};

struct maker {
    struct wf_arena *arena;
    struct wf_exprs *exprs;
    const char *const *vars;
    struct wf_diags *diags;
};

/* Kept by pointer when the arena is full: the load has failed by then (WF0104) and nothing is evaluated. */
static struct wf_tmpl out_of_memory = {.kind = TMPL_CONSTANT};

static struct wf_tmpl *full(const struct maker *m, const struct wf_node *node)
{
    wf_diags_add(m->diags, WF_SEV_ERROR, 104, node->loc, NULL, "the definition needs more memory than it may have");
    return &out_of_memory;
}

static enum wf_tmpl_mode member_mode(enum wf_tmpl_mode mode, const struct wf_node *map, size_t i)
{
    if (mode == WF_TMPL_HTTP && strcmp(map->keys[i]->text, "endpoint") == 0)
        return WF_TMPL_URI;
    if (mode == WF_TMPL_URI && strcmp(map->keys[i]->text, "uri") == 0)
        return WF_TMPL_URI;
    return WF_TMPL_DATA;
}

static void make_string(const struct maker *m, struct wf_tmpl *t, enum wf_tmpl_mode mode)
{
    const struct wf_node *node = t->node;
    if (mode == WF_TMPL_EXPR || wf__expr_is_marked(node->text, node->len)) {
        t->kind = TMPL_EXPR;
        t->expr = wf__expr_new(m->arena, m->exprs, node, m->vars, m->diags);
    } else if (mode == WF_TMPL_URI) {
        t->kind = wf__uri_template_check(node, m->diags) ? TMPL_URI : TMPL_CONSTANT;
    } else {
        wf__expr_warn_unmarked(node, m->diags);
    }
}

/* The reader bounds depth and size of the tree, so recursion is safe here and below. */
static struct wf_tmpl *make(const struct maker *m, const struct wf_node *node, enum wf_tmpl_mode mode);

/* A constant is made once: a loop asks for it again and again. */
static struct wf_tmpl *keep(const struct maker *m, struct wf_tmpl *t)
{
    if (t->kind == TMPL_CONSTANT && t != &out_of_memory)
        t->constant = wf_exprs_place(m->exprs);
    return t;
}

static void make_items(const struct maker *m, struct wf_tmpl *t, enum wf_tmpl_mode mode)
{
    const struct wf_node *node = t->node;
    t->items = wf_arena_alloc(m->arena, (node->count + 1) * sizeof(struct wf_tmpl *));
    if (!t->items) {
        full(m, node);
        return;
    }
    bool constant = true;
    for (size_t i = 0; i < node->count; i++) {
        t->items[i] = make(m, node->items[i], node->kind == WF_NODE_MAP ? member_mode(mode, node, i) : WF_TMPL_DATA);
        constant &= t->items[i]->kind == TMPL_CONSTANT;
    }
    if (constant)
        return;
    t->kind = node->kind == WF_NODE_MAP ? TMPL_MAP : TMPL_LIST;
    for (size_t i = 0; i < node->count; i++)
        keep(m, t->items[i]);
}

static struct wf_tmpl *make(const struct maker *m, const struct wf_node *node, enum wf_tmpl_mode mode)
{
    struct wf_tmpl *t = wf_arena_alloc(m->arena, sizeof *t);
    if (!t)
        return full(m, node);
    t->kind = TMPL_CONSTANT;
    t->node = node;
    if (node->kind == WF_NODE_STRING)
        make_string(m, t, mode);
    else if (node->kind == WF_NODE_LIST || node->kind == WF_NODE_MAP)
        make_items(m, t, mode);
    return t;
}

const struct wf_tmpl *wf_tmpl_new(struct wf_arena *arena, struct wf_exprs *exprs, const struct wf_node *node,
    enum wf_tmpl_mode mode, const char *const *vars, struct wf_diags *diags)
{
    const struct maker maker = {arena, exprs, vars, diags};
    return keep(&maker, make(&maker, node, mode));
}

static int eval_items(const struct wf_tmpl *t, const jv *dot, const struct wf_env *env, jv *ret, struct wf_err *err)
{
    const struct wf_node *node = t->node;
    bool is_map = t->kind == TMPL_MAP;
    jv all = is_map ? jv_object() : jv_array_sized((int)node->count);
    for (size_t i = 0; i < node->count; i++) {
        jv one;
        int rc = wf_tmpl_eval(t->items[i], dot, env, &one, err);
        if (rc != 0) {
            jv_free(all);
            return rc;
        }
        if (is_map)
            all = jv_object_set(all, jv_string_sized(node->keys[i]->text, (int)node->keys[i]->len), one);
        else
            all = jv_array_append(all, one);
    }
    *ret = all;
    return 0;
}

int wf_tmpl_eval(const struct wf_tmpl *t, const jv *dot, const struct wf_env *env, jv *ret, struct wf_err *err)
{
    switch (t->kind) {
    case TMPL_CONSTANT:
        if (!jv_is_valid(*t->constant)) /* libjq's only question that does not take its value */
            *t->constant = wf_node_value(t->node);
        *ret = jv_copy(*t->constant);
        return 0;
    case TMPL_EXPR:
        return wf_expr_eval(t->expr, dot, env, ret, err);
    case TMPL_URI:
        return wf__uri_template_expand(t->node, dot, ret, err);
    case TMPL_LIST:
    case TMPL_MAP:
        return eval_items(t, dot, env, ret, err);
    }
    return wf_err_set(err, WF_EINVAL, "a template of an unknown kind");
}

bool wf_tmpl_is_constant(const struct wf_tmpl *t)
{
    return t->kind == TMPL_CONSTANT;
}

bool wf_tmpl_uses(const struct wf_tmpl *t, const char *var)
{
    if (t->kind == TMPL_EXPR)
        return t->expr && wf_expr_uses(t->expr, var);
    if (t->kind != TMPL_LIST && t->kind != TMPL_MAP)
        return false;
    for (size_t i = 0; i < t->node->count; i++)
        if (wf_tmpl_uses(t->items[i], var))
            return true;
    return false;
}
