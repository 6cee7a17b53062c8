/* task_fork.c: `fork`: branches side by side: all of them, or (compete) the first that completes. */
#include <stdlib.h>

#include "base/alloc.h"
#include "task/types.h"

struct state {
    jv *outputs;  /* by branch; invalid: not there yet */
    size_t ended; /* branches that completed or faulted */
    bool settled; /* result says how the task ends; the others are being cancelled */
    bool faulted;
    jv result;
};

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);

    state->result = jv_null();
    if (task->fork.branches.count == 0)
        return wf_done(jv_array());
    state->outputs = wf_calloc(task->fork.branches.count, sizeof *state->outputs);
    for (size_t i = 0; i < task->fork.branches.count; i++) {
        const struct wf_task *branch = task->fork.branches.tasks[i];
        state->outputs[i] = jv_invalid();
        wf_ask_task(frame, i, (struct wf_label){"fork/branches", (int64_t)i, branch->name}, branch,
            jv_copy(*wf_frame_input(frame)), wf_scope_of(frame), WF_CONTEXT_BRANCH);
    }
    return wf_wait();
}

/* The end is known; it comes once those that had to be cancelled are gone. */
static struct wf_verdict settle(struct wf_frame *frame, bool faulted, jv result)
{
    struct state *state = wf_frame_state(frame);

    if (!state->settled) {
        state->settled = true;
        state->faulted = faulted;
        state->result = result;
        wf_cancel_children(frame);
    } else {
        jv_free(result);
    }
    if (wf_children(frame) > 0)
        return wf_wait();
    wf_merge_contexts(frame);
    result = state->result;
    state->result = jv_null();
    return state->faulted ? wf_fault(result) : wf_done(result);
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);
    jv value = wf_wake_take(wake);

    if (state->settled || wake->kind == WF_WAKE_CANCELLED)
        return settle(frame, false, value);
    state->ended++;
    if (task->fork.compete) {
        /* A competitor that faults is out of the race; only when all are is it the task's fault. */
        if (wake->kind == WF_WAKE_DONE || state->ended == task->fork.branches.count)
            return settle(frame, wake->kind == WF_WAKE_FAULT, value);
        jv_free(value);
        return wf_wait();
    }
    if (wake->kind == WF_WAKE_FAULT)
        return settle(frame, true, value);
    state->outputs[wake->slot] = value;
    if (state->ended < task->fork.branches.count)
        return wf_wait();
    value = jv_array();
    for (size_t i = 0; i < task->fork.branches.count; i++)
        value = jv_array_append(value, jv_copy(state->outputs[i]));
    return settle(frame, false, value);
}

static void done(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);

    for (size_t i = 0; state->outputs && i < wf_frame_task(frame)->fork.branches.count; i++)
        jv_free(state->outputs[i]);
    free(state->outputs);
    jv_free(state->result);
}

const struct wf_task_type wf__task_fork = {
    .kind = WF_TASK_FORK, .enter = enter, .resume = resume, .state_size = sizeof(struct state), .done = done};
