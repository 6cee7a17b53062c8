/* task.h: what a task type is, and what it may ask for. Task files see nothing else of the engine.
 *
 * A task file never touches the world. `enter` begins the task on its transformed input; it may ask for children, a
 * timer or a step call, and says with its verdict whether the task is done, waits for what it asked for, or faults.
 * `resume` is called once for each thing asked for, with what came of it. Stages, time-outs, the journal and cancelling
 * are none of a task's business: run/step.c acts on verdicts. Loop thread. */
#ifndef WF_TASK_TASK_H
#define WF_TASK_TASK_H

#include "def/def.h"

struct wf_frame; /* one task that is being run; run/'s */

enum wf_verdict_kind {
    WF_V_DONE,  /* value: the raw output */
    WF_V_FLOW,  /* as DONE, and flow takes the place of the task's own `then` (switch, catch.then) */
    WF_V_WAIT,  /* for what was asked for */
    WF_V_FAULT, /* value: the error object */
};
struct wf_verdict {
    enum wf_verdict_kind kind;
    jv value; /* consumed */
    struct wf_flow flow;
};

enum wf_wake_kind {
    WF_WAKE_DONE,      /* a child completed, a timer fired, a call answered; value: output */
    WF_WAKE_FAULT,     /* a child or call faulted; value: the error object */
    WF_WAKE_CANCELLED, /* a child that wf_cancel_children had to wait for is gone */
    WF_WAKE_BEGUN,     /* a child that waited for its turn; it ends with another wake */
};
struct wf_wake {
    enum wf_wake_kind kind;
    size_t slot; /* as given when asking */
    jv value;    /* owned by the engine; take it with wf_wake_take */
};

struct wf_task_type {
    enum wf_task_kind kind;
    struct wf_verdict (*enter)(struct wf_frame *);
    struct wf_verdict (*resume)(struct wf_frame *, struct wf_wake *); /* NULL: never waits */
    size_t state_size;                                                /* of the private state, zeroed before enter */
    void (*done)(struct wf_frame *);                                  /* release what the state holds; may be NULL */
};
const struct wf_task_type *wf_task_type(enum wf_task_kind); /* types.c */

/* ---- verdicts ---- */
struct wf_verdict wf_done(jv value);
struct wf_verdict wf_flow(jv value, struct wf_flow);
struct wf_verdict wf_wait(void);
struct wf_verdict wf_fault(jv error);
jv wf_wake_take(struct wf_wake *);
/* Done with the child's output, or its fault: what most composite tasks do. */
struct wf_verdict wf_pass_on(struct wf_wake *);

/* ---- the task at hand ---- */
const struct wf_task *wf_frame_task(const struct wf_frame *);
const jv *wf_frame_input(const struct wf_frame *); /* transformed input */
void *wf_frame_state(struct wf_frame *);
void wf_frame_authorize(struct wf_frame *, const char *scheme, jv parameter); /* $authorization, from now on */

