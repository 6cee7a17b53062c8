/* effect.c: operations: asked for, answered from the journal or begun for real, delivered, dropped. See effect.h. */
#include "run/effect.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* ---- finding an operation by its path ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct wf_op *)a)->path, ((const struct wf_op *)b)->path);
}

struct wf_op *wf__op_find(struct wf_run *run, const char *path)
{
    struct wf_op key = {.path = (char *)(uintptr_t)path};
    struct wf_op **found = tfind(&key, &run->by_path, by_path);

    return found ? *found : NULL;
}

/* ---- life ---- */

struct wf_op *wf__op_new(struct wf_frame *frame, enum wf_op_kind kind, size_t slot, char *path)
{
    struct wf_op *op = wf_calloc(1, sizeof *op);

    op->frame = frame;
    op->run = frame->run;
    op->kind = kind;
    op->slot = slot;
    op->path = path;
    op->failure = jv_invalid();
    op->answer = jv_invalid();
    op->next = frame->ops;
    if (op->next)
        op->next->prev = op;
    frame->ops = op;
    (void)tsearch(op, &op->run->by_path, by_path);
    return op;
}

/* A time-out moves nothing forward: it alone is no reason for a process to stay. */
static bool is_pending(const struct wf_op *op, enum wf_op_state state)
{
    return !op->expiry && state != WF_OPS_ANSWERED && state != WF_OPS_LIVE && state != WF_OPS_DOUBT &&
           state != WF_OPS_AWAITING;
}

/* Under way: an answer is on its way that a stop should wait for a moment. */
static bool is_flying(const struct wf_op *op, enum wf_op_state state)
{
    return op->kind == WF_OP_STEP && (state == WF_OPS_STORING || state == WF_OPS_RUNNING || state == WF_OPS_ASKING);
}

static void count(struct wf_op *op, enum wf_op_state state, int by)
{
    op->run->pending += (size_t)(is_pending(op, state) ? by : 0);
    op->run->flying += (size_t)(is_flying(op, state) ? by : 0);
    op->run->doubts += (size_t)(state == WF_OPS_DOUBT ? by : 0);
    op->run->waits += (size_t)(state == WF_OPS_AWAITING ? by : 0);
    if (state == WF_OPS_STORING)
        wf_loop_busy(op->run->engine->set.loop, by);
}

void wf__op_enter_state(struct wf_op *op, enum wf_op_state state)
{
    count(op, op->state, -1);
    op->state = state;
    count(op, op->state, 1);
}

static void answered_remove(struct wf_run *run, const struct wf_op *op);

static void op_free(struct wf_op *op)
{
    struct wf_run *run = op->run;

    if (op->state == WF_OPS_ANSWERED)
        answered_remove(run, op);
    if (op->state == WF_OPS_LIVE)
        wf__live_remove(op);
    if (op->scope)
        wf__permit_unwait(op);
    if (op->kind == WF_OP_EVENT)
        wf__await_drop(op);
    wf__op_enter_state(op, WF_OPS_LIVE);
    if (op->call)
        wf_call_cancel(op->call);
    if (op->wish)
        op->wish->op = NULL;
    wf_timer_stop(run->engine->set.loop, &op->delay);
    if (op->armed && run->ref)
        run->engine->set.journal->timer_stop(run->ref, op->path);
    (void)tdelete(op, &run->by_path, by_path);
    if (op->prev)
        op->prev->next = op->next;
    else
        op->frame->ops = op->next;
    if (op->next)
        op->next->prev = op->prev;
    for (size_t i = 0; i < op->nmemos; i++) {
        free((char *)(uintptr_t)op->memos[i].name);
        free((char *)(uintptr_t)op->memos[i].json.ptr);
    }
    free(op->memos);
    wf__quote_drop(op);
    jv_free(op->failure);
    jv_free(op->answer);
    free(op->undoes);
    free(op->input);
    free(op->path);
    free(op);
}

