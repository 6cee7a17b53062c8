/* task_try.c: `try`: runs its list; catches what its filter matches; tries again as its retry policy says. */
#include <string.h>

#include "task/retry.h"
#include "task/types.h"

enum { SLOT_BODY, SLOT_ATTEMPT_TIMER, SLOT_DELAY, SLOT_HANDLER };

struct state {
    int64_t retries; /* begun so far */
    bool timed_out;  /* the attempt; its list is being cancelled */
};

static struct wf_verdict begin_attempt(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    const struct wf_retry_def *retry = task->try_.retry;
    struct state *state = wf_frame_state(frame);
    struct wf_label label = {"try", -1, NULL};
    struct wf_duration limit;
    jv error;

    if (state->retries > 0)
        label = (struct wf_label){"retry", state->retries, "try"};
    state->timed_out = false;
    if (retry && retry->has_attempt_duration) {
        if (wf_frame_duration(frame, &retry->attempt_duration, &limit, &error) != 0)
            return wf_fault(error);
        wf_ask_timer(frame, SLOT_ATTEMPT_TIMER, (struct wf_label){"attempt", state->retries, "timeout"},
            wf_frame_now(frame) + wf_duration_ms(limit));
    }
    wf_ask_list(frame, SLOT_BODY, label, &task->try_.body, jv_copy(*wf_frame_input(frame)), wf_scope_of(frame),
        WF_CONTEXT_SHARED);
    return wf_wait();
}

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_retry_def *retry = wf_frame_task(frame)->try_.retry;

    if (retry && retry->has_duration)
        (void)wf_frame_fact_now(frame, "attempt/first");
    return begin_attempt(frame);
}

/* ---- what is caught ---- */

static bool same_text(const jv *error, const char *key, const char *wanted)
{
    return !wanted || strcmp(wf_val_string(error, key, ""), wanted) == 0;
}

static bool filter_matches(const struct wf_error_filter *filter, const jv *error)
{
    const char *type = wf_val_string(error, "type", "");
    const char *name = wf_error_type_name(type);

    if (filter->type && strcmp(filter->type, name ? name : type) != 0)
        return false;
    if (filter->status && (int)wf_val_number(error, "status", 0) != filter->status)
        return false;
    return same_text(error, "instance", filter->instance) && same_text(error, "title", filter->title) &&
           same_text(error, "detail", filter->detail);
}

/* `when` must be true and `exceptWhen` must not, each on the error. -1: an expression failed. */
static int conditions(struct wf_frame *frame, struct wf_expr *when, struct wf_expr *except, const jv *error,
    struct wf_scope *scope, jv *ret_error)
{
    int64_t attempt = ((struct state *)wf_frame_state(frame))->retries;
    bool yes = true;
    jv answer;

    if (when) {
        if (wf_frame_eval_in(frame, when, error, scope, (size_t)attempt, &answer, ret_error) != 0)
            return -1;
        yes = wf_val_truthy(&answer);
        jv_free(answer);
    }
    if (yes && except) {
        if (wf_frame_eval_in(frame, except, error, scope, (size_t)attempt, &answer, ret_error) != 0)
            return -1;
        yes = !wf_val_truthy(&answer);
        jv_free(answer);
    }
    return yes;
}

static struct wf_verdict handler(struct wf_frame *frame, const jv *error, struct wf_scope *scope)
{
    const struct wf_task *task = wf_frame_task(frame);

    if (task->try_.has_handler) {
        wf_ask_list(frame, SLOT_HANDLER, (struct wf_label){"catch", -1, "do"}, &task->try_.handler,
            jv_copy(*wf_frame_input(frame)), scope, WF_CONTEXT_SHARED);
        return wf_wait();
    }
    if (task->try_.retry)
        return wf_fault(jv_copy(*error));
    if (task->try_.has_then)
        return wf_flow(jv_copy(*wf_frame_input(frame)), task->try_.then);
    return wf_done(jv_copy(*wf_frame_input(frame)));
}

static struct wf_verdict caught(struct wf_frame *frame, const jv *error, struct wf_scope *scope)
{
    const struct wf_retry_def *retry = wf_frame_task(frame)->try_.retry;
    struct state *state = wf_frame_state(frame);
    int64_t wake_ms = 0;
    jv fault;
    int again;

    if (!retry)
        return handler(frame, error, scope);
    again = conditions(frame, retry->when, retry->except_when, error, scope, &fault);
    if (again > 0)
        again = wf_retry_next(frame, retry, state->retries + 1, &wake_ms, &fault);
    if (again < 0)
        return wf_fault(fault);
    if (again == 0)
        return handler(frame, error, scope);
    state->retries++;
    wf_ask_timer(frame, SLOT_DELAY, (struct wf_label){"retry", state->retries, "delay"}, wake_ms);
    return wf_wait();
}

/* error consumed */
static struct wf_verdict failed(struct wf_frame *frame, jv error)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct wf_scope *scope;
    struct wf_verdict verdict;
    jv fault;
    int yes;

    if (!filter_matches(&task->try_.filter, &error))
        return wf_fault(error);
    scope = wf_scope_push(wf_scope_of(frame), task->try_.as, jv_copy(error));
    yes = conditions(frame, task->try_.when, task->try_.except_when, &error, scope, &fault);
    if (yes < 0)
        verdict = wf_fault(fault);
    else if (yes == 0)
        verdict = wf_fault(jv_copy(error));
    else
        verdict = caught(frame, &error, scope);
    wf_scope_unref(scope);
    jv_free(error);
    return verdict;
}

/* ---- what came ---- */

static struct wf_verdict attempt_expired(struct wf_frame *frame)
{
    struct state *state = wf_frame_state(frame);

    if (!state->timed_out) {
        state->timed_out = true;
        wf_cancel_children(frame);
    }
    if (wf_children(frame) > 0)
        return wf_wait();
    state->timed_out = false; /* what wakes us next is the delay or the handler */
    return failed(frame, wf_frame_error(frame, "timeout", "an attempt did not end within limit.attempt.duration"));
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    const struct wf_task *task = wf_frame_task(frame);
    struct state *state = wf_frame_state(frame);

    if (wake->slot == SLOT_ATTEMPT_TIMER || state->timed_out)
        return attempt_expired(frame);
    if (wake->slot == SLOT_DELAY) {
        wf_tell_retried(frame);
        return begin_attempt(frame);
    }
    if (wake->slot == SLOT_HANDLER) {
        if (wake->kind == WF_WAKE_DONE && task->try_.has_then)
            return wf_flow(wf_wake_take(wake), task->try_.then);
        return wf_pass_on(wake);
    }
    wf_cancel_timer(frame, SLOT_ATTEMPT_TIMER);
    if (wake->kind == WF_WAKE_DONE)
        return wf_done(wf_wake_take(wake));
    return failed(frame, wf_wake_take(wake));
}

const struct wf_task_type wf__task_try = {
    .kind = WF_TASK_TRY, .enter = enter, .resume = resume, .state_size = sizeof(struct state)};
