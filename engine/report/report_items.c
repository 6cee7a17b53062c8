/* report_items.c: gives operations to the items they belong to, and says how far each item is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "report/report_build.h"
#include "report/tally.h"

const char *wf_item_state_name(enum wf_item_state state)
{
    static const char *const names[WF_ITEM_STATES] = {
        [WF_ITEM_NOT_BEGUN] = "not begun",
        [WF_ITEM_UNDER_WAY] = "under way",
        [WF_ITEM_WAITING] = "waiting",
        [WF_ITEM_IN_DOUBT] = "in doubt",
        [WF_ITEM_STOPPED] = "not finished",
        [WF_ITEM_FAILED] = "failed",
        [WF_ITEM_DONE] = "done",
    };
    return names[state];
}

const char *wf_report_open_name(const struct wf_report *report)
{
    return wf_state_is_final(report->run->status) ? "not known" : wf_item_state_name(WF_ITEM_UNDER_WAY);
}

/* ---- loops and their iterations ---- */

static struct wf_report_loop *find_loop(const struct wf_report *report, const char *path, size_t len)
{
    size_t low = 0, high = report->nloops;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct wf_report_loop *loop = &report->loops[middle];
        int order = strncmp(loop->path, path, len);
        if (order == 0 && !loop->path[len])
            return loop;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The next loop on the way down, from *at on; NULL: no more. */
static struct wf_report_loop *next_loop(
    const struct wf_report *report, const char *path, const char **at, size_t *ret_index)
{
    const char *found;
    while ((found = strstr(*at, "/for/"))) {
        struct wf_report_loop *loop = find_loop(report, path, (size_t)(found - path));
        char *end;
        *at = found + 1;
        *ret_index = strtoul(found + 5, &end, 10);
        if (loop && end > found + 5 && *ret_index < loop->total)
            return loop;
    }
    return NULL;
}

static bool is_inside(const struct wf_report *report, const char *path)
{
    const char *at = path;
    size_t index;
    struct wf_report_loop *loop;
    while ((loop = next_loop(report, path, &at, &index)))
        if (loop->has_items)
            return true;
    return false;
}

/* Labelled loops that are in no other one; when nothing has a label, all that are in no other one. */
static void choose_loops(struct wf__report_build *build)
{
    struct wf_report *report = build->report;
    bool labelled = false;
    size_t total = 0;
    for (size_t i = 0; i < report->nloops; i++)
        labelled = labelled || jv_get_kind(build->labels[i]) == JV_KIND_ARRAY;
    for (size_t i = 0; i < report->nloops; i++) { /* outer ones first: they are in the order of their paths */
        struct wf_report_loop *loop = &report->loops[i];
        if ((labelled && jv_get_kind(build->labels[i]) != JV_KIND_ARRAY) || is_inside(report, loop->path))
            continue;
        loop->has_items = true;
        loop->first_item = total;
        total += loop->total;
    }
    report->nitems = total;
    report->items = wf_calloc(total + 1, sizeof *report->items);
}

static char *label_of(struct wf__report_build *build, const struct wf_report_loop *loop, size_t index)
{
    const jv *labels = &build->labels[loop - build->report->loops];
    jv label = jv_get_kind(*labels) == JV_KIND_ARRAY ? jv_array_get(jv_copy(*labels), (int)index) : jv_null();
    char *cell = wf_table_cell(&label);
    char *text = *cell ? wf_arena_strdup(build->report->arena, cell)
                       : wf_arena_printf(build->report->arena, "%s[%zu]", loop->name, index);
    free(cell);
    jv_free(label);
    return text;
}

static void name_items(struct wf__report_build *build)
{
    struct wf_report *report = build->report;
    for (size_t i = 0; i < report->nloops; i++) {
        struct wf_report_loop *loop = &report->loops[i];
        for (size_t k = 0; loop->has_items && k < loop->total; k++)
            report->items[loop->first_item + k] =
                (struct wf_report_item){.label = label_of(build, loop, k), .loop = loop, .index = k};
    }
}

/* The item that a path lies in; NULL: none. */
static struct wf_report_item *item_of(const struct wf_report *report, const char *path)
{
    struct wf_report_loop *loop;
    const char *at = path;
    size_t index;
    while ((loop = next_loop(report, path, &at, &index)))
        if (loop->has_items)
            return &report->items[loop->first_item + index];
    return NULL;
}

/* The iterations that a path lies in have begun; of an item's the innermost loop is where it is. */
static void mark_begun(struct wf_report *report, const char *path)
{
    struct wf_report_item *item = NULL;
    struct wf_report_loop *loop;
    const char *at = path;
    size_t index;
    while ((loop = next_loop(report, path, &at, &index))) {
        loop->begun = index + 1 > loop->begun ? index + 1 : loop->begun;
        if (loop->has_items)
            item = &report->items[loop->first_item + index];
        else if (item)
            item->inner = loop;
    }
}

const char *wf_report_label(const struct wf_report *report, const char *path)
{
    const struct wf_report_item *item = item_of(report, path);
    return item ? item->label : NULL;
}

/* ---- what operations say of their items ---- */

static void span(struct wf_report_item *item, int64_t from_ms, int64_t to_ms)
{
    if (from_ms && (!item->begun_ms || from_ms < item->begun_ms))
        item->begun_ms = from_ms;
    if (to_ms > item->ended_ms)
        item->ended_ms = to_ms;
}

static void give(struct wf_report *report, struct wf_report_op *op)
{
    struct wf_report_item *item = item_of(report, op->path);
    mark_begun(report, op->path);
    report->nfaults += op->state == WF_REC_FAULT;
    report->neffects += op->effect && op->state == WF_REC_DONE;
    report->nopen += op->effect && op->state == WF_REC_INTENT;
    if (!item)
        return;
    op->item = (size_t)(item - report->items);
    span(item, op->begun_ms ? op->begun_ms : op->ended_ms, op->ended_ms ? op->ended_ms : op->begun_ms);
    item->nops += op->step != NULL;
    item->nfaults += op->state == WF_REC_FAULT;
    item->neffects += op->effect && op->state == WF_REC_DONE;
    if (op->state == WF_REC_INTENT && (op->effect || !item->open))
        item->open = op;
    else if (op->state != WF_REC_INTENT && op->step)
        item->last = op;
}

/* ---- what facts say ---- */

static void read_failure(struct wf_report *report, struct wf_report_item *item, struct wf_slice json)
{
    struct wf_err err = {0};
    jv error = jv_invalid();
    if (json.ptr && wf_val_parse(json.ptr, json.len, &error, &err) < 0)
        error = jv_invalid();
    const char *title = wf_val_string(&error, "title", ""), *detail = wf_val_string(&error, "detail", "");
    if (*title || *detail)
        item->reason = wf_arena_printf(report->arena, "%s%s%s", title, *title && *detail ? ": " : "", detail);
    jv_free(error);
}

static void mark_resolved(struct wf_report *report, const struct wf__report_fact *fact)
{
    for (size_t i = 0; i < report->nops; i++)
        if (strcmp(report->ops[i].path, fact->path) == 0)
            report->ops[i].resolution = fact->json.ptr;
}

static void read_fact(struct wf_report *report, const struct wf__report_fact *fact)
{
    if (strcmp(fact->word, "resolved") == 0) {
        mark_resolved(report, fact);
        return;
    }
    struct wf_report_item *item = item_of(report, fact->path);
    /* Of an iteration of another loop inside, nothing is to be said. */
    if (!item || strlen(item->loop->path) + 5 > strlen(fact->path) ||
        strchr(fact->path + strlen(item->loop->path) + 5, '/'))
        return;
    item->ended = true;
    span(item, 0, fact->at_ms);
    if (strcmp(fact->word, "failed") == 0) {
        item->failed = true;
        read_failure(report, item, fact->json);
    } else if (fact->json.ptr && strstr(fact->json.ptr, "true")) { /* {"failed":true} */
        item->failed = true;
    }
}

/* ---- states ---- */

static enum wf_item_state state_of(const struct wf_report *report, const struct wf_report_item *item)
{
    if (item->failed)
        return WF_ITEM_FAILED;
    if (item->ended || (report->run->status == WF_RUN_COMPLETED && item->begun_ms))
        return WF_ITEM_DONE;
    if (!item->begun_ms)
        return WF_ITEM_NOT_BEGUN;
    if (wf_state_is_final(report->run->status))
        return WF_ITEM_STOPPED;
    return item->open && !item->open->step ? WF_ITEM_WAITING : WF_ITEM_UNDER_WAY;
}

static void judge(struct wf_report *report)
{
    for (size_t i = 0; i < report->nitems; i++)
        report->items[i].state = state_of(report, &report->items[i]);
    for (size_t i = 0; i < report->doubts.count; i++) {
        struct wf_report_item *item = item_of(report, report->doubts.items[i].path);
        if (item)
            item->state = WF_ITEM_IN_DOUBT;
    }
    for (size_t i = 0; i < report->nitems; i++) {
        struct wf_report_item *item = &report->items[i];
        report->by_state[item->state]++;
        if (item->state == WF_ITEM_FAILED && !item->reason && item->last && item->last->title)
            item->reason = item->last->title;
    }
}

void wf__report_items(struct wf__report_build *build)
{
    struct wf_report *report = build->report;
    choose_loops(build);
    name_items(build);
    for (size_t i = 0; i < report->nops; i++)
        give(report, &report->ops[i]);
    for (size_t i = 0; i < build->nfacts; i++)
        read_fact(report, &build->facts[i]);
    judge(report);
}

/* ---- as a table ---- */

static void add_item(const struct wf_report_item *item, struct wf_table *table)
{
    char begun[WF_TIME_TEXT] = "", took[32] = "", steps[24], effects[24], faults[24];
    const struct wf_report_op *at = item->open ? item->open : item->last;
    const char *where = "";
    if (item->begun_ms) {
        wf_time_format(item->begun_ms, begun);
        wf_span_text(item->ended_ms - item->begun_ms, took);
    }
    snprintf(steps, sizeof steps, "%zu", item->nops);
    snprintf(effects, sizeof effects, "%zu", item->neffects);
    snprintf(faults, sizeof faults, "%zu", item->nfaults);
    if (item->reason)
        where = item->reason;
    else if (at && item->state != WF_ITEM_DONE)
        where = at->step ? at->step : "a wait";
    wf_table_add(table, (const char *const[]){
                            item->label, wf_item_state_name(item->state), begun, took, steps, effects, faults, where});
}

void wf_report_items_table(const struct wf_report *report, struct wf_table *ret)
{
    static const char *const titles[] = {
        "Item", "State", "Begun", "Took", "Calls", "Effects", "Failed calls", "Where or why"};
    wf_table_init(ret, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < report->nitems; i++)
        add_item(&report->items[i], ret);
}

static void copy_table(const struct wf_table *table, struct wf_table *ret)
{
    wf_table_init(ret, (const char *const *)table->titles, table->ncolumns);
    for (size_t i = 0; i < table->nrows; i++)
        wf_table_add(ret, (const char *const *)table->cells + i * table->ncolumns);
}

void wf_report_rows(const struct wf_report *report, struct wf_table *ret)
{
    if (report->has_table)
        copy_table(&report->table, ret);
    else if (report->nitems)
        wf_report_items_table(report, ret);
    else if (jv_is_valid(report->run->output))
        wf_table_generic(&report->run->output, ret);
    else
        wf_table_init(ret, NULL, 0);
}
