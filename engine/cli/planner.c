/* planner.c: the events of a planning run become the items of a plan. */
#define _GNU_SOURCE /* tdestroy, strverscmp */
#include "cli/planner.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/host.h"

/* An iteration that has a label, by the path of what happens in it. */
struct group {
    char *path, *label;
};

struct wf_planner {
    jv items, workflows, steps;
    void *groups; /* tsearch tree of struct group */
};

struct wf_planner *wf_planner_new(void)
{
    struct wf_planner *planner = wf_calloc(1, sizeof *planner);
    planner->items = jv_array();
    planner->workflows = jv_array();
    planner->steps = jv_object();
    return planner;
}

static void group_free(void *node)
{
    struct group *group = node;
    free(group->path);
    free(group->label);
    free(group);
}

void wf_planner_free(struct wf_planner *planner)
{
    if (!planner)
        return;
    jv_free(planner->items);
    jv_free(planner->workflows);
    jv_free(planner->steps);
    tdestroy(planner->groups, group_free);
    free(planner);
}

/* ---- groups ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->path, ((const struct group *)b)->path);
}

static void add_group(struct wf_planner *planner, const struct wf_event *event)
{
    struct group *group = wf_calloc(1, sizeof *group);
    group->path = wf_asprintf("%s/for/%zu", event->path, event->index);
    group->label = wf_strdup(event->words);
    if (*(struct group **)tsearch(group, &planner->groups, by_path) != group)
        group_free(group);
}

/* The outermost one around a path; NULL: none. */
static const struct group *find_group(const struct wf_planner *planner, const char *path)
{
    for (const char *at = strstr(path, "/for/"); at; at = strstr(at + 1, "/for/")) {
        const char *end = strchr(at + strlen("/for/"), '/');
        if (!end)
            break;
        struct group wanted = {.path = wf_memdup(path, (size_t)(end - path))};
        struct group **found = tfind(&wanted, &planner->groups, by_path);
        free(wanted.path);
        if (found)
            return *found;
    }
    return NULL;
}

/* ---- items ---- */

const char *wf_effect_name(uint32_t effect)
{
    static const char *const names[] = {"none", "read", "write", "spend", "irreversible"};
    return names[effect <= WF_EFFECT_IRREVERSIBLE ? effect : WF_EFFECT_IRREVERSIBLE];
}

static jv item_new(const struct wf_planner *planner, const struct wf_event *event, uint32_t effect, const char *action)
{
    const struct group *group = find_group(planner, event->path);
    jv item = wf_val_set(jv_object(), "path", jv_string(event->path));
    item = wf_val_set(item, "task", jv_string(event->task->ref));
    item = wf_val_set(item, "step", jv_string(event->task->call.step->name));
    item = wf_val_set(item, "effect", jv_string(wf_effect_name(effect)));
    item = wf_val_set(item, "action", jv_string(action));
    if (group) {
        item = wf_val_set(item, "group", jv_string(group->path));
        item = wf_val_set(item, "label", jv_string(group->label));
    }
    return item;
}

static void add_planned(struct wf_planner *planner, const struct wf_event *event)
{
    const struct wf_quote *quote = event->quote;
    jv item = item_new(planner, event, quote->effect, wf_action_name(quote->action)), cost = jv_null(), facts;
    if (quote->cost_micros >= 0) {
        cost = wf_val_set(jv_object(), "micros", jv_number((double)quote->cost_micros));
        cost = wf_val_set(cost, "currency", jv_string(quote->currency));
    }
    if (wf_val_parse(quote->facts, strlen(quote->facts), &facts, NULL) != 0)
        facts = jv_null();
    item = wf_val_set(item, "words", jv_string(quote->words));
    item = wf_val_set(item, "cost", cost);
    planner->items = jv_array_append(planner->items, wf_val_set(item, "facts", facts));
}

static void add_fault(struct wf_planner *planner, const struct wf_event *event)
{
    const struct wf_step_entry *entry = event->task->call.step->entry;
    const char *title = wf_val_string(event->value, "title", ""), *detail = wf_val_string(event->value, "detail", "");
    char *words = *title && *detail ? wf_asprintf("%s: %s", title, detail) : wf_strdup(*detail ? detail : title);
    jv item = item_new(planner, event, entry->type->effect, wf_action_name(WF_ACTION_CANNOT));
    item = wf_val_set(item, "words", jv_string(*words ? words : "it failed"));
    item = wf_val_set(item, "cost", jv_null());
    planner->items = jv_array_append(planner->items, wf_val_set(item, "facts", jv_null()));
    free(words);
}

