/* report_money.c: what a run spent, by the quotes in its intents, and what the plan that it applies has yet to come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/report_build.h"
#include "run/plan.h"

static struct wf_money *money_in(struct wf_report *report, const char *currency)
{
    for (size_t i = 0; i < report->nmoney; i++)
        if (strcmp(report->money[i].currency, currency) == 0)
            return &report->money[i];
    report->money = wf_realloc(report->money, (report->nmoney + 1) * sizeof *report->money);
    struct wf_money *money = &report->money[report->nmoney++];
    *money = (struct wf_money){.currency = wf_arena_strdup(report->arena, currency)};
    return money;
}

static void add_spent(struct wf_report *report)
{
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        if (!op->has_cost || !*op->currency) /* nothing, in no currency */
            continue;
        if (op->state == WF_REC_DONE)
            money_in(report, op->currency)->spent_micros += op->cost_micros;
        else if (op->state == WF_REC_INTENT)
            money_in(report, op->currency)->open_micros += op->cost_micros;
    }
}

/* ---- the plan ---- */

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The paths of what was begun, sorted. The caller frees. */
static const char **begun_paths(const struct wf_report *report)
{
    const char **paths = wf_calloc(report->nops + 1, sizeof *paths);
    for (size_t i = 0; i < report->nops; i++)
        paths[i] = report->ops[i].path;
    qsort(paths, report->nops, sizeof *paths, compare_paths);
    return paths;
}

static void add_planned(struct wf_report *report, const jv *items)
{
    const char **paths = begun_paths(report);
    jv_array_foreach(*items, i, item) {
        const char *path = wf_val_string(&item, "path", ""), *action = wf_val_string(&item, "action", "");
        jv cost = wf_val_get(&item, "cost");
        bool counts = strcmp(action, "cannot") != 0 && strcmp(action, "nothing") != 0;
        if (!counts || bsearch(&path, paths, report->nops, sizeof *paths, compare_paths))
            counts = false;
        const char *currency = wf_val_string(&cost, "currency", "");
        if (counts && *currency)
            money_in(report, currency)->to_spend_micros += (int64_t)wf_val_number(&cost, "micros", 0);
        else if (counts && !jv_is_valid(cost) && strcmp(wf_val_string(&item, "effect", ""), "spend") == 0)
            report->nunknown++;
        jv_free(cost);
        jv_free(item);
    }
    free(paths);
}

/* The plan is kept in the journal by its digest, as definitions are; the run's terms name it. */
static jv plan_of(const struct wf_report *report)
{
    jv terms = wf_val_get(&report->run->meta, "terms"), plan = jv_invalid();
    const char *hex = wf_val_string(&terms, "plan", "");
    uint8_t digest[WF_SHA256_SIZE];
    struct wf_err err = {0};
    char *text;
    size_t len;
    if (wf_sha256_read(hex, digest) &&
        report->pinned.ops->get_definition(report->pinned.backend, digest, &text, &len, &err) == 0) {
        if (wf_val_parse_long(text, len, WF_PLAN_MAX, &plan, &err) < 0)
            plan = jv_invalid();
        free(text);
    }
    jv_free(terms);
    return plan;
}

void wf__report_money(struct wf_report *report)
{
    add_spent(report);
    jv plan = plan_of(report), items = wf_val_get(&plan, "items");
    report->planned = jv_get_kind(items) == JV_KIND_ARRAY;
    if (report->planned)
        add_planned(report, &items);
    jv_free(items);
    jv_free(plan);
}
