/* explain.c: says in sentences what the model of a report knows. */
#include "report/explain_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/amount.h"
#include "report/tally.h"

static jv add(jv object, const char *key, char *text) /* takes the text; NULL: nothing is added */
{
    return text ? wf_val_set(object, key, wf__sentence(text)) : object;
}

/* ---- the state, and why ---- */

static char *running(const struct wf__teller *teller)
{
    const struct wf_state_run *run = teller->report->run;
    char process[40] = "a process";
    if (run->owner)
        snprintf(process, sizeof process, "process %lld", (long long)run->owner);
    if (run->held)
        return wf_asprintf("It is going on: %s drives it now.", process);
    char *last = wf__moment(teller, teller->report->last_ms);
    char *text = wf_asprintf(
        "It was interrupted: no process drives it, and the last that was written is of %s. Nothing is lost.", last);
    free(last);
    return text;
}

/* words, and what became of what it had done. */
static char *ended(const struct wf_report *report, const char *words)
{
    if (report->nrollbacks)
        return wf_asprintf("%s. What it had done was rolled back by run %s: its report says how far.", words,
            report->rollbacks[report->nrollbacks - 1]);
    if (!report->neffects && !report->nopen)
        return wf_asprintf("%s, before it changed anything.", words);
    char *made = NULL, *open = NULL;
    if (report->neffects)
        made = wf_asprintf(" %zu change%s had been made before and stay%s made.", report->neffects,
            wf__plural(report->neffects), report->neffects == 1 ? "s" : "");
    if (report->nopen)
        open = wf_asprintf(" Of %zu %s%s nobody knows whether %s happened: `wfrun show %s` says which.", report->nopen,
            made ? "more" : "change", made ? "" : wf__plural(report->nopen), report->nopen == 1 ? "it" : "they",
            report->run->id);
    char *text = wf_asprintf("%s.%s%s", words, made ? made : "", open ? open : "");
    free(made);
    free(open);
    return text;
}

