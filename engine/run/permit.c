/* permit.c: effects that wait for an approval: of the run as a whole, or of the item that they are part of. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/bounds.h"

#define RUN_SCOPE "#approval" /* behind an item's path: that of the item */

/* The caller frees. */
static char *scope_of(struct wf_op *op)
{
    char *item = op->run->bounds->rules.per_item ? wf__frame_item(op->frame) : wf_strdup("");
    char *scope = wf_asprintf("%s" RUN_SCOPE, item);

    free(item);
    return scope;
}

static char *what_of(const struct wf_run *run, const char *scope)
{
    char *item = wf_memdup(scope, strlen(scope) - strlen(RUN_SCOPE));
    char *what = run->bounds->plan ? wf_plan_describe(run->bounds->plan, item)
                                   : wf_asprintf("the effects of %s", *item ? item : "the run");

    free(item);
    return what;
}

static bool is_go(const jv *decision)
{
    return strcmp(wf_val_string(decision, "decision", ""), "go") == 0;
}

static void deny(struct wf_op *op, const jv *decision)
{
    wf__quote_refuse(
        op, "authorization", 403, "Not approved", wf_strdup(wf_val_string(decision, "reason", "it was rejected")));
}

/* A denial of the whole run ends it: nothing has been done. */
static void end_run(struct wf_run *run, const jv *decision)
{
    jv words = wf_val_get(decision, "words"), last = jv_array_get(words, jv_array_length(jv_copy(words)) - 1);
    jv json = wf_val_set(jv_object(), "reason", jv_string(wf_val_string(decision, "reason", "it was rejected")));
    char *text;

    json = wf_val_set(json, "by", jv_string(jv_is_valid(last) ? wf_val_string(&last, "by", "?") : "the deadline"));
    text = wf_val_text(&json);
    run->engine->set.journal->note(run->ref, WF_NOTE_CANCELLED, (struct wf_slice){text, strlen(text)});
    free(text);
    jv_free(json);
    jv_free(last);
    wf__run_cancel(run);
}

/* ---- waiting ---- */

static void wait_for(struct wf_op *op, const char *scope)
{
    wf__op_enter_state(op, WF_OPS_AWAITING);
    op->scope = wf_strdup(scope);
    op->next_waiting = op->run->bounds->waiting;
    op->run->bounds->waiting = op;
}

void wf__permit_unwait(struct wf_op *op)
{
    struct wf_op **link = &op->run->bounds->waiting;

    while (*link && *link != op)
        link = &(*link)->next_waiting;
    if (*link)
        *link = op->next_waiting;
    free(op->scope);
    op->scope = NULL;
}

static bool is_waited_for(const struct wf_run *run, const char *scope)
{
    for (const struct wf_op *op = run->bounds->waiting; op; op = op->next_waiting)
        if (strcmp(op->scope, scope) == 0)
            return true;
    return false;
}

/* One that waits for the scope, off the list; NULL: no more. */
static struct wf_op *take_waiting(struct wf_run *run, const char *scope)
{
    for (struct wf_op *op = run->bounds->waiting; op; op = op->next_waiting) {
        if (strcmp(op->scope, scope) == 0) {
            wf__permit_unwait(op);
            return op;
        }
    }
    return NULL;
}

void wf__permit_decided(struct wf_run *run, const char *scope, const jv *decision)
{
    struct wf_op *op;

    if (!run->bounds)
        return;
    if (!is_go(decision) && strcmp(scope, RUN_SCOPE) == 0) {
        end_run(run, decision);
        return;
    }
    while ((op = take_waiting(run, scope))) { /* the scope is decided: none comes back to the list */
        if (is_go(decision))
            wf__quote_ask(op);
        else
            deny(op, decision);
    }
}

bool wf__permit_has(struct wf_op *op)
{
    struct wf_run *run = op->run;
    struct wf_record record;
    char *scope, *what;
    bool go = false;
    jv decision;

    if (!run->bounds || run->engine->set.planning || op->effect < run->bounds->rules.before)
        return true;
    scope = scope_of(op);
    run->engine->set.journal->lookup(run->ref, scope, &record);
    if (record.state != WF_REC_DONE) {
        bool is_asked = is_waited_for(run, scope);
        wait_for(op, scope);
        what = what_of(run, scope);
        if (!is_asked)
            (void)wf__await_scope(op->frame, scope, WF_AWAIT_APPROVAL, what, &record);
        free(what);
    } else if (wf_val_parse(record.outcome.ptr, record.outcome.len, &decision, NULL) == 0) {
        go = is_go(&decision);
        if (!go)
            deny(op, &decision);
        jv_free(decision);
    }
    free(scope);
    return go;
}
