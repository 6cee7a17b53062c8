/* step.c: the trampoline: takes frames from the ready queue, lets them go on, and acts on their verdicts.
 *
 * A turn of the loop works through the queue for a few milliseconds at most and then lets the loop breathe. When the
 * queue is empty, outcomes are delivered one at a time in the order of their seq; when there is none left, the
 * operations that were asked for begin for real. */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "run/effect.h"

#define TURN_MS      5
#define LOOK_AT_TIME 256 /* frames between two looks at the clock */

/* ---- the ready queue ---- */

static void ready_grow(struct wf_run *run)
{
    size_t cap = run->ready_cap ? run->ready_cap * 2 : 64;
    struct wf_ready *ring = wf_calloc(cap, sizeof *ring);

    for (size_t i = 0; i < run->ready_count; i++)
        ring[i] = run->ready[(run->ready_head + i) % run->ready_cap];
    free(run->ready);
    run->ready = ring;
    run->ready_cap = cap;
    run->ready_head = 0;
}

void wf__ready(struct wf_frame *frame, const struct wf_ready *entry)
{
    struct wf_run *run = frame->run;
    struct wf_ready *place;

    if (run->ready_count == run->ready_cap)
        ready_grow(run);
    place = &run->ready[(run->ready_head + run->ready_count++) % run->ready_cap];
    *place = *entry;
    place->frame = frame;
    frame->queued++;
    wf__run_schedule(run);
}

static struct wf_ready ready_take(struct wf_run *run)
{
    struct wf_ready entry = run->ready[run->ready_head];

    run->ready_head = (run->ready_head + 1) % run->ready_cap;
    run->ready_count--;
    entry.frame->queued--;
    return entry;
}

void wf__enter(struct wf_frame *frame)
{
    wf__ready(frame, &(struct wf_ready){.enter = true, .wake = {.value = jv_null()}});
}

void wf__wake(struct wf_frame *frame, enum wf_wake_kind kind, size_t slot, jv value)
{
    wf__ready(frame, &(struct wf_ready){.wake = {.kind = kind, .slot = slot, .value = value}});
}

jv wf_wake_take(struct wf_wake *wake)
{
    jv value = wake->value;

    wake->value = jv_null();
    return value;
}

/* ---- how frames end ---- */

/* A branch's exports wait in the parent, by slot, until it joins them. */
static void keep_context(struct wf_frame *parent, struct wf_frame *child)
{
    if (child->context == parent->context || parent->kind != WF_FRAME_TASK || child->kind == WF_FRAME_INSTANCE)
        return;
    if (child->slot >= parent->nmerged) {
        parent->merged = wf_realloc(parent->merged, (child->slot + 1) * sizeof *parent->merged);
        while (parent->nmerged <= child->slot)
            parent->merged[parent->nmerged++] = NULL;
    }
    wf__context_unref(parent->merged[child->slot]);
    parent->merged[child->slot] = wf__context_ref(child->context);
}

bool wf__frame_is_leaving(const struct wf_frame *frame)
{
    return frame->interrupted || jv_is_valid(frame->ending);
}

/* One frame is gone. Its parent hears of it, or, when that is leaving itself, is returned to be settled next. */
static struct wf_frame *end_one(struct wf_frame *frame, enum wf_wake_kind kind, jv value, enum wf_flow_kind flow)
{
    struct wf_frame *parent = frame->parent;
    struct wf_run *run = frame->run;
    size_t slot = frame->slot;

    assert(frame->children == 0 && !frame->ops);
    if (kind == WF_WAKE_DONE && parent)
        keep_context(parent, frame);
    wf__frame_drop(frame);
    if (!parent) {
        wf__run_finish(run,
            kind == WF_WAKE_DONE    ? WF_RUN_COMPLETED
            : kind == WF_WAKE_FAULT ? WF_RUN_FAULTED
                                    : WF_RUN_CANCELLED,
            value);
        return NULL;
    }
    if (wf__frame_is_leaving(parent)) {
        jv_free(value);
        return parent;
    }
    wf__ready(parent, &(struct wf_ready){.wake = {.kind = kind, .slot = slot, .value = value}, .flow = flow});
    return NULL;
}

void wf__frame_end(struct wf_frame *frame, enum wf_wake_kind kind, jv value, enum wf_flow_kind flow)
{
    struct wf_frame *parent = end_one(frame, kind, value, flow);

    if (parent)
        wf__frame_settle(parent);
}

void wf__frame_settle(struct wf_frame *frame)
{
    while (frame && wf__frame_is_leaving(frame) && frame->children == 0 && !frame->ops) {
        jv error = frame->ending;
        bool faulted = jv_is_valid(error) && !frame->interrupted;

        frame->ending = jv_invalid();
        wf__tell_end(frame, faulted ? &error : NULL);
        if (faulted) {
            frame = end_one(frame, WF_WAKE_FAULT, error, WF_FLOW_CONTINUE);
        } else {
            jv_free(error);
            frame = end_one(frame, WF_WAKE_CANCELLED, jv_null(), WF_FLOW_CONTINUE);
        }
    }
}

/* ---- TASK frames ---- */

static void task_fault(struct wf_frame *frame, jv error)
{
    wf__frame_expire(frame, error);
}

