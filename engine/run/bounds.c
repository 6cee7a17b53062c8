/* bounds.c: the terms of a run, from its meta, and its budget. */
#define _GNU_SOURCE /* tdestroy */
#include "run/bounds.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define UNDONE_MAX 1000 /* planned effects that a note names */

/* What one item, an iteration of the outermost loop with a label, has spent. */
struct tally {
    char *item;
    int64_t micros;
};

/* ---- terms ---- */

static int64_t micros_of(const jv *budget, const char *key)
{
    double amount = wf_val_number(budget, key, -1);

    return amount < 0 || amount > 9e12 ? -1 : (int64_t)(amount * 1e6 + 0.5);
}

static uint32_t effect_of(const char *name)
{
    return strcmp(name, "write") == 0          ? WF_EFFECT_WRITE
           : strcmp(name, "spend") == 0        ? WF_EFFECT_SPEND
           : strcmp(name, "irreversible") == 0 ? WF_EFFECT_IRREVERSIBLE
                                               : UINT32_MAX;
}

static void load_rules(struct wf_approval_rules *rules, const jv *approval, const char *by)
{
    jv four_eyes = wf_val_get(approval, "fourEyes");

    *rules = (struct wf_approval_rules){
        .before = effect_of(wf_val_string(approval, "before", "")),
        .per_item = strcmp(wf_val_string(approval, "per", ""), "item") == 0,
        .quorum = (unsigned)wf_val_number(approval, "quorum", 1),
        .four_eyes = jv_get_kind(four_eyes) == JV_KIND_TRUE,
        .timeout_ms = (int64_t)wf_val_number(approval, "timeoutMs", 0),
        .by = wf_strdup(by),
    };
    jv_free(four_eyes);
}

const struct wf_approval_rules *wf__bounds_rules(const struct wf_run *run)
{
    static char nobody[] = "";
    static const struct wf_approval_rules of_gates = {.before = UINT32_MAX, .quorum = 1, .by = nobody};

    return run->bounds ? &run->bounds->rules : &of_gates;
}

const char *wf__bounds_plan(const struct wf_run *run)
{
    return run->bounds ? run->bounds->plan_digest : "";
}

static int load_plan(struct wf_run *run, const char *digest, struct wf_err *err)
{
    const struct wf_engine *engine = run->engine;
    uint8_t sha256[WF_SHA256_SIZE];
    char *text;
    size_t len;
    int rc;

    if (!wf_sha256_read(digest, sha256))
        return wf_err_set(err, WF_ECORRUPT, "the run's plan has no digest");
    rc = engine->set.journal->get_definition(engine->backend, sha256, &text, &len, err);
    if (rc != 0)
        return rc;
    rc = wf_plan_read(text, len, &run->bounds->plan, err);
    free(text);
    return rc;
}

int wf__bounds_open(struct wf_run *run, struct wf_slice meta, struct wf_err *err)
{
    jv all, terms, budget, approval;
    int rc = 0;

    if (!meta.ptr || wf_val_parse(meta.ptr, meta.len, &all, NULL) != 0)
        return 0;
    terms = wf_val_get(&all, "terms");
    budget = wf_val_get(&terms, "budget");
    approval = wf_val_get(&terms, "approval");
    if (*wf_val_string(&terms, "plan", "") || jv_is_valid(budget) || jv_is_valid(approval)) {
        run->bounds = wf_calloc(1, sizeof *run->bounds);
        snprintf(run->bounds->currency, sizeof run->bounds->currency, "%s", wf_val_string(&budget, "currency", ""));
        run->bounds->run_max = micros_of(&budget, "run");
        run->bounds->item_max = micros_of(&budget, "item");
        run->bounds->plan_digest = wf_strdup(wf_val_string(&terms, "plan", ""));
        load_rules(&run->bounds->rules, &approval, wf_val_string(&all, "by", ""));
        if (*wf_val_string(&terms, "plan", ""))
            rc = load_plan(run, wf_val_string(&terms, "plan", ""), err);
    }
    jv_free(approval);
    jv_free(budget);
    jv_free(terms);
    jv_free(all);
    return rc;
}

void wf__bounds_note(struct wf_run *run)
{
    jv undone = run->bounds && run->bounds->plan ? wf_plan_undone(run->bounds->plan, UNDONE_MAX) : jv_invalid();
    char *text;

    if (!jv_is_valid(undone))
        return;
    text = wf_val_text(&undone);
    run->engine->set.journal->note(run->ref, WF_NOTE_UNDONE, (struct wf_slice){text, strlen(text)});
    free(text);
    jv_free(undone);
}

static void tally_free(void *node)
{
    struct tally *tally = node;

    free(tally->item);
    free(tally);
}

void wf__bounds_close(struct wf_run *run)
{
    if (!run->bounds)
        return;
    wf_plan_free(run->bounds->plan);
    tdestroy(run->bounds->tallies, tally_free);
    free(run->bounds->plan_digest);
    free(run->bounds->rules.by);
    free(run->bounds);
    run->bounds = NULL;
}

/* ---- budgets ---- */

static int by_item(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->item, ((const struct tally *)b)->item);
}

static struct tally *tally_of(struct wf_bounds *bounds, struct wf_frame *frame)
{
    struct tally wanted = {.item = wf__frame_item(frame)}, **found = tfind(&wanted, &bounds->tallies, by_item), *tally;

    if (found) {
        free(wanted.item);
        return *found;
    }
    tally = wf_calloc(1, sizeof *tally);
    tally->item = wanted.item;
    (void)tsearch(tally, &bounds->tallies, by_item);
    return tally;
}

static bool counts(const struct wf_bounds *bounds, const struct wf_quote *quote)
{
    return bounds && quote && quote->cost_micros > 0 && strcmp(quote->currency, bounds->currency) == 0;
}

void wf__bounds_set_aside(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;

    op->aside = counts(bounds, op->quote);
    if (!op->aside)
        return;
    bounds->spent += op->quote->cost_micros;
    tally_of(bounds, op->frame)->micros += op->quote->cost_micros;
}

void wf__bounds_release(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;

    if (!op->aside)
        return;
    op->aside = false;
    bounds->spent -= op->quote->cost_micros;
    tally_of(bounds, op->frame)->micros -= op->quote->cost_micros;
}

static char *over(const char *whose, int64_t spent, int64_t cost, int64_t max, const char *currency)
{
    return wf_asprintf("%s of %s %.2f would be passed: %.2f is spent or set aside, and this costs %.2f", whose,
        currency, (double)max / 1e6, (double)spent / 1e6, (double)cost / 1e6);
}

char *wf__bounds_over(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;
    const struct wf_quote *quote = op->quote;

    if (!bounds || !*bounds->currency || op->effect != WF_EFFECT_SPEND || quote->action == WF_ACTION_NOTHING)
        return NULL;
    if (quote->cost_micros < 0)
        return wf_asprintf("its cost is not known, which counts as over the budget (%s)", quote->words);
    if (quote->cost_micros > 0 && strcmp(quote->currency, bounds->currency) != 0)
        return wf_asprintf("it costs %s and the budget is in %s", quote->currency, bounds->currency);
    if (bounds->run_max >= 0 && bounds->spent + quote->cost_micros > bounds->run_max)
        return over("the run's budget", bounds->spent, quote->cost_micros, bounds->run_max, bounds->currency);
    int64_t of_item = tally_of(bounds, op->frame)->micros;
    if (bounds->item_max >= 0 && of_item + quote->cost_micros > bounds->item_max)
        return over("the budget of one item", of_item, quote->cost_micros, bounds->item_max, bounds->currency);
    return NULL;
}
