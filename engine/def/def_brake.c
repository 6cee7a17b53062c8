/* def_brake.c: what metadata.wfrun of a `for` says to hold it back: waves, the gates between them, how many items may
 * fail, how often one begins, and what it has for itself. */
#include <string.h>

#include "def/load.h"
#include "def/rate.h"

/* Data in which only marked texts are expressions: "10%" is a text. NULL: not given. */
static const struct wf_tmpl *data(
    struct wf__load *ld, const struct wf_node *map, const char *key, const char *const *vars)
{
    const struct wf_node *node = wf_node_get(map, key);

    return node ? wf__tmpl(ld, node, WF_TMPL_DATA, vars) : NULL;
}

static void wrong(struct wf__load *ld, const struct wf_node *node, const char *key, const struct wf_err *err)
{
    wf__error(ld, 505, node->loc, *err->hint ? err->hint : NULL, "`%s`: %s", key, err->msg);
}

/* What is written out is checked now; what an expression gives, when it is there. */
static void load_waves(
    struct wf__load *ld, const struct wf_node *settings, struct wf_hints *hints, const char *const *vars)
{
    const struct wf_node *node = wf_node_get(settings, "waves");
    struct wf_err err = {0};
    int at;

    hints->waves = data(ld, settings, "waves", vars);
    if (!hints->waves || !wf_tmpl_is_constant(hints->waves))
        return;
    jv list = wf_node_value(node);
    if (wf_waves_check(&list, &at, &err) != 0)
        wrong(ld, at >= 0 ? node->items[at] : node, "waves", &err);
    jv_free(list);
}

static void load_gate(
    struct wf__load *ld, const struct wf_node *settings, struct wf_hints *hints, const char *const *vars)
{
    static const struct wf__prop props[] = {{"check", WF__STRING, true}, {NULL, 0, false}};
    const struct wf_node *node = wf_node_get(settings, "gate");

    if (!node)
        return;
    if (node->kind == WF_NODE_MAP) {
        hints->gate = WF_GATE_CHECK;
        wf__shape_check(ld->diags, node, wf__key_loc(settings, "gate"), "`gate`", props, NULL);
        hints->gate_check = wf__tmpl(ld, wf__member(node, "check", WF__STRING), WF_TMPL_EXPR, vars);
    } else if (node->kind == WF_NODE_STRING && strcmp(node->text, "pause") == 0) {
        hints->gate = WF_GATE_PAUSE;
    } else if (node->kind == WF_NODE_STRING && strcmp(node->text, "approval") == 0) {
        hints->gate = WF_GATE_APPROVAL;
    } else {
        wf__error(ld, 505, node->loc, "write pause, approval, or {check: EXPRESSION}", "`gate`: no such gate");
    }
    if (!hints->waves)
        wf__error(ld, 506, wf__key_loc(settings, "gate"), "add `waves`, such as [1, \"10%\", \"100%\"]",
            "`gate` stands between waves, and there are none");
}

/* The items that may fail: a count, a part, or all. */
static void load_budget(
    struct wf__load *ld, const struct wf_node *settings, struct wf_hints *hints, const char *const *vars)
{
    static const struct wf__prop props[] = {{"continueOnFault", WF__BOOL, false}, {NULL, 0, false}};
    const struct wf_node *node = wf_node_get(settings, "failureBudget");
    struct wf_share share;
    struct wf_err err = {0};

    wf__shape_known(ld->diags, settings, settings->loc, "metadata.wfrun", props);
    const struct wf_node *go_on = wf__member(settings, "continueOnFault", WF__BOOL);
    hints->go_on = go_on && go_on->boolean;
    hints->budget = data(ld, settings, "failureBudget", vars);
    if (hints->budget && hints->go_on)
        wf__error(ld, 506, wf__key_loc(settings, "failureBudget"), "leave one of them out",
            "`failureBudget` says how many may fail, `continueOnFault` that all may");
    if (!hints->budget || !wf_tmpl_is_constant(hints->budget))
        return;
    jv value = wf_node_value(node);
    if (wf_share_read(&value, &share, &err) != 0)
        wrong(ld, node, "failureBudget", &err);
    jv_free(value);
}

static const struct wf_tmpl *expression(
    struct wf__load *ld, const struct wf_node *settings, const char *key, const char *const *vars)
{
    const struct wf_node *node = wf_node_get(settings, key);

    if (node && node->kind != WF_NODE_STRING)
        wf__error(ld, 505, node->loc, "write a jq expression, in quotes where YAML needs them",
            "`%s` must be an expression, is %s", key, wf_node_kind_name(node->kind));
    return node && node->kind == WF_NODE_STRING ? wf__tmpl(ld, node, WF_TMPL_EXPR, vars) : NULL;
}

/* A constant is checked now. */
static const struct wf_tmpl *checked(struct wf__load *ld, const struct wf_node *map, const char *key,
    const char *const *vars, int (*read)(const jv *, int64_t *, struct wf_err *))
{
    const struct wf_tmpl *tmpl = data(ld, map, key, vars);
    struct wf_err err = {0};
    int64_t number;

    if (!tmpl || !wf_tmpl_is_constant(tmpl))
        return tmpl;
    jv value = wf_node_value(wf_node_get(map, key));
    if (read(&value, &number, &err) != 0)
        wrong(ld, wf_node_get(map, key), key, &err);
    jv_free(value);
    return tmpl;
}

static void load_rate(struct wf__load *ld, const struct wf_node *settings, struct wf_hints *hints,
    const char *const *task, const char *const *iteration)
{
    static const struct wf__prop props[] = {
        {"key", WF__STRING, true}, {"rate", WF__ANY, true}, {"burst", WF__ANY, false}, {NULL, 0, false}};
    const struct wf_node *node = wf_node_get(settings, "rateLimit");

    if (!node)
        return;
    if (node->kind != WF_NODE_MAP) {
        wf__error(ld, 505, node->loc, "write {key: $customer.id, rate: 5/s, burst: 10}",
            "`rateLimit` must be a map, is %s", wf_node_kind_name(node->kind));
        return;
    }
    wf__shape_check(ld->diags, node, wf__key_loc(settings, "rateLimit"), "`rateLimit`", props, NULL);
    hints->rate_key = expression(ld, node, "key", iteration);
    hints->rate = checked(ld, node, "rate", task, wf_rate_read);
    hints->burst = checked(ld, node, "burst", task, wf_burst_read);
}

void wf__brake(struct wf__load *ld, const struct wf_node *settings, struct wf_hints *hints,
    const struct wf__scope *task, const struct wf__scope *iteration)
{
    load_waves(ld, settings, hints, task->body);
    load_gate(ld, settings, hints, task->body);
    load_budget(ld, settings, hints, task->body);
    hints->failed = expression(ld, settings, "failed", iteration->body);
    hints->lock = expression(ld, settings, "lock", iteration->body);
    load_rate(ld, settings, hints, task->body, iteration->body);
}
