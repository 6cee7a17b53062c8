/* def_try.c: try tasks: what is caught, and how often it is tried again. */
#include <string.h>

#include "def/expr_def.h"
#include "def/load.h"

/* ---- retry policies ---- */

static enum wf_backoff load_backoff(struct wf__load *ld, const struct wf_node *retry)
{
    static const struct wf__prop props[] = {
        {"constant", WF__MAP, false}, {"linear", WF__MAP, false}, {"exponential", WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(retry, "backoff", WF__MAP);
    if (!node)
        return WF_BACKOFF_CONSTANT;
    wf__shape_check(ld->diags, node, wf__key_loc(retry, "backoff"), "`backoff`", props, NULL);
    if (node->count != 1)
        wf__error(ld, 205, node->count ? node->keys[1]->loc : node->loc, "such as backoff: {exponential: {}}",
            "`backoff` needs exactly one of constant, linear, exponential");
    if (wf_node_get(node, "exponential"))
        return WF_BACKOFF_EXPONENTIAL;
    return wf_node_get(node, "linear") ? WF_BACKOFF_LINEAR : WF_BACKOFF_CONSTANT;
}

static void load_jitter(
    struct wf__load *ld, const struct wf_node *retry, const char *const *vars, struct wf_retry_def *ret)
{
    static const struct wf__prop props[] = {
        {"from", WF__STRING | WF__MAP, true}, {"to", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(retry, "jitter", WF__MAP);
    if (!node)
        return;
    ret->has_jitter = true;
    wf__shape_check(ld->diags, node, wf__key_loc(retry, "jitter"), "`jitter`", props, NULL);
    const struct wf_node *from = wf__member(node, "from", WF__STRING | WF__MAP);
    const struct wf_node *to = wf__member(node, "to", WF__STRING | WF__MAP);
    wf__duration(ld, from, "`from`", vars, &ret->jitter_from);
    wf__duration(ld, to, "`to`", vars, &ret->jitter_to);
    bool fixed = from && to && !ret->jitter_from.dynamic && !ret->jitter_to.dynamic;
    if (fixed && wf_duration_ms(ret->jitter_from.fixed) > wf_duration_ms(ret->jitter_to.fixed))
        wf__error(ld, 205, from->loc, NULL, "`from` must not be longer than `to`");
}

static void load_limit(
    struct wf__load *ld, const struct wf_node *retry, const char *const *vars, struct wf_retry_def *ret)
{
    static const struct wf__prop limit_props[] = {
        {"attempt", WF__MAP, false}, {"duration", WF__STRING | WF__MAP, false}, {NULL, 0, false}};
    static const struct wf__prop attempt_props[] = {
        {"count", WF__NUMBER, false}, {"duration", WF__STRING | WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *limit = wf__member(retry, "limit", WF__MAP);
    if (!limit)
        return;
    wf__shape_check(ld->diags, limit, wf__key_loc(retry, "limit"), "`limit`", limit_props, NULL);
    const struct wf_node *duration = wf__member(limit, "duration", WF__STRING | WF__MAP);
    ret->has_duration = duration != NULL;
    wf__duration(ld, duration, "`duration`", vars, &ret->duration);

    const struct wf_node *attempt = wf__member(limit, "attempt", WF__MAP);
    if (!attempt)
        return;
    wf__shape_check(ld->diags, attempt, wf__key_loc(limit, "attempt"), "`attempt`", attempt_props, NULL);
    const struct wf_node *count = wf__member(attempt, "count", WF__NUMBER);
    ret->has_count = count && wf__integer(ld->diags, count, "`count`", 0, 1000000000, &ret->count);
    duration = wf__member(attempt, "duration", WF__STRING | WF__MAP);
    ret->has_attempt_duration = duration != NULL;
    wf__duration(ld, duration, "`duration`", vars, &ret->attempt_duration);
}

const struct wf_retry_def *wf__retry(
    struct wf__load *ld, const struct wf_node *node, struct wf_loc owner, const char *const *vars)
{
    static const struct wf__prop props[] = {{"when", WF__STRING, false}, {"exceptWhen", WF__STRING, false},
        {"delay", WF__STRING | WF__MAP, false}, {"backoff", WF__MAP, false}, {"limit", WF__MAP, false},
        {"jitter", WF__MAP, false}, {NULL, 0, false}};
    if (!wf__shape_check(ld->diags, node, owner, "a retry policy", props, NULL))
        return NULL;
    struct wf_retry_def *retry = wf__alloc(ld, sizeof *retry);
    retry->when = wf__expr(ld, node, "when", vars);
    retry->except_when = wf__expr(ld, node, "exceptWhen", vars);
    wf__duration(ld, wf__member(node, "delay", WF__STRING | WF__MAP), "`delay`", vars, &retry->delay);
    retry->backoff = load_backoff(ld, node);
    load_jitter(ld, node, vars, retry);
    load_limit(ld, node, vars, retry);
    return retry;
}

/* ---- catch ---- */

static const char *filter_text(struct wf__load *ld, const struct wf_node *with, const char *key)
{
    const struct wf_node *node = wf__member(with, key, WF__STRING);
    if (node && wf__expr_is_marked(node->text, node->len))
        wf__error(ld, 205, node->loc, "put the condition into `when` beside `errors`",
            "`%s` is compared as it is written", key);
    return node ? node->text : NULL;
}

static void load_filter(struct wf__load *ld, const struct wf_node *catch, struct wf_error_filter *ret)
{
    static const struct wf__prop errors_props[] = {{"with", WF__MAP, false}, {NULL, 0, false}};
    static const struct wf__prop props[] = {{"type", WF__STRING, false}, {"status", WF__NUMBER, false},
        {"instance", WF__STRING, false}, {"title", WF__STRING, false}, {"detail", WF__STRING, false},
        {"details", WF__STRING, false}, {NULL, 0, false}};
    const struct wf_node *errors = wf__member(catch, "errors", WF__MAP);
    if (!errors)
        return;
    wf__shape_check(ld->diags, errors, wf__key_loc(catch, "errors"), "`errors`", errors_props, NULL);
    const struct wf_node *with = wf__member(errors, "with", WF__MAP);
    if (!with)
        return;
    wf__shape_check(ld->diags, with, wf__key_loc(errors, "with"), "an error filter", props, NULL);
    if (with->count == 0)
        wf__error(ld, 205, with->loc, "leave `errors` out to catch every error", "an error filter needs a property");
    ret->type = filter_text(ld, with, "type");
    if (ret->type && wf_error_type_name(ret->type))
        ret->type = wf_error_type_name(ret->type);
    ret->instance = filter_text(ld, with, "instance");
    ret->title = filter_text(ld, with, "title");
    const char *details = filter_text(ld, with, "details");
    ret->detail = filter_text(ld, with, "detail");
    if (!ret->detail)
        ret->detail = details;
    const struct wf_node *status = wf__member(with, "status", WF__NUMBER);
    int64_t number = 0;
    if (status && wf__integer(ld->diags, status, "`status`", 1, 999, &number))
        ret->status = (int)number;
}

static void load_catch(struct wf__load *ld, struct wf_task *task, const struct wf_node *catch,
    const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop props[] = {{"errors", WF__MAP, false}, {"as", WF__STRING, false},
        {"when", WF__STRING, false}, {"exceptWhen", WF__STRING, false}, {"retry", WF__STRING | WF__MAP, false},
        {"do", WF__LIST, false}, {"then", WF__STRING, false}, {NULL, 0, false}};
    wf__shape_check(ld->diags, catch, wf__key_loc(task->node, "catch"), "`catch`", props, NULL);
    load_filter(ld, catch, &task->try_.filter);
    task->try_.as = wf__scope_name(ld, catch, "as", "error");
    const struct wf__scope *inner = wf__scope_nest(ld, scope, task->try_.as, NULL);
    task->try_.when = wf__expr(ld, catch, "when", inner->error);
    task->try_.except_when = wf__expr(ld, catch, "exceptWhen", inner->error);

    const struct wf_node *retry = wf__member(catch, "retry", WF__STRING | WF__MAP);
    if (retry && retry->kind == WF_NODE_STRING)
        retry = wf__use_find(ld, WF__USE_RETRIES, retry);
    if (retry)
        task->try_.retry = wf__retry(ld, retry, wf__key_loc(catch, "retry"), inner->error);

    const struct wf_node *handler = wf__member(catch, "do", WF__LIST);
    const char *ref = wf_arena_printf(ld->def->arena, "%s/catch/do", task->ref);
    task->try_.has_handler = handler != NULL;
    task->try_.handler = wf__task_list(ld, handler, ref, inner, true);
    task->try_.has_then = wf_node_get(catch, "then") != NULL;
    task->try_.then = wf__flow(ld, in, catch, "then");
}

void wf__load_try(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    const char *ref = wf_arena_printf(ld->def->arena, "%s/try", task->ref);
    task->try_.body = wf__task_list(ld, wf_node_get(task->node, "try"), ref, scope, true);
    const struct wf_node *catch = wf__member(task->node, "catch", WF__MAP);
    if (catch)
        load_catch(ld, task, catch, scope, in);
}
