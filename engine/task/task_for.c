/* task_for.c: `for`: the body once for each item: one after the other, or side by side when metadata.wfrun.concurrency
 * says how many at a time. Side by side every iteration starts from the task's input and the output is the array of
 * their outputs; a fault starts no more and cancels the rest. With a failure budget a failed item is counted instead,
 * and only too many of them are the loop's fault: then no more start, and those that run end first. */
#include "task/brake.h"
#include "task/types.h"

struct state {
    jv items, outputs;           /* outputs: side by side only */
    jv labels;                   /* of all items; invalid: they have none */
    jv data;                     /* in sequence: what the next iteration starts from */
    size_t count, next, running; /* running: started, and their end not heard of yet */
    bool side_by_side, exhausted, settled;
    struct wf_brake brake;
    jv error; /* settled: the fault, once the others are gone */
};

static struct wf_verdict fill(struct wf_frame *frame);

static struct wf_scope *scope_of(struct wf_frame *frame, size_t index)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);
    jv item = jv_array_get(jv_copy(state->items), (int)index);
    struct wf_scope *each = wf_scope_push(wf_scope_of(frame), task->for_.each, item);
    struct wf_scope *both = wf_scope_push(each, task->for_.at, jv_number((double)index));

    wf_scope_unref(each);
    return both;
}

/* A label is for people: one that cannot be told never ends a run. */
static void name_items(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);

    if (!task->hints.label)
        return;
    state->labels = jv_array();
    for (size_t i = 0; i < state->count; i++) {
        struct wf_scope *scope = scope_of(frame, i);
        jv label, error;

        if (wf_frame_fill_in(frame, task->hints.label, &state->data, scope, i, &label, &error) != 0) {
            jv_free(error);
            label = jv_null();
        }
        state->labels = jv_array_append(state->labels, label);
        wf_scope_unref(scope);
    }
}

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);
    jv error;

    state->outputs = jv_array();
    state->data = jv_copy(*wf_frame_input(frame));
    state->error = jv_invalid();
    state->labels = jv_invalid();
    state->items = jv_null();
    if (wf_frame_fill(frame, task->for_.in, NULL, &state->items, &error) != 0) {
        state->items = jv_null();
        return wf_fault(error);
    }
    if (jv_get_kind(state->items) != JV_KIND_ARRAY)
        return wf_fault(wf_frame_error(
            frame, "expression", "for.in must give an array, it gave %s", jv_kind_name(jv_get_kind(state->items))));
    state->count = (size_t)jv_array_length(jv_copy(state->items));
    state->side_by_side = task->hints.concurrency > 0;
    if (wf_brake_init(&state->brake, frame, state->count, &error) != 0)
        return wf_fault(error);
    if (state->side_by_side || task->hints.label) {
        name_items(frame);
        wf_tell_loop(frame, state->count, &state->labels);
    }
    return fill(frame);
}

/* NULL: it has none. Lives as long as the labels. */
static const char *label_of(const struct state *state, size_t index)
{
    jv label = jv_is_valid(state->labels) ? jv_array_get(jv_copy(state->labels), (int)index) : jv_null();
    const char *text = jv_get_kind(label) == JV_KIND_STRING ? jv_string_value(label) : NULL;

    jv_free(label);
    return text;
}

static void tell_started(struct wf_frame *frame, size_t index)
{
    const struct state *state = wf_frame_state(frame);

    if (state->side_by_side || jv_is_valid(state->labels))
        wf_tell_iteration(frame, index, label_of(state, index));
}

/* The iteration begins, or waits for its turn. -1: nobody knows for what, with an error object. */
static int begin_one(struct wf_frame *frame, size_t index, struct wf_scope *scope, jv *ret_error)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);
    struct wf_label label = {"for", (int64_t)index, "do"};
    enum wf_context_rule rule = state->side_by_side ? WF_CONTEXT_BRANCH : WF_CONTEXT_SHARED;
    struct wf_turn turn;
    int waits = wf_brake_turn(&state->brake, frame, scope, index, &state->data, &turn, ret_error);

    if (waits < 0)
        return -1;
    state->next++;
    state->running++;
    if (waits > 0) {
        wf_ask_list_in_turn(frame, index, label, &task->for_.body, jv_copy(state->data), scope, rule, &turn);
    } else {
        tell_started(frame, index);
        wf_ask_list(frame, index, label, &task->for_.body, jv_copy(state->data), scope, rule);
    }
    return 1;
}