/* ---- what it is made from ---- */

static void note_workflow(struct wf_planner *planner, const struct wf_def *def)
{
    char digest[WF_SHA256_TEXT];
    wf_sha256_text(def->sha256, digest);
    jv_array_foreach(planner->workflows, i, known) {
        bool same = strcmp(wf_val_string(&known, "sha256", ""), digest) == 0;
        jv_free(known);
        if (same)
            return;
    }
    jv workflow = wf_val_set(jv_object(), "namespace", jv_string(def->namespace_));
    workflow = wf_val_set(workflow, "name", jv_string(def->name));
    workflow = wf_val_set(workflow, "version", jv_string(def->version));
    workflow = wf_val_set(workflow, "sha256", jv_string(digest));
    planner->workflows = jv_array_append(planner->workflows, workflow);
    for (const struct wf_step_use *use = def->steps; use; use = use->next) {
        const struct wf_step_entry *entry = use->step->entry;
        jv step = wf_val_set(jv_object(), "version", jv_string(use->step->version));
        planner->steps = wf_val_set(planner->steps, use->step->name, wf_val_set(step, "file", jv_string(entry->file)));
    }
}

void wf_planner_event(struct wf_planner *planner, const struct wf_event *event)
{
    bool is_step = event->task && event->task->kind == WF_TASK_CALL && event->task->call.step;
    if (event->kind == WF_EV_WORKFLOW_STARTED)
        note_workflow(planner, event->def);
    else if (event->kind == WF_EV_ITERATION_STARTED && event->words)
        add_group(planner, event);
    else if (event->kind == WF_EV_PLANNED)
        add_planned(planner, event);
    else if (event->kind == WF_EV_TASK_FAULTED && is_step)
        add_fault(planner, event);
}

static int by_item_path(const void *a, const void *b)
{
    return strverscmp(wf_val_string(a, "path", ""), wf_val_string(b, "path", ""));
}

/* They were added as they became known, which parallel iterations leave to chance. */
jv wf_planner_items(const struct wf_planner *planner)
{
    size_t count = (size_t)jv_array_length(jv_copy(planner->items));
    jv *items = wf_calloc(count + 1, sizeof *items), sorted = jv_array_sized((int)count);
    for (size_t i = 0; i < count; i++)
        items[i] = jv_array_get(jv_copy(planner->items), (int)i);
    qsort(items, count, sizeof *items, by_item_path);
    for (size_t i = 0; i < count; i++)
        sorted = jv_array_append(sorted, items[i]);
    free(items);
    return sorted;
}

jv wf_planner_workflows(const struct wf_planner *planner)
{
    return jv_copy(planner->workflows);
}

jv wf_planner_steps(const struct wf_planner *planner)
{
    return jv_copy(planner->steps);
}

/* ---- counts ---- */

static jv add_number(jv object, const char *key, double more)
{
    double before = wf_val_number(&object, key, 0);
    return wf_val_set(object, key, jv_number(before + more));
}

jv wf_plan_summary(const jv *items)
{
    jv costs = jv_object(), summary = wf_val_set(jv_object(), "items", jv_number(jv_array_length(jv_copy(*items))));
    for (uint32_t action = WF_ACTION_NOTHING; action <= WF_ACTION_CANNOT; action++)
        summary = wf_val_set(summary, wf_action_name(action), jv_number(0));
    summary = wf_val_set(summary, "unknownCosts", jv_number(0));
    jv_array_foreach(*items, i, item) {
        uint32_t action = wf_action_of(wf_val_string(&item, "action", ""));
        jv cost = wf_val_get(&item, "cost");
        summary = add_number(summary, wf_action_name(action), 1);
        if (jv_get_kind(cost) == JV_KIND_OBJECT && *wf_val_string(&cost, "currency", ""))
            costs = add_number(costs, wf_val_string(&cost, "currency", ""), wf_val_number(&cost, "micros", 0));
        else if (jv_get_kind(cost) != JV_KIND_OBJECT && action != WF_ACTION_NOTHING && action != WF_ACTION_CANNOT)
            summary = add_number(summary, "unknownCosts", 1);
        jv_free(cost);
        jv_free(item);
    }
    return wf_val_set(summary, "cost", costs);
}
