/* def_hints.c: what metadata.wfrun says to this engine and nothing to others. */
#include <stdio.h>
#include <string.h>

#include "def/load.h"

#define MAX_CONCURRENCY 10000

/* Unknown settings are only warned of: a later version may know them. */
static void warn_unknown(struct wf__load *ld, const struct wf_node *map, const char *const *known, const char *what)
{
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i]->text;
        const char *const *k = known;
        char hint[300];
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            wf__warn(ld, 504, map->keys[i]->loc, wf__hint_names(hint, sizeof hint, key, known),
                "%s has no setting `%.60s`; it is ignored", what, key);
    }
}

/* metadata.wfrun of a task or document; NULL: none, or a finding. */
static const struct wf_node *find_settings(
    struct wf__load *ld, const struct wf_node *owner, const char *const *known, const char *what)
{
    const struct wf_node *node = wf_node_get(wf__member(owner, "metadata", WF__MAP), "wfrun");
    if (!node)
        return NULL;
    if (node->kind != WF_NODE_MAP) {
        wf__error(ld, 205, node->loc, NULL, "metadata.wfrun must be a map, is %s", wf_node_kind_name(node->kind));
        return NULL;
    }
    warn_unknown(ld, node, known, what);
    return node;
}

/* A member that is one expression, marked or bare. */
static const struct wf_tmpl *expression(
    struct wf__load *ld, const struct wf_node *map, const char *key, const char *const *vars)
{
    const struct wf_node *node = wf_node_get(map, key);
    if (node && node->kind != WF_NODE_STRING)
        wf__error(ld, 205, node->loc, NULL, "`%.60s` must be an expression, is %s", key, wf_node_kind_name(node->kind));
    return wf__tmpl(ld, wf__member(map, key, WF__STRING), WF_TMPL_EXPR, vars);
}

static bool is_undo(const struct wf_node *settings)
{
    const struct wf_node *mode = wf_node_get(settings, "mode");
    return mode && mode->kind == WF_NODE_STRING && strcmp(mode->text, "undo") == 0;
}

bool wf__mode_is_undo(const struct wf_node *task)
{
    const struct wf_node *metadata = wf_node_get(task, "metadata");
    const struct wf_node *settings = metadata ? wf_node_get(metadata, "wfrun") : NULL;
    return settings && is_undo(settings);
}

static void load_mode(struct wf__load *ld, struct wf_task *task, const struct wf_node *settings)
{
    struct wf_loc loc = wf__key_loc(settings, "mode");
    if (!is_undo(settings))
        wf__error(ld, 205, loc, NULL, "`mode` can be `undo`; left out, the step is run");
    else if (task->kind != WF_TASK_CALL || (!task->call.step && task->call.function))
        wf__error(ld, 205, loc, NULL, "`mode: undo` goes with the call of a plugin's step only");
    else
        task->hints.undo = true;
}

void wf__hints(struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope)
{
    static const char *const known[] = {"mode", "concurrency", "label", "waves", "gate", "failureBudget",
        "continueOnFault", "failed", "rateLimit", "lock", NULL};
    const struct wf_node *node = find_settings(ld, task->node, known, "metadata.wfrun of a task");
    if (!node)
        return;
    if (wf_node_get(node, "mode"))
        load_mode(ld, task, node);
    if (task->kind != WF_TASK_FOR) {
        for (size_t i = 1; known[i]; i++) /* all but `mode` */
            if (wf_node_get(node, known[i]))
                wf__warn(ld, 504, wf__key_loc(node, known[i]), NULL, "`%s` counts for `for` tasks only", known[i]);
        return;
    }
    const struct wf_node *concurrency = wf_node_get(node, "concurrency");
    if (concurrency)
        wf__integer(ld->diags, concurrency, "`concurrency`", 1, MAX_CONCURRENCY, &task->hints.concurrency);
    if (!task->for_.each)
        return;
    const struct wf__scope *inner = wf__scope_nest(ld, scope, task->for_.each, task->for_.at);
    if (wf_node_get(node, "label"))
        task->hints.label = expression(ld, node, "label", inner->body);
    wf__brake(ld, node, &task->hints, scope, inner);
}

/* ---- the report ---- */

static const char *const no_vars[] = {NULL};

/* Titles to expressions; NULL: there are none. */
static const struct wf_report_column *titled(
    struct wf__load *ld, const struct wf_node *report, const char *key, size_t *ret_count)
{
    const struct wf_node *map = wf__member(report, key, WF__MAP);
    if (!map)
        return NULL;
    struct wf_report_column *all = wf__alloc(ld, (map->count + 1) * sizeof *all);
    for (size_t i = 0; i < map->count; i++) {
        all[i].title = map->keys[i]->text;
        all[i].value = expression(ld, map, all[i].title, no_vars);
    }
    *ret_count = map->count;
    return all;
}

static void load_on_cancel(struct wf__load *ld, const struct wf_node *settings)
{
    const struct wf_node *on = wf_node_get(settings, "onCancel");
    ld->def->rolls_back = on && on->kind == WF_NODE_STRING && strcmp(on->text, "rollback") == 0;
    if (on && !ld->def->rolls_back)
        wf__error(ld, 205, wf__key_loc(settings, "onCancel"), NULL,
            "`onCancel` can be `rollback`; left out, what a cancelled run did stays done");
}

static void load_report(struct wf__load *ld, const struct wf_node *settings)
{
    static const char *const known[] = {"title", "rows", "columns", "attention", NULL};
    static const struct wf__prop props[] = {{"title", WF__STRING, false}, {"rows", WF__STRING, true},
        {"columns", WF__MAP, true}, {"attention", WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *report = wf_node_get(settings, "report");
    if (!report)
        return;
    if (report->kind != WF_NODE_MAP) {
        wf__error(ld, 205, report->loc, NULL, "`report` must be a map, is %s", wf_node_kind_name(report->kind));
        return;
    }
    warn_unknown(ld, report, known, "`report`");
    wf__shape_known(ld->diags, report, wf__key_loc(settings, "report"), "`report`", props);
    ld->def->report.title = wf__member_text(report, "title");
    ld->def->report.rows = expression(ld, report, "rows", no_vars);
    ld->def->report.columns = titled(ld, report, "columns", &ld->def->report.ncolumns);
    ld->def->report.attention = titled(ld, report, "attention", &ld->def->report.nattention);
}

/* ---- the document ---- */

void wf__settings(struct wf__load *ld, const struct wf_node *document)
{
    static const char *const known[] = {"report", "budget", "approval", "onCancel", NULL};
    const struct wf_node *node = find_settings(ld, document, known, "metadata.wfrun of a document");
    if (!node)
        return;
    load_report(ld, node);
    wf__budget(ld, node);
    wf__approval(ld, node);
    load_on_cancel(ld, node);
}