/* Start the next iteration. 1: started; 0: there is none; -1: `while` or the like failed, with an error object. */
static int start_one(struct wf_frame *frame, jv *ret_error)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);
    size_t index = state->next;
    struct wf_scope *scope;
    int rc = 0;
    jv answer;

    if (state->exhausted || index == state->count)
        return 0;
    scope = scope_of(frame, index);
    if (task->for_.while_) {
        if (wf_frame_eval_in(frame, task->for_.while_, &state->data, scope, index, &answer, ret_error) != 0) {
            wf_scope_unref(scope);
            return -1;
        }
        state->exhausted = !wf_val_truthy(&answer);
        jv_free(answer);
    }
    if (!state->exhausted)
        rc = begin_one(frame, index, scope, ret_error);
    wf_scope_unref(scope);
    return rc;
}

static struct wf_verdict settle(struct wf_frame *frame, jv error)
{
    struct state *state = wf_frame_state(frame);

    if (!state->settled) {
        state->settled = true;
        state->error = error;
        wf_cancel_children(frame);
    } else {
        jv_free(error);
    }
    if (wf_children(frame) > 0)
        return wf_wait();
    wf_merge_contexts(frame);
    error = state->error;
    state->error = jv_invalid();
    return wf_fault(error);
}

static struct wf_verdict next_wave(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);
    jv error;
    int open = wf_brake_gate(&state->brake, frame, state->side_by_side ? &state->outputs : &state->data, &error);

    if (open < 0)
        return settle(frame, error);
    return open > 0 ? fill(frame) : wf_wait();
}

/* Those that have not begun shall not. */
static void drop_waiting(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);
    size_t dropped = wf_drop_waiting(frame);

    state->running -= dropped;
    state->next -= dropped;
}

static struct wf_verdict fill(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);
    bool exceeded = wf_brake_is_exceeded(&state->brake);
    size_t most = state->side_by_side ? (size_t)wf_frame_task(frame)->hints.concurrency : 1;
    jv error;

    if (exceeded)
        drop_waiting(frame);
    while (!exceeded && state->running < most && state->next < wf_brake_bound(&state->brake)) {
        int started = start_one(frame, &error);
        if (started < 0)
            return settle(frame, error);
        if (started == 0)
            break;
    }
    if (state->running > 0)
        return wf_wait();
    if (exceeded)
        return settle(frame, wf_brake_fault(&state->brake, frame, state->next));
    if (state->next < state->count && !state->exhausted)
        return next_wave(frame);
    if (state->side_by_side)
        wf_merge_contexts(frame);
    wf_count_failed(frame, state->brake.failed);
    return wf_done(jv_copy(state->side_by_side ? state->outputs : state->data));
}

/* Counts a failed item, when failures are tolerated. In sequence a faulted one leaves the data as they were. */
static bool is_failed(struct wf_frame *frame, const struct wf_wake *wake, const jv *value)
{
    struct state *state = wf_frame_state(frame);
    bool faulted = wake->kind != WF_WAKE_DONE, failed = faulted;
    struct wf_scope *scope;
    jv error;

    if (state->settled || !state->brake.tolerant)
        return faulted;
    scope = scope_of(frame, wake->slot);
    failed = wf_brake_judge(frame, scope, wake->slot, faulted, value, &error);
    wf_scope_unref(scope);
    if (failed)
        wf_brake_failed(&state->brake, frame, wake->slot, label_of(state, wake->slot), error);
    return failed;
}

static void keep_output(struct state *state, const struct wf_wake *wake, jv value)
{
    bool faulted = wake->kind != WF_WAKE_DONE;

    if (state->side_by_side) {
        if (faulted)
            value = wf_val_set(jv_object(), "error", value);
        state->outputs = jv_array_set(state->outputs, (int)wake->slot, value);
    } else if (faulted) {
        jv_free(value);
    } else {
        jv_free(state->data);
        state->data = value;
    }
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    struct state *state = wf_frame_state(frame);
    jv value = wf_wake_take(wake), error;
    bool failed;

    if (wake->kind == WF_WAKE_BEGUN) {
        tell_started(frame, wake->slot);
        return wf_wait();
    }
    if (wake->slot == WF_BRAKE_SLOT)
        return wf_brake_decided(&state->brake, frame, value, &error) == 0 ? fill(frame) : settle(frame, error);
    state->running--;
    failed = is_failed(frame, wake, &value);
    if (state->side_by_side || jv_is_valid(state->labels))
        wf_tell_iteration_ended(frame, wake->slot, failed, jv_is_valid(state->labels));
    if (state->settled || (wake->kind != WF_WAKE_DONE && !state->brake.tolerant))
        return settle(frame, value);
    keep_output(state, wake, value);
    return fill(frame);
}

static void done(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);

    jv_free(state->items);
    jv_free(state->labels);
    jv_free(state->outputs);
    jv_free(state->data);
    jv_free(state->error);
    wf_brake_done(&state->brake);
}

const struct wf_task_type wf__task_for = {
    .kind = WF_TASK_FOR, .enter = enter, .resume = resume, .state_size = sizeof(struct state), .done = done};