/* Its raw output is there: the stages after RUN, then the end. */
static void task_complete(struct wf_frame *frame, jv output)
{
    const struct wf_flow *then = frame->has_flow ? &frame->flow : &frame->task->then;
    jv error = jv_null();

    jv_free(frame->output);
    frame->output = output;
    frame->raw_output = jv_copy(output);
    frame->stage = WF_STAGE_OUTPUT_AS;
    if (wf__stages_after(frame, &error) != 0) {
        task_fault(frame, error);
        return;
    }
    wf__frame_clear(frame); /* its time-out */
    frame->flow = *then;
    wf__tell(frame, WF_EV_TASK_COMPLETED, &frame->output);
    output = frame->output;
    frame->output = jv_null();
    /* The list learns the directive from the ended frame: a target is a position in that very list. */
    if (frame->parent->kind == WF_FRAME_LIST && frame->flow.kind == WF_FLOW_TASK)
        frame->parent->flow = frame->flow;
    wf__frame_end(frame, WF_WAKE_DONE, output, frame->flow.kind);
}

static void act(struct wf_frame *frame, struct wf_verdict verdict)
{
    switch (verdict.kind) {
    case WF_V_FLOW:
        frame->has_flow = true;
        frame->flow = verdict.flow;
        task_complete(frame, verdict.value);
        break;
    case WF_V_DONE:
        task_complete(frame, verdict.value);
        break;
    case WF_V_FAULT:
        task_fault(frame, verdict.value);
        break;
    case WF_V_WAIT:
        break;
    }
}

static void task_enter(struct wf_frame *frame)
{
    bool skip = false;
    jv error = jv_null(), output;

    frame->type = wf_task_type(frame->task->kind);
    if (wf__stages_before(frame, &skip, &error) != 0) {
        task_fault(frame, error);
        return;
    }
    if (skip) { /* its output is its raw input and its `then` does not count */
        output = frame->raw_input;
        frame->raw_input = jv_null();
        wf__frame_end(frame, WF_WAKE_DONE, output, WF_FLOW_CONTINUE);
        return;
    }
    if (frame->task->timeout && wf__ask_expiry(frame, frame->task->timeout, "timeout", &error) != 0) {
        task_fault(frame, error);
        return;
    }
    frame->stage = WF_STAGE_RUN;
    if (frame->type->state_size)
        frame->state = wf_calloc(1, frame->type->state_size);
    act(frame, frame->type->enter(frame));
}

/* The workflow ends from within: the data of the ending task is everybody's output, no later stage applies. */
static void task_end_all(struct wf_frame *frame, jv value)
{
    wf__frame_clear(frame);
    if (frame->children > 0 || frame->ops) {
        /* An effect is under way in a sibling: wait for it, then end with this value. */
        jv_free(frame->output);
        frame->output = value;
        frame->has_flow = true;
        frame->flow.kind = WF_FLOW_END;
        return;
    }
    wf__tell(frame, WF_EV_TASK_COMPLETED, &value);
    wf__frame_end(frame, WF_WAKE_DONE, value, WF_FLOW_END);
}

static bool is_ending_all(const struct wf_frame *frame)
{
    return frame->has_flow && frame->flow.kind == WF_FLOW_END && frame->stage == WF_STAGE_RUN;
}

static void task_resume(struct wf_frame *frame, struct wf_ready *entry)
{
    if (is_ending_all(frame)) {
        jv value = frame->output;
        frame->output = jv_null();
        task_end_all(frame, value);
    } else if (entry->flow == WF_FLOW_END && frame->task->kind != WF_TASK_CALL) { /* a function ends only itself */
        task_end_all(frame, wf_wake_take(&entry->wake));
    } else {
        act(frame, frame->type->resume(frame, &entry->wake));
    }
}

/* ---- turns ---- */

static void step(struct wf_run *run)
{
    struct wf_ready entry = ready_take(run);
    struct wf_frame *frame = entry.frame;

    if (frame->dead) {
        if (frame->queued == 0) {
            free(frame->path);
            free(frame);
        }
    } else if (wf__frame_is_leaving(frame)) {
        wf__frame_settle(frame);
    } else if (frame->kind == WF_FRAME_TASK) {
        entry.enter ? task_enter(frame) : task_resume(frame, &entry);
    } else if (frame->kind == WF_FRAME_LIST) {
        entry.enter ? wf__list_enter(frame) : wf__list_resume(frame, &entry);
    } else {
        entry.enter ? wf__instance_enter(frame) : wf__instance_resume(frame, &entry);
    }
    jv_free(entry.wake.value);
}

static void turn(void *arg)
{
    struct wf_run *run = arg;
    int64_t until = wf_clock_mono_ms() + TURN_MS;
    unsigned count = 0;

    run->scheduled = false;
    if (run->gone) {
        free(run);
        return;
    }
    for (;;) {
        if (run->ready_count > 0)
            step(run);
        else if (!wf__answer_next(run))
            break;
        if (++count % LOOK_AT_TIME == 0 && wf_clock_mono_ms() >= until) {
            wf__run_schedule(run);
            return;
        }
    }
    wf__run_idle(run);
}

void wf__run_schedule(struct wf_run *run)
{
    if (run->scheduled)
        return;
    run->scheduled = true;
    wf_loop_post(run->engine->set.loop, turn, run);
}