/* Evaluate on `.` = the transformed input, or on dot. -1 with an error object that names this task. */
int wf_frame_eval(struct wf_frame *, struct wf_expr *, const jv *dot, jv *ret, jv *ret_error);
int wf_frame_fill(struct wf_frame *, const struct wf_tmpl *, const jv *dot, jv *ret, jv *ret_error);
int wf_frame_duration(struct wf_frame *, const struct wf_duration_def *, struct wf_duration *ret, jv *ret_error);
/* A standard error ("validation", "expression", ...) raised by this task. */
jv wf_frame_error(struct wf_frame *, const char *type, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Variables for children and expressions. A scope is a chain; each holds a reference to its parent. */
struct wf_scope;
struct wf_scope *wf_scope_of(struct wf_frame *);                                     /* borrowed; NULL: empty */
struct wf_scope *wf_scope_push(struct wf_scope *parent, const char *name, jv value); /* a new reference */
void wf_scope_unref(struct wf_scope *);
/* As wf_frame_eval, with more variables. site tells apart evaluations of one expression in one frame (an iteration). */
int wf_frame_eval_in(
    struct wf_frame *, struct wf_expr *, const jv *dot, struct wf_scope *, size_t site, jv *ret, jv *ret_error);
int wf_frame_fill_in(
    struct wf_frame *, const struct wf_tmpl *, const jv *dot, struct wf_scope *, size_t site, jv *ret, jv *ret_error);

/* ---- wishes ---- */
/* The part of a path between a task and what it asks for: "for/17/do" is {"for", 17, "do"}; "do" is {"do", -1, NULL}.
 */
struct wf_label {
    const char *word;
    int64_t index; /* -1: none */
    const char *tail;
};
enum wf_context_rule {
    WF_CONTEXT_SHARED, /* exports are seen by everybody at once */
    WF_CONTEXT_BRANCH, /* a copy; wf_merge_contexts brings exports back */
};
/* Run a list, or one task, as a child. Consumes input; scope is borrowed. */
void wf_ask_list(struct wf_frame *, size_t slot, struct wf_label, const struct wf_task_list *, jv input,
    struct wf_scope *, enum wf_context_rule);
/* What a child waits for before it begins; texts are owned. NULL: not for that. */
struct wf_turn {
    char *lock;     /* what it has for itself, until it ends, among all runs of the journal */
    char *rate_key; /* the bucket of which it takes a token, shared with them */
    int64_t interval_us, burst;
};
void wf_turn_done(struct wf_turn *);
/* As wf_ask_list; the list begins with WF_WAKE_BEGUN, when its turn has come. Consumes what turn holds. */
void wf_ask_list_in_turn(struct wf_frame *, size_t slot, struct wf_label, const struct wf_task_list *, jv input,
    struct wf_scope *, enum wf_context_rule, struct wf_turn *);
bool wf_lock_is_around(const struct wf_frame *, const char *lock); /* something that this task is in has it */
size_t wf_drop_waiting(struct wf_frame *); /* children whose turn has not come; no wake comes of them. How many */
void wf_ask_task(struct wf_frame *, size_t slot, struct wf_label, const struct wf_task *, jv input, struct wf_scope *,
    enum wf_context_rule);
/* The wake time that counts is the one that was asked for first: a replay keeps it, so it may hold clock and chance. */
void wf_ask_timer(struct wf_frame *, size_t slot, struct wf_label, int64_t wake_ms);
enum wf_await { WF_AWAIT_PAUSE, WF_AWAIT_APPROVAL }; /* a pause ends with `wfrun resume` */
/* Wait for a person's word, however long: the run parks when nothing else moves. It comes as WF_WAKE_DONE with
 * {"decision": "go" or "no", "by", "reason"}. what: for people, what it is about. */
void wf_ask_decision(struct wf_frame *, size_t slot, struct wf_label, enum wf_await, const char *what);
/* -1 when the wish cannot be asked for, with an error object. with and input are consumed. */
int wf_ask_call(struct wf_frame *, size_t slot, const struct wf_step_info *, jv with, jv *ret_error);
int wf_ask_workflow(struct wf_frame *, size_t slot, jv input, jv *ret_error); /* the task's run.workflow */
int wf_ask_function(struct wf_frame *, size_t slot, const struct wf_function *, jv with, jv *ret_error);

size_t wf_children(const struct wf_frame *); /* that still run */
/* Cancel the children. Those that cannot be cut off (an effect is under way) end later, each with WF_WAKE_CANCELLED. */
void wf_cancel_children(struct wf_frame *);
/* Cancel what a timer of this frame was asked for; no wake comes. */
void wf_cancel_timer(struct wf_frame *, size_t slot);
/* Exports of finished WF_CONTEXT_BRANCH children, merged in the order of their slots: the last writer of a key wins. */
void wf_merge_contexts(struct wf_frame *);

/* ---- facts and news ---- */
int64_t wf_frame_now(struct wf_frame *);            /* the clock: for wake times only */
bool wf_frame_is_planning(const struct wf_frame *); /* nothing is done: what would be is told */
/* The given time, or the clock, when first asked: the same in every replay, so decisions may rest on it. */
int64_t wf_frame_fact_ms(struct wf_frame *, const char *name, int64_t ms);
int64_t wf_frame_fact_now(struct wf_frame *, const char *name);
/* Items of this loop have failed and the run goes on all the same: it says so at its end. error, consumed, is kept as
 * the fact PATH/for/INDEX#failed. */
void wf_keep_failed(struct wf_frame *, size_t index, jv error);
void wf_count_failed(struct wf_frame *, size_t items);
/* labels: what the iterations are called, a list; invalid: they have no names. */
void wf_tell_loop(struct wf_frame *, size_t total, const jv *labels);
void wf_tell_iteration(struct wf_frame *, size_t index, const char *label); /* it begins; label may be NULL */
/* keep: in the journal, for reports. */
void wf_tell_iteration_ended(struct wf_frame *, size_t index, bool failed, bool keep);
void wf_tell_retried(struct wf_frame *);

#endif