static char *cancelled(const struct wf_report *report)
{
    const char *by = wf_val_string(&report->cancelled, "by", NULL),
               *reason = wf_val_string(&report->cancelled, "reason", NULL);
    jv kill = wf_val_get(&report->cancelled, "kill");
    char *words = wf_asprintf("It was %s%s%s%s%s%s", jv_get_kind(kill) == JV_KIND_TRUE ? "killed" : "cancelled",
        by ? " by " : "", by ? by : "", reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
    char *text = ended(report, words);
    free(words);
    jv_free(kill);
    return text;
}

static char *suspended(const struct wf_report *report)
{
    const char *by = wf_val_string(&report->suspended, "by", "A person"),
               *reason = wf_val_string(&report->suspended, "reason", NULL);
    return wf_asprintf("%s suspended it%s%s%s; it goes on when it is resumed.", by, reason ? " (" : "",
        reason ? reason : "", reason ? ")" : "");
}

static char *status_sentence(const struct wf__teller *teller)
{
    const struct wf_report *report = teller->report;
    size_t failed = report->by_state[WF_ITEM_FAILED];
    switch (report->run->status) {
    case WF_RUN_RUNNING:
        return running(teller);
    case WF_RUN_WAITING:
        return wf_strdup("It waits, and no process drives it.");
    case WF_RUN_SUSPENDED:
        return suspended(report);
    case WF_RUN_IN_DOUBT:
        return wf_asprintf(
            "It is in doubt: of %zu change%s nobody could find out whether %s happened, and nothing that may "
            "happen twice is repeated by itself.",
            report->doubts.count, wf__plural(report->doubts.count), report->doubts.count == 1 ? "it" : "they");
    case WF_RUN_CANCELLED:
        return cancelled(report);
    case WF_RUN_FAULTED:
        return ended(report, "It ended with an error");
    case WF_RUN_COMPLETED:
        return failed ? wf_asprintf("It completed, but %zu item%s failed.", failed, wf__plural(failed))
                      : wf_strdup("It completed.");
    }
    return wf_strdup("");
}

/* ---- where it stands ---- */

static char *op_sentence(const struct wf__teller *teller, const struct wf_report_op *op, bool in_doubt)
{
    char *when = wf__moment(teller, op->state == WF_REC_INTENT ? op->begun_ms : op->ended_ms), *text;
    if (op->wait && op->wake_ms) {
        free(when);
        when = wf__moment(teller, op->wake_ms);
        text = wf_asprintf("waits until %s", when);
    } else if (op->wait) {
        text = wf_asprintf("waits for a person since %s", when);
    } else if (in_doubt) {
        text = wf_asprintf("%s (%s) is in doubt, begun %s", op->step, op->effect, when);
    } else if (op->state == WF_REC_INTENT) {
        text = wf_asprintf("%s (%s) began %s and has not answered", op->step, op->effect, when);
    } else {
        text = wf_asprintf(
            "the last it did was %s, which %s %s", op->step, op->state == WF_REC_FAULT ? "failed" : "ended", when);
    }
    free(when);
    return text;
}

static jv add_place(jv object, const struct wf_report *report, const char *path)
{
    struct wf_place place;
    wf_report_place(report, path, &place);
    if (place.count) {
        const struct wf_place_task *task = &place.tasks[place.count - 1];
        object = wf_val_set(object, "task", jv_string(task->ref));
        if (task->def)
            object = wf_val_set(object, "definition", jv_string(task->def->file));
        object = add(object, "next", wf_place_next(&place));
    }
    wf_place_done(&place);
    return wf_val_set(object, "path", jv_string(path));
}

static jv place_of(const struct wf__teller *teller, const char *label, const struct wf_report_op *op, bool in_doubt,
    const struct wf_report_loop *inner)
{
    char *words = wf_place_words(op->path);
    jv place = wf_val_set(jv_object(), "item", label ? jv_string(label) : jv_null());
    place = add(place, "where", words);
    place = add(place, "words", op_sentence(teller, op, in_doubt));
    if (inner)
        place = add(place, "inner", wf_asprintf("%s: %zu of %zu begun", inner->name, inner->begun, inner->total));
    return add_place(place, teller->report, op->path);
}

/* Items that are being worked on; outside of items, what is under way or, when there are none, what was last. */
static jv places(const struct wf__teller *teller)
{
    const struct wf_report *report = teller->report;
    const struct wf_report_op *last = NULL;
    jv list = jv_array();
    size_t count = 0;
    if (wf_state_is_final(report->run->status))
        return list;
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        bool in_doubt = false;
        if (op->item != WF_REPORT_NO_ITEM || strchr(op->path, '#')) /* an approval is among what the run waits for */
            continue;
        last = op;
        for (size_t d = 0; d < report->doubts.count; d++)
            in_doubt = in_doubt || strcmp(report->doubts.items[d].path, op->path) == 0;
        if (op->state == WF_REC_INTENT && count++ < WF__TOLD_MAX)
            list = jv_array_append(list, place_of(teller, NULL, op, in_doubt, NULL));
    }
    for (size_t i = 0; i < report->nitems; i++) {
        const struct wf_report_item *item = &report->items[i];
        const struct wf_report_op *op = item->open ? item->open : item->last;
        bool at_work =
            item->state == WF_ITEM_UNDER_WAY || item->state == WF_ITEM_WAITING || item->state == WF_ITEM_IN_DOUBT;
        if (at_work && op && count++ < WF__TOLD_MAX)
            list =
                jv_array_append(list, place_of(teller, item->label, op, item->state == WF_ITEM_IN_DOUBT, item->inner));
    }
    if (!count && last)
        list = jv_array_append(list, place_of(teller, NULL, last, false, NULL));
    return list;
}

/* What an iteration of this loop must have before it begins, as the definition has it: most have not asked for it yet. */
static void add_turn(struct wf_buf *text, const struct wf_report *report, const char *loop_path)
{
    struct wf_place place;
    wf_report_place(report, loop_path, &place);
    const struct wf_node *task = place.count ? place.tasks[place.count - 1].node : NULL;
    const struct wf_node *metadata = task ? wf_node_get(task, "metadata") : NULL;
    const struct wf_node *hints = metadata ? wf_node_get(metadata, "wfrun") : NULL;
    const struct wf_node *lock = hints ? wf_node_get(hints, "lock") : NULL;
    const struct wf_node *limit = hints ? wf_node_get(hints, "rateLimit") : NULL;
    const struct wf_node *rate = limit ? wf_node_get(limit, "rate") : NULL;
    if (lock && lock->kind == WF_NODE_STRING)
        wf_buf_printf(
            text, " One begins when it has its lock (`lock: %s`), which another item or run may hold", lock->text);
    if (rate && rate->kind == WF_NODE_STRING)
        wf_buf_printf(text, "%s it is its turn in the rate of %s, which all runs share",
            lock ? ", and when" : " One begins when", rate->text);
    wf_buf_str(text, lock || rate ? "." : "");
    wf_place_done(&place);
}