bool wf__op_is_held(const struct wf_op *op)
{
    struct wf_record record;

    if (!op->unsafe || op->run->over || op->state == WF_OPS_QUOTING || op->state == WF_OPS_QUOTE_LATER ||
        op->state == WF_OPS_AWAITING)
        return false;
    if (op->state != WF_OPS_LIVE)
        return true;
    op->run->engine->set.journal->lookup(op->run->ref, op->path, &record);
    return record.state == WF_REC_INTENT;
}

void wf__op_drop(struct wf_op *op)
{
    op_free(op);
}

/* ---- answered ones: a heap by seq ---- */

static void sift_down(struct wf_run *run, size_t at)
{
    struct wf_op **heap = run->answered;

    for (;;) {
        size_t least = at, left = 2 * at + 1, right = left + 1;
        struct wf_op *swap;
        if (left < run->nanswered && heap[left]->seq < heap[least]->seq)
            least = left;
        if (right < run->nanswered && heap[right]->seq < heap[least]->seq)
            least = right;
        if (least == at)
            return;
        swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

static void sift_up(struct wf_run *run, size_t at)
{
    struct wf_op **heap = run->answered;

    while (at > 0 && heap[(at - 1) / 2]->seq > heap[at]->seq) {
        struct wf_op *swap = heap[at];
        heap[at] = heap[(at - 1) / 2];
        heap[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

static void answered_add(struct wf_run *run, struct wf_op *op)
{
    if (run->nanswered == run->answered_cap) {
        run->answered_cap = run->answered_cap ? run->answered_cap * 2 : 64;
        run->answered = wf_realloc(run->answered, run->answered_cap * sizeof *run->answered);
    }
    run->answered[run->nanswered++] = op;
    sift_up(run, run->nanswered - 1);
}

static void answered_remove(struct wf_run *run, const struct wf_op *op)
{
    for (size_t i = 0; i < run->nanswered; i++) {
        if (run->answered[i] != op)
            continue;
        run->answered[i] = run->answered[--run->nanswered];
        if (i < run->nanswered) {
            sift_down(run, i);
            sift_up(run, i);
        }
        return;
    }
}

/* An effect that is under way has the time-out of its task for a deadline: what came of it is the answer, also when it
 * came late. */
static bool has_effect(const struct wf_frame *frame)
{
    for (const struct wf_op *op = frame->ops; op; op = op->next)
        if (wf__op_is_held(op))
            return true;
    return false;
}

/* Names the step that it waits for, if that is what it does. */
static void expire(struct wf_frame *frame)
{
    const struct wf_op *op = frame->ops;
    char detail[300] = "it did not end within its time-out";

    while (op && !(op->kind == WF_OP_STEP && op->entry))
        op = op->next;
    if (op)
        snprintf(detail, sizeof detail, "the step %s of the plugin %s did not answer within the time-out of its task",
            op->entry->type->name, op->entry->plugin->name);
    wf__frame_expire(frame, wf_frame_error(frame, "timeout", detail));
}

static void deliver(struct wf_op *op, enum wf_wake_kind kind, jv value)
{
    struct wf_frame *frame = op->frame;
    size_t slot = op->slot;
    bool expiry = op->expiry, turn = op->turn;

    op_free(op);
    if (wf__frame_is_leaving(frame)) {
        jv_free(value);
        wf__frame_settle(frame);
    } else if (turn) {
        jv_free(value);
        wf__turn_come(frame);
    } else if (!expiry) {
        wf__wake(frame, kind, slot, value);
    } else {
        jv_free(value);
        if (!has_effect(frame))
            expire(frame);
    }
}

void wf__op_answer(struct wf_op *op, uint64_t seq, enum wf_wake_kind kind, jv value)
{
    op->seq = seq;
    op->answered_as = kind;
    op->answer = value;
    wf__op_enter_state(op, WF_OPS_ANSWERED);
    answered_add(op->run, op);
    wf__run_schedule(op->run);
}

bool wf__answer_next(struct wf_run *run)
{
    struct wf_record record;
    struct wf_err err = {0};
    struct wf_op *op;
    jv value;

    if (run->nanswered == 0 || run->over)
        return false;
    op = run->answered[0];
    value = op->answer;
    op->answer = jv_invalid();
    if (!jv_is_valid(value)) {
        run->engine->set.journal->lookup(run->ref, op->path, &record);
        if (wf_val_parse(record.outcome.ptr, record.outcome.len, &value, &err) != 0)
            value = jv_null();
    }
    deliver(op, op->answered_as, value);
    return true;
}

/* ---- asking, and beginning for real ---- */

static void live_add(struct wf_op *op)
{
    struct wf_run *run = op->run;

    if (run->live_last)
        run->live_last->live_next = op;
    else
        run->live_first = op;
    op->live_prev = run->live_last;
    run->live_last = op;
}

/* A replay: was the same asked for as then? A read has no intent, and what undoes another has that one's data. */
static void compare(const struct wf_op *op, const struct wf_record *record)
{
    const struct wf_engine_settings *set = &op->run->engine->set;
    const char *why = NULL;
    jv intent;

    if (!set->replayed || op->kind != WF_OP_STEP)
        return;
    if (!op->undo && record->intent.ptr && wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) == 0) {
        why = wf__call_mismatch(op, &intent);
        jv_free(intent);
    }
    set->replayed(set->arg, op->path, why ? why : "");
}

void wf__op_ask(struct wf_op *op)
{
    struct wf_run *run = op->run;
    struct wf_record record;

    run->engine->set.journal->lookup(run->ref, op->path, &record);
    if (record.state == WF_REC_DONE || record.state == WF_REC_FAULT) {
        compare(op, &record);
        wf__quote_replay(op, &record);
        wf__op_answer(op, record.seq, record.state == WF_REC_FAULT ? WF_WAKE_FAULT : WF_WAKE_DONE, jv_invalid());
        return;
    }
    wf__op_enter_state(op, WF_OPS_LIVE);
    live_add(op);
    wf__run_schedule(run);
}

void wf__live_remove(struct wf_op *op)
{
    struct wf_run *run = op->run;

    if (!op->live_prev && run->live_first != op)
        return; /* not queued */
    if (op->live_prev)
        op->live_prev->live_next = op->live_next;
    else
        run->live_first = op->live_next;
    if (op->live_next)
        op->live_next->live_prev = op->live_prev;
    else
        run->live_last = op->live_prev;
    op->live_prev = op->live_next = NULL;
}

/* Each of those that are there once: who lacks a lock goes to the end, and waits. What had begun asks for its lock
 * before what would begin now. */
void wf__live_start(struct wf_run *run)
{
    size_t count = 0;

    for (const struct wf_op *op = run->live_first; op; op = op->live_next, count++)
        (void)wf__turn_is_lost(op);
    for (; count > 0 && run->live_first && !run->stopping && !run->over; count--) {
        struct wf_op *op = run->live_first;
        struct wf_record record;

        wf__live_remove(op);
        if (wf__turn_is_lost(op)) {
            live_add(op);
            continue;
        }
        run->engine->set.journal->lookup(run->ref, op->path, &record);
        if (op->turn)
            wf__turn_live(op);
        else if (op->kind == WF_OP_TIMER)
            wf__timer_live(op, &record);
        else if (op->kind == WF_OP_EVENT)
            wf__await_live(op, &record);
        else
            wf__call_live(op, &record);
    }
}

/* ---- facts ---- */

jv wf__fact(struct wf_run *run, const char *path, jv (*make)(void *arg), void *arg)
{
    const struct wf_backend_ops *journal = run->engine->set.journal;
    struct wf_record record;
    struct wf_err err = {0};
    jv value;
    char *text;

    if (run->over)
        return make(arg);
    journal->lookup(run->ref, path, &record);
    if (record.state == WF_REC_DONE && wf_val_parse(record.outcome.ptr, record.outcome.len, &value, &err) == 0)
        return value;
    value = make(arg);
    text = wf_val_text(&value);
    (void)journal->outcome(run->ref, path, WF_OP_FACT, WF_REC_DONE, (struct wf_slice){text, strlen(text)}, 0);
    free(text);
    return value;
}
