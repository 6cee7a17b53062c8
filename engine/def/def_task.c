/* def_task.c: a task of any kind: which kind it is, its common properties, and lists of tasks. */
#include <stdio.h>
#include <string.h>

#include "def/load.h"

#define MAX_TASKS 10000
#define MAX_NAME  256 /* bytes; references hold the names of all tasks around a task */

static const struct wf__prop common[] = {
    {"if", WF__STRING, false},
    {"input", WF__MAP, false},
    {"output", WF__MAP, false},
    {"export", WF__MAP, false},
    {"timeout", WF__STRING | WF__MAP, false},
    {"then", WF__STRING, false},
    {"metadata", WF__MAP, false},
    {NULL, 0, false},
};

static const struct wf__prop call_props[] = {{"call", WF__STRING, true}, {"with", WF__MAP, false}, {NULL, 0, false}};
static const struct wf__prop do_props[] = {{"do", WF__LIST, true}, {NULL, 0, false}};
static const struct wf__prop for_props[] = {
    {"for", WF__MAP, true}, {"while", WF__STRING, false}, {"do", WF__LIST, true}, {NULL, 0, false}};
static const struct wf__prop fork_props[] = {{"fork", WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop raise_props[] = {{"raise", WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop run_props[] = {{"run", WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop set_props[] = {{"set", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop switch_props[] = {{"switch", WF__LIST, true}, {NULL, 0, false}};
static const struct wf__prop try_props[] = {{"try", WF__LIST, true}, {"catch", WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop wait_props[] = {{"wait", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop emit_props[] = {{"emit", WF__MAP, true}, {NULL, 0, false}};
static const struct wf__prop listen_props[] = {
    {"listen", WF__MAP, true}, {"foreach", WF__MAP, false}, {NULL, 0, false}};

/* The one list of task types. `for` comes before `do`, which it has too; a kind without a loader is not run. */
static const struct kind {
    const char *keyword;
    enum wf_task_kind kind;
    const struct wf__prop *props;
    wf__kind_load *load;
} kinds[] = {
    {"call", WF_TASK_CALL, call_props, wf__load_call},
    {"for", WF_TASK_FOR, for_props, wf__load_for},
    {"do", WF_TASK_DO, do_props, wf__load_do},
    {"fork", WF_TASK_FORK, fork_props, wf__load_fork},
    {"raise", WF_TASK_RAISE, raise_props, wf__load_raise},
    {"run", WF_TASK_RUN, run_props, wf__load_run},
    {"set", WF_TASK_SET, set_props, wf__load_set},
    {"switch", WF_TASK_SWITCH, switch_props, wf__load_switch},
    {"try", WF_TASK_TRY, try_props, wf__load_try},
    {"wait", WF_TASK_WAIT, wait_props, wf__load_wait},
    {"emit", WF_TASK_KINDS, emit_props, NULL},
    {"listen", WF_TASK_KINDS, listen_props, NULL},
};
#define NKINDS (sizeof kinds / sizeof *kinds)

const char *wf_task_kind_name(enum wf_task_kind kind)
{
    for (size_t i = 0; i < NKINDS; i++)
        if (kinds[i].kind == kind && kinds[i].load)
            return kinds[i].keyword;
    return "?";
}

static bool is_common(const char *key)
{
    for (const struct wf__prop *p = common; p->key; p++)
        if (strcmp(p->key, key) == 0)
            return true;
    return false;
}

/* No keyword at all: the finding stands at the key that was most likely meant to be one. */
static void report_no_kind(struct wf__load *ld, const struct wf_node *key, const struct wf_node *node)
{
    const char *names[NKINDS + 1] = {NULL};
    char hint[300];
    const struct wf_node *unknown = NULL;
    for (size_t i = 0; i < NKINDS; i++)
        names[i] = kinds[i].keyword;
    for (size_t i = 0; i < node->count; i++) {
        const struct wf_node *k = node->keys[i];
        if (is_common(k->text))
            continue;
        if (!unknown || wf_suggest(k->text, names))
            unknown = k;
        if (wf_suggest(k->text, names))
            break;
    }
    if (unknown)
        wf__error(ld, 203, unknown->loc, wf__hint_names(hint, sizeof hint, unknown->text, names),
            "`%.60s` is no task type", unknown->text);
    else
        wf__error(ld, 203, key->loc, wf__hint_names(hint, sizeof hint, "", names), "task `%.100s` has no task type",
            key->text);
}

static bool is_before(struct wf_loc a, struct wf_loc b)
{
    return a.line < b.line || (a.line == b.line && a.col < b.col);
}

static const struct kind *find_kind(struct wf__load *ld, const struct wf_node *key, const struct wf_node *node)
{
    const struct kind *found = NULL;
    for (size_t i = 0; i < NKINDS; i++) {
        const struct wf_node *at = wf_node_key(node, kinds[i].keyword);
        if (!at)
            continue;
        if (found && !(found->kind == WF_TASK_FOR && kinds[i].kind == WF_TASK_DO)) {
            const struct wf_node *first = wf_node_key(node, found->keyword);
            const struct wf_node *later = is_before(first->loc, at->loc) ? at : first;
            wf__error(ld, 204, later->loc, "a task has one type; give the other one a task of its own",
                "task `%.100s` has both `%s` and `%s`", key->text, found->keyword, kinds[i].keyword);
            return NULL;
        }
        if (!found)
            found = &kinds[i];
    }
    if (!found)
        report_no_kind(ld, key, node);
    return found;
}

static void load_common(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *siblings)
{
    const struct wf_node *node = task->node;
    task->if_ = wf__expr(ld, node, "if", scope->entry);
    wf__data_stage(ld, node, "input", scope->entry, &task->input_schema, &task->input_from);
    wf__data_stage(ld, node, "output", scope->body, &task->output_schema, &task->output_as);
    wf__data_stage(ld, node, "export", scope->done, &task->export_schema, &task->export_as);
    task->timeout = wf__timeout(ld, node, scope->body);
    task->then = wf__flow(ld, siblings, node, "then");
}

static void load_kind(struct wf__load *ld, struct wf_task *task, const struct wf_node *key,
    const struct wf__scope *scope, const struct wf__siblings *siblings)
{
    const struct kind *kind = find_kind(ld, key, task->node);
    char what[MAX_NAME + 16];
    if (!kind)
        return;
    snprintf(what, sizeof what, "task `%.100s` (%s)", key->text, kind->keyword);
    wf__shape_check(ld->diags, task->node, key->loc, what, kind->props, common);
    task->kind = kind->kind;
    if (!kind->load) {
        wf__error(ld, 207, wf__key_loc(task->node, kind->keyword), NULL,
            "this version of wfrun does not run `%s` tasks", kind->keyword);
        return;
    }
    load_common(ld, task, scope, siblings);
    kind->load(ld, task, scope, siblings);
    wf__hints(ld, task, scope);
}

static bool is_within_limits(struct wf__load *ld, const struct wf_node *key)
{
    if (strlen(key->text) > MAX_NAME) {
        wf__error(ld, 104, key->loc, NULL, "a name is at most %d bytes long", MAX_NAME);
        return false;
    }
    if (ld->ntasks++ < MAX_TASKS)
        return true;
    if (ld->ntasks == MAX_TASKS + 1)
        wf__error(ld, 104, key->loc, "split it into workflows that run each other (run: workflow)",
            "more than %d tasks in one definition", MAX_TASKS);
    return false;
}

const struct wf_task *wf__task(struct wf__load *ld, const struct wf_node *key, const struct wf_node *node,
    const char *ref, const struct wf__scope *scope, const struct wf__siblings *siblings)
{
    struct wf_task *task = wf__alloc(ld, sizeof *task), *outer = ld->task;
    task->name = key->text;
    task->ref = ref;
    task->loc = key->loc;
    task->node = node;
    ld->task = task;
    if (node->kind == WF_NODE_MAP)
        load_kind(ld, task, key, scope, siblings);
    else
        wf__error(ld, 205, node->loc, "indent its properties below the name", "task `%.100s` must be a map, is %s",
            key->text, wf_node_kind_name(node->kind));
    ld->task = outer;
    return task;
}

struct wf_task_list wf__task_list(
    struct wf__load *ld, const struct wf_node *list, const char *ref, const struct wf__scope *scope, bool is_sequence)
{
    struct wf_task_list tasks = {.ref = ref};
    if (!list || list->kind != WF_NODE_LIST)
        return tasks;
    struct wf__siblings siblings = {is_sequence ? list : NULL};
    const struct wf_task **all = wf__alloc(ld, (list->count + 1) * sizeof *all);
    size_t errors = ld->diags->errors;
    for (size_t i = 0; i < list->count; i++) {
        const struct wf_node *key = wf__single_key(ld->diags, list->items[i], "a task");
        if (!key || !is_within_limits(ld, key))
            continue;
        const char *task_ref = wf__path_task(ld->def->arena, ref, i, key->text);
        all[tasks.count++] = wf__task(ld, key, list->items[i]->items[0], task_ref, scope, &siblings);
    }
    tasks.tasks = all;
    if (is_sequence && ld->diags->errors == errors)
        wf__flow_reach(ld, &tasks, list);
    return tasks;
}
