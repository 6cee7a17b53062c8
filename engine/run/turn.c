/* turn.c: lists that wait for their turn before they begin: for a lock, then for a token of a rate. Both are shared by
 * all runs of the journal.
 *
 *     asked for ─┬─ journal: its turn came ──> begins, as in every replay; no token is taken again
 *                └─ none ──> lock ──> token ──> outcome ──> begins
 *
 * How long it waited changes no outcome; that it began, and after what, is in the journal, for others may be given up by
 * then. A lock is the process's own, so a resumed run has lost those of the lists that had begun: whatever goes on
 * inside of one waits until it has its lock again, the outer one first where they are nested. Others go on meanwhile. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"

struct wf_place {
    struct wf_turn turn;
    char *path; /* of the operation */
    bool begun;
    enum { LOCK_NONE, LOCK_ASKED, LOCK_HELD } lock;
};

void wf_turn_done(struct wf_turn *turn)
{
    free(turn->lock);
    free(turn->rate_key);
    *turn = (struct wf_turn){0};
}

void wf_ask_list_in_turn(struct wf_frame *frame, size_t slot, struct wf_label label, const struct wf_task_list *list,
    jv input, struct wf_scope *scope, enum wf_context_rule rule, struct wf_turn *turn)
{
    struct wf_frame *child = wf__child_new(frame, WF_FRAME_LIST, slot, label, input, scope, rule);
    struct wf_op *op;

    label.tail = "turn";
    child->list = list;
    child->place = wf_calloc(1, sizeof *child->place);
    child->place->turn = *turn;
    child->place->path = wf__label_path(frame, label);
    *turn = (struct wf_turn){0};
    op = wf__op_new(child, WF_OP_TIMER, 0, wf_strdup(child->place->path));
    op->turn = true;
    wf__op_ask(op);
}

static struct wf_place *place_of(const struct wf_frame *frame)
{
    return frame->kind == WF_FRAME_LIST ? frame->place : NULL;
}

bool wf_lock_is_around(const struct wf_frame *frame, const char *lock)
{
    bool found = false;

    for (; frame && !found; frame = frame->parent) {
        const struct wf_place *place = place_of(frame);
        found = place && place->turn.lock && strcmp(place->turn.lock, lock) == 0;
    }
    return found;
}

size_t wf_drop_waiting(struct wf_frame *frame)
{
    struct wf_frame *next;
    size_t count = 0;

    for (struct wf_frame *child = frame->first_child; child; child = next) {
        next = child->next;
        if (!place_of(child) || child->place->begun)
            continue;
        wf__interrupt(child);
        count++;
    }
    return count;
}

/* ---- waiting ---- */

static void come(struct wf_op *op)
{
    uint64_t seq = op->run->engine->set.journal->outcome(
        op->run->ref, op->path, WF_OP_TIMER, WF_REC_DONE, (struct wf_slice){"null", 4}, 0);

    op->armed = false;
    wf__op_answer(op, seq, WF_WAKE_DONE, jv_null());
}

static void take_token(struct wf_op *op)
{
    const struct wf_turn *turn = &op->frame->place->turn;

    if (!turn->rate_key) {
        come(op);
        return;
    }
    op->armed = true;
    op->run->engine->set.journal->rate(op->run->ref, op->path,
        &(struct wf_rate){.key = turn->rate_key, .interval_us = turn->interval_us, .burst = turn->burst});
}

static void note(struct wf_run *run, const struct wf_place *place, const jv *json)
{
    char *key = wf_asprintf("%s%s", WF_NOTE_LOCK, place->path), *text = wf_mask_apply(wf_val_text(json));

    run->engine->set.journal->note(run->ref, key, (struct wf_slice){text, strlen(text)});
    free(text);
    free(key);
}

/* For people who ask what others wait for. */
static void note_lock(struct wf_run *run, const struct wf_place *place)
{
    jv json = wf_val_set(jv_object(), "key", jv_string(place->turn.lock));

    json = wf_val_set(json, "held", jv_bool(place->lock == LOCK_HELD));
    json = wf_val_set(json, "since", jv_number((double)wf_loop_now_ms(run->engine->set.loop)));
    note(run, place, &json);
    jv_free(json);
}

static void ask_lock(struct wf_run *run, struct wf_place *place)
{
    place->lock = LOCK_ASKED;
    note_lock(run, place);
    run->engine->set.journal->lock(run->ref, place->path, place->turn.lock);
}

static void got_lock(struct wf_run *run, struct wf_place *place)
{
    place->lock = LOCK_HELD;
    note_lock(run, place);
}

void wf__turn_live(struct wf_op *op)
{
    struct wf_place *place = op->frame->place;

    wf__op_enter_state(op, WF_OPS_RUNNING);
    if (place->turn.lock)
        ask_lock(op->run, place);
    else
        take_token(op);
}

void wf__turn_fired(struct wf_op *op)
{
    struct wf_place *place = op->frame->place;

    if (op->state != WF_OPS_RUNNING)
        return;
    if (place->lock == LOCK_ASKED) {
        got_lock(op->run, place);
        take_token(op);
    } else {
        come(op);
    }
}

void wf__turn_come(struct wf_frame *list)
{
    struct wf_place *place = list->place;

    place->begun = true;
    if (place->turn.lock && place->lock != LOCK_HELD)
        list->run->unlocked++;
    wf__wake(list->parent, WF_WAKE_BEGUN, list->slot, jv_null());
    wf__enter(list);
}

/* ---- the locks of a resumed run ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct wf_place *)a)->path, ((const struct wf_place *)b)->path);
}

static bool is_unlocked(const struct wf_place *place)
{
    return place && place->begun && place->turn.lock && place->lock != LOCK_HELD;
}

bool wf__turn_is_lost(const struct wf_op *op)
{
    struct wf_run *run = op->run;
    struct wf_place *outermost = NULL;

    if (run->unlocked == 0)
        return false;
    for (const struct wf_frame *frame = op->frame; frame; frame = frame->parent)
        if (is_unlocked(place_of(frame)))
            outermost = place_of(frame);
    if (outermost && outermost->lock == LOCK_NONE) {
        (void)tsearch(outermost, &run->reclaimed, by_path);
        run->pending++;
        ask_lock(run, outermost);
    }
    return outermost;
}

/* It is asked for no more. */
static void reclaimed_remove(struct wf_run *run, struct wf_place *place)
{
    run->unlocked--;
    if (place->lock != LOCK_ASKED)
        return;
    (void)tdelete(place, &run->reclaimed, by_path);
    run->pending--;
}

void wf__turn_regained(struct wf_run *run, const char *path)
{
    struct wf_place wanted = {.path = (char *)(uintptr_t)path};
    struct wf_place **found = tfind(&wanted, &run->reclaimed, by_path), *place = found ? *found : NULL;

    if (!place)
        return;
    reclaimed_remove(run, place);
    got_lock(run, place);
    wf__run_schedule(run);
}

/* The journal itself lets go of all locks of a run that is over, and of a lost one not before it is safe. */
void wf__place_drop(struct wf_frame *list)
{
    const jv none = jv_null();
    struct wf_place *place = list->place;
    struct wf_run *run = list->run;

    if (!place)
        return;
    if (is_unlocked(place))
        reclaimed_remove(run, place);
    if (place->turn.lock && !run->over) /* one that ended in a replay may have left its note behind */
        note(run, place, &none);
    if (place->lock != LOCK_NONE && !run->over)
        run->engine->set.journal->unlock(run->ref, place->path, place->turn.lock);
    wf_turn_done(&place->turn);
    free(place->path);
    free(place);
    list->place = NULL;
}
