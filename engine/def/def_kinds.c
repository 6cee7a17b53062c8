/* def_kinds.c: what do, for, fork, raise, set, switch and wait say of themselves. */
#include <string.h>

#include "def/expr_def.h"
#include "def/load.h"

/* The reference of something inside a task; names of properties need no escaping. */
static const char *below(struct wf__load *ld, const struct wf_task *task, const char *path)
{
    return wf_arena_printf(ld->def->arena, "%s/%s", task->ref, path);
}

void wf__load_do(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    (void)in;
    task->do_ = wf__task_list(ld, wf_node_get(task->node, "do"), below(ld, task, "do"), scope, true);
}

static void check_inline_items(struct wf__load *ld, const struct wf_node *in)
{
    for (size_t i = 0; in && in->kind == WF_NODE_LIST && i < in->count; i++)
        if (in->items[i]->kind != WF_NODE_MAP)
            wf__error(ld, 205, in->items[i]->loc, "for other lists write an expression: in: ${ [1, 2, 3] }",
                "an item of an inline list must be a map, is %s", wf_node_kind_name(in->items[i]->kind));
}

void wf__load_for(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop props[] = {
        {"each", WF__STRING, false}, {"in", WF__STRING | WF__LIST, true}, {"at", WF__STRING, false}, {NULL, 0, false}};
    const struct wf_node *loop = wf__member(task->node, "for", WF__MAP);
    (void)in;
    if (!loop)
        return;
    wf__shape_check(ld->diags, loop, wf__key_loc(task->node, "for"), "`for`", props, NULL);
    task->for_.each = wf__scope_name(ld, loop, "each", "item");
    task->for_.at = wf__scope_name(ld, loop, "at", "index");
    if (strcmp(task->for_.each, task->for_.at) == 0)
        wf__error(ld, 402, wf__key_loc(loop, "at"), NULL, "`each` and `at` need different names");
    const struct wf_node *items = wf__member(loop, "in", WF__STRING | WF__LIST);
    check_inline_items(ld, items);
    task->for_.in = wf__tmpl(ld, items, WF_TMPL_EXPR, scope->body);

    const struct wf__scope *inner = wf__scope_nest(ld, scope, task->for_.each, task->for_.at);
    task->for_.while_ = wf__expr(ld, task->node, "while", inner->body);
    task->for_.body = wf__task_list(ld, wf_node_get(task->node, "do"), below(ld, task, "do"), inner, true);
}

void wf__load_fork(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop props[] = {
        {"branches", WF__LIST, true}, {"compete", WF__BOOL, false}, {NULL, 0, false}};
    const struct wf_node *fork = wf__member(task->node, "fork", WF__MAP);
    (void)in;
    if (!fork)
        return;
    wf__shape_check(ld->diags, fork, wf__key_loc(task->node, "fork"), "`fork`", props, NULL);
    const struct wf_node *compete = wf__member(fork, "compete", WF__BOOL);
    task->fork.compete = compete && compete->boolean;
    task->fork.branches =
        wf__task_list(ld, wf_node_get(fork, "branches"), below(ld, task, "fork/branches"), scope, false);
}

void wf__load_set(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    const struct wf_node *set = wf__member(task->node, "set", WF__STRING | WF__MAP);
    (void)in;
    if (set && set->kind == WF_NODE_MAP && set->count == 0)
        wf__error(ld, 205, set->loc, "to give an empty object write ${ {} }", "`set` must set at least one property");
    task->set = wf__tmpl(ld, set, WF_TMPL_EXPR, scope->body);
}

void wf__load_wait(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    (void)in;
    wf__duration(ld, wf__member(task->node, "wait", WF__STRING | WF__MAP), "`wait`", scope->body, &task->wait);
}

/* ---- switch ---- */

static void load_case(struct wf__load *ld, struct wf_switch_case *c, const struct wf_node *key,
    const struct wf_node *node, const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop props[] = {{"when", WF__STRING, false}, {"then", WF__STRING, true}, {NULL, 0, false}};
    c->name = key->text;
    if (!wf__shape_check(ld->diags, node, key->loc, "a case", props, NULL))
        return;
    c->when = wf__expr(ld, node, "when", scope->body);
    c->then = wf__flow(ld, in, node, "then");
}

void wf__load_switch(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    const struct wf_node *list = wf__member(task->node, "switch", WF__LIST);
    const struct wf_node *first_default = NULL;
    if (!list)
        return;
    if (list->count == 0)
        wf__error(ld, 205, list->loc, NULL, "`switch` needs at least one case");
    struct wf_switch_case *cases = wf__alloc(ld, (list->count + 1) * sizeof *cases);
    for (size_t i = 0; i < list->count; i++) {
        const struct wf_node *key = wf__single_key(ld->diags, list->items[i], "a case");
        if (!key)
            continue;
        const struct wf_node *node = list->items[i]->items[0];
        load_case(ld, &cases[task->switch_.count++], key, node, scope, in);
        if (wf_node_get(node, "when"))
            continue;
        if (first_default)
            wf__warn(ld, 304, key->loc, NULL, "`%.100s` is never taken: line %d has the default case already",
                key->text, first_default->loc.line);
        else
            first_default = key;
    }
    task->switch_.cases = cases;
}

/* ---- errors ---- */

/* A URI or a relative reference: no white space, not empty. */
static void check_type(struct wf__load *ld, const struct wf_node *type)
{
    if (type && !wf__expr_is_marked(type->text, type->len) && (type->len == 0 || strpbrk(type->text, " \t\r\n")))
        wf__error(ld, 205, type->loc, "such as https://example.com/errors/out-of-stock", "`type` must be a URI");
}

void wf__error_def(struct wf__load *ld, const struct wf_node *node, struct wf_loc owner, const char *const *vars,
    struct wf_error_def *ret)
{
    static const struct wf__prop props[] = {{"type", WF__STRING, true}, {"status", WF__NUMBER, true},
        {"title", WF__STRING, false}, {"detail", WF__STRING, false}, {"instance", WF__STRING, false}, {NULL, 0, false}};
    int64_t status;
    if (!wf__shape_check(ld->diags, node, owner, "an error", props, NULL))
        return;
    const struct wf_node *type = wf__member(node, "type", WF__STRING);
    const struct wf_node *number = wf__member(node, "status", WF__NUMBER);
    check_type(ld, type);
    if (number)
        wf__integer(ld->diags, number, "`status`", 0, 999, &status);
    ret->type = wf__tmpl(ld, type, WF_TMPL_DATA, vars);
    ret->status = wf__tmpl(ld, number, WF_TMPL_DATA, vars);
    ret->title = wf__tmpl(ld, wf__member(node, "title", WF__STRING), WF_TMPL_DATA, vars);
    ret->detail = wf__tmpl(ld, wf__member(node, "detail", WF__STRING), WF_TMPL_DATA, vars);
    ret->instance = wf__tmpl(ld, wf__member(node, "instance", WF__STRING), WF_TMPL_DATA, vars);
}

void wf__load_raise(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop props[] = {{"error", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    const struct wf_node *raise = wf__member(task->node, "raise", WF__MAP);
    (void)in;
    if (!raise)
        return;
    wf__shape_check(ld->diags, raise, wf__key_loc(task->node, "raise"), "`raise`", props, NULL);
    const struct wf_node *error = wf__member(raise, "error", WF__STRING | WF__MAP);
    if (error && error->kind == WF_NODE_STRING)
        error = wf__use_find(ld, WF__USE_ERRORS, error);
    if (error)
        wf__error_def(ld, error, wf__key_loc(raise, "error"), scope->body, &task->raise);
}
