/* def_flow.c: where `then` leads, and which tasks no path leads to. */
#include <string.h>

#include "def/load.h"

#define MAX_HINT_NAMES 64

static const char *task_name(const struct wf_node *item)
{
    return item->kind == WF_NODE_MAP && item->count > 0 ? item->keys[0]->text : "";
}

static void report_unknown(struct wf__load *ld, const struct wf__siblings *in, const struct wf_node *then)
{
    const char *names[MAX_HINT_NAMES + 4] = {"continue", "exit", "end"};
    char hint[300];
    size_t n = 3;
    for (size_t i = 0; in->list && i < in->list->count && n < MAX_HINT_NAMES; i++)
        if (*task_name(in->list->items[i]))
            names[n++] = task_name(in->list->items[i]);
    names[n] = NULL;
    if (in->list)
        wf__error(ld, 301, then->loc, wf__hint_names(hint, sizeof hint, then->text, names),
            "`then` names `%.100s`, which is no task of the same list", then->text);
    else
        wf__error(ld, 301, then->loc, "allowed are continue, exit, end",
            "`then` names `%.100s`, but a branch or a function has no list to go on in", then->text);
}

static struct wf_flow find_target(struct wf__load *ld, const struct wf__siblings *in, const struct wf_node *then)
{
    struct wf_flow flow = {.kind = WF_FLOW_CONTINUE};
    for (size_t i = 0; in->list && i < in->list->count; i++) {
        if (strcmp(task_name(in->list->items[i]), then->text) != 0)
            continue;
        if (flow.kind == WF_FLOW_TASK) {
            wf__error(ld, 303, then->loc, "give one of them another name",
                "`then` names `%.100s`, and two tasks of the list have that name (lines %d and %d)", then->text,
                in->list->items[flow.target]->loc.line, in->list->items[i]->loc.line);
            return flow;
        }
        flow = (struct wf_flow){WF_FLOW_TASK, i};
    }
    if (flow.kind != WF_FLOW_TASK)
        report_unknown(ld, in, then);
    return flow;
}

struct wf_flow wf__flow(struct wf__load *ld, const struct wf__siblings *in, const struct wf_node *map, const char *key)
{
    const struct wf_node *then = wf__member(map, key, WF__STRING);
    if (!then || strcmp(then->text, "continue") == 0)
        return (struct wf_flow){.kind = WF_FLOW_CONTINUE};
    if (strcmp(then->text, "exit") == 0)
        return (struct wf_flow){.kind = WF_FLOW_EXIT};
    if (strcmp(then->text, "end") == 0)
        return (struct wf_flow){.kind = WF_FLOW_END};
    return find_target(ld, in, then);
}

/* ---- reachability ---- */

struct reach {
    bool *seen;
    size_t *todo;
    size_t ntodo, count;
};

static void visit(struct reach *r, size_t i)
{
    if (i < r->count && !r->seen[i]) {
        r->seen[i] = true;
        r->todo[r->ntodo++] = i;
    }
}

static void follow(struct reach *r, size_t from, struct wf_flow flow)
{
    if (flow.kind == WF_FLOW_TASK)
        visit(r, flow.target);
    else if (flow.kind == WF_FLOW_CONTINUE)
        visit(r, from + 1);
}

static void follow_task(struct reach *r, size_t i, const struct wf_task *task)
{
    bool own_then = task->kind != WF_TASK_RAISE;
    if (task->if_)
        visit(r, i + 1); /* a skipped task's `then` is ignored */
    if (task->kind == WF_TASK_SWITCH) {
        for (size_t k = 0; k < task->switch_.count; k++) {
            const struct wf_switch_case *c = &task->switch_.cases[k];
            /* A case that says `continue` goes on to the next task. */
            follow(r, i, c->then);
            own_then &= c->when != NULL;
        }
    }
    if (task->kind == WF_TASK_TRY && task->try_.has_then)
        follow(r, i, task->try_.then);
    if (own_then)
        follow(r, i, task->then);
}

void wf__flow_reach(struct wf__load *ld, const struct wf_task_list *tasks, const struct wf_node *list)
{
    struct reach r = {
        .seen = wf__alloc(ld, tasks->count + 1),
        .todo = wf__alloc(ld, (tasks->count + 1) * sizeof(size_t)),
        .count = tasks->count,
    };
    visit(&r, 0);
    while (r.ntodo > 0) {
        size_t i = r.todo[--r.ntodo];
        follow_task(&r, i, tasks->tasks[i]);
    }
    for (size_t i = 0; i < tasks->count; i++)
        if (!r.seen[i])
            wf__warn(ld, 304, list->items[i]->loc, "a `then` before it leads past it, and none leads to it",
                "`%.100s` can never run", tasks->tasks[i]->name);
}