static void add_turns(struct wf_buf *text, const struct wf_report *report)
{
    for (size_t i = 0; report->run->held && i < report->nitems; i++) {
        if (report->items[i].state != WF_ITEM_NOT_BEGUN)
            continue;
        add_turn(text, report, report->items[i].loop->path);
        return; /* of the loop that is under way */
    }
}

static char *counts(const struct wf_report *report)
{
    struct wf_buf text;
    if (!report->nitems)
        return NULL;
    wf_buf_init(&text, 2000);
    wf_buf_printf(&text, "Of %zu item%s ", report->nitems, wf__plural(report->nitems));
    bool first = true;
    for (size_t i = WF_ITEM_STATES; i > 0; i--) {
        if (!report->by_state[i - 1])
            continue;
        const char *verb = i - 1 == WF_ITEM_FAILED ? "" : report->by_state[i - 1] == 1 ? "is " : "are ";
        wf_buf_printf(&text, "%s%zu %s%s", first ? "" : ", ", report->by_state[i - 1], verb,
            wf_item_state_name((enum wf_item_state)(i - 1)));
        first = false;
    }
    wf_buf_str(&text, ".");
    add_turns(&text, report);
    return wf_buf_take(&text);
}

static jv failed_items(const struct wf_report *report)
{
    jv list = jv_array();
    for (size_t i = 0; i < report->nitems; i++) {
        const struct wf_report_item *item = &report->items[i];
        if (item->state != WF_ITEM_FAILED)
            continue;
        jv entry = wf_val_set(jv_object(), "item", jv_string(item->label));
        list = jv_array_append(list, item->reason ? wf_val_set(entry, "reason", jv_string(item->reason)) : entry);
    }
    return list;
}

/* ---- money ---- */

static char *money(const struct wf_report *report)
{
    struct wf_buf text;
    char amount[48];
    bool final = wf_state_is_final(report->run->status);
    if (!report->nmoney)
        return wf_strdup("No prices are in the journal, so what it cost is not known here.");
    wf_buf_init(&text, 4000);
    for (size_t i = 0; i < report->nmoney; i++) {
        const struct wf_money *one = &report->money[i];
        wf_buf_printf(
            &text, "%sSpent so far: %s", i ? " " : "", wf_amount_text(one->spent_micros, one->currency, amount));
        if (one->open_micros)
            wf_buf_printf(&text, "; begun, and its answer not known: %s",
                wf_amount_text(one->open_micros, one->currency, amount));
        if (report->planned && !final)
            wf_buf_printf(
                &text, "; still to spend by the plan: %s", wf_amount_text(one->to_spend_micros, one->currency, amount));
        wf_buf_char(&text, '.');
    }
    if (report->nunknown && !final)
        wf_buf_printf(&text, " Of %zu more the plan does not know the price.", report->nunknown);
    if (!report->planned && !final)
        wf_buf_str(&text, " What is still to come is not known: it applies no plan.");
    return wf_buf_take(&text);
}

/* ---- the error ---- */

static bool reaches(const struct wf_pinned_def *def, const char *instance, struct wf_loc *ret)
{
    const struct wf_node *node = def && def->root ? wf_node_at(def->root, instance) : NULL;
    if (!node || node == def->root)
        return false;
    *ret = node->loc;
    ret->file = def->file;
    return true;
}

/* On its way up through sub-workflows an error gets another instance, and stays the same else. */
static bool is_same_error(struct wf_slice json, const jv *error)
{
    struct wf_err err = {0};
    jv one;
    if (!json.ptr || wf_val_parse(json.ptr, json.len, &one, &err) < 0)
        return false;
    if (jv_get_kind(one) != JV_KIND_OBJECT || jv_get_kind(*error) != JV_KIND_OBJECT) {
        jv_free(one);
        return false;
    }
    return jv_equal(
        jv_object_delete(one, jv_string("instance")), jv_object_delete(jv_copy(*error), jv_string("instance")));
}

/* That of the call that failed with it, in the definition that it stands in; else where the workflow itself says. */
const struct wf_pinned_def *wf_explain_error_place(const struct wf_report *report, struct wf_loc *ret)
{
    for (size_t i = report->nops; i > 0; i--) {
        const struct wf_report_op *op = &report->ops[i - 1];
        const struct wf_pinned_def *def = NULL;
        struct wf_place place;
        if (op->state != WF_REC_FAULT || !is_same_error(op->answer, &report->run->output))
            continue;
        wf_report_place(report, op->path, &place);
        if (place.count && reaches(place.tasks[place.count - 1].def, place.tasks[place.count - 1].ref, ret))
            def = place.tasks[place.count - 1].def;
        wf_place_done(&place);
        if (def)
            return def;
    }
    const char *instance = wf_val_string(&report->run->output, "instance", "");
    return reaches(report->main_def, instance, ret) ? report->main_def : NULL;
}

/* Would it help to try again as it is? */
static const char *advice(const jv *error)
{
    const char *name = wf_error_type_name(wf_val_string(error, "type", ""));
    int status = (int)wf_val_number(error, "status", 0);
    if (status == 408 || status == 429 || status >= 502 || (name && strcmp(name, "timeout") == 0))
        return "Such an error may pass by itself: trying again makes sense.";
    if (status == 401 || status == 403 || (name && strncmp(name, "auth", 4) == 0))
        return "Somebody must give the rights or credentials that are missing; then trying again makes sense.";
    if (name &&
        (strcmp(name, "validation") == 0 || strcmp(name, "expression") == 0 || strcmp(name, "configuration") == 0))
        return "The same input and definition would end the same way: mend them first.";
    return "Look at the cause first: unless that has changed, it ends the same way again.";
}

static jv error_of(const struct wf_report *report)
{
    const jv *error = &report->run->output;
    const char *title = wf_val_string(error, "title", ""), *detail = wf_val_string(error, "detail", "");
    struct wf_loc loc = {0};
    jv all = wf_val_set(jv_object(), "object", jv_copy(*error));
    all = add(all, "words",
        wf_asprintf("%s%s%s",
            *title    ? title
            : *detail ? ""
                      : "an error without words",
            *title && *detail && strcmp(title, detail) != 0 ? ": " : "", strcmp(title, detail) != 0 ? detail : ""));
    all = wf_val_set(all, "advice", jv_string(advice(error)));
    if (wf_explain_error_place(report, &loc)) {
        all = wf_val_set(all, "file", jv_string(loc.file));
        all = wf_val_set(all, "line", jv_number(loc.line));
        all = wf_val_set(all, "col", jv_number(loc.col));
    }
    return all;
}

/* ---- all of it ---- */

static char *who(const struct wf__teller *teller)
{
    const struct wf_report *report = teller->report;
    const struct wf_state_run *run = report->run;
    char *begun = wf__moment(teller, run->started_ms);
    const char *by = wf_val_string(&run->meta, "by", NULL);
    char *text = wf_asprintf("Run %s of %s/%s %s, begun %s%s%s%s.", run->id, run->namespace_, run->name, run->version,
        begun, by ? " by " : "", by ? by : "", report->rehearsal ? ", a rehearsal in the sandbox" : "");
    free(begun);
    return text;
}

static char *definition_warning(const struct wf_report *report)
{
    if (!report->main_def)
        return wf_strdup("Its definition is not in the journal: what follows is told by the records alone.");
    if (!report->main_def->def)
        return wf_strdup(
            "This wfrun cannot load its definition, so it cannot resume it either; the text is still there, and "
            "what follows is told by that.");
    return NULL;
}

jv wf_explain(const struct wf_report *report, int64_t now_ms, const char *options)
{
    const struct wf__teller teller = {report, now_ms, !report->rehearsal};
    jv all = wf_val_set(jv_object(), "run", jv_string(report->run->id));
    all = wf_val_set(all, "status", jv_string(wf_run_status_name(report->run->status)));
    all = wf_val_set(all, "held", jv_bool(report->run->held));
    all = wf_val_set(all, "owner", report->run->owner ? jv_number((double)report->run->owner) : jv_null());
    all = add(all, "who", who(&teller));
    all = add(all, "state", status_sentence(&teller));
    all = add(all, "warning", definition_warning(report));
    all = add(all, "items", counts(report));
    all = wf_val_set(all, "why", wf__explain_why(&teller));
    all = wf_val_set(all, "where", places(&teller));
    all = wf_val_set(all, "failed", failed_items(report));
    if (jv_is_valid(report->undone))
        all = wf_val_set(all, "notDone", jv_copy(report->undone));
    all = add(all, "money", money(report));
    if (report->run->status == WF_RUN_FAULTED && jv_is_valid(report->run->output))
        all = wf_val_set(all, "error", error_of(report));
    all = wf_val_set(all, "attention", jv_copy(report->attention));
    return wf_val_set(all, "commands", wf__explain_ways(report, options));
}
