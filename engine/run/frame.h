/* frame.h: what is happening: runs, workflow instances and frames, private to run/.
 *
 *     wf_run                      one activation of one run: journal ref, ready queue, operations
 *      └ INSTANCE frame           a workflow being run; sub-workflows are INSTANCE frames below a TASK frame
 *         └ LIST frame            one `do` list: position, flow directives
 *            └ TASK frame         one task in one of its stages
 *               ├ LIST / TASK / INSTANCE frames      what the task asked to run
 *               └ operations                         timers and step calls it waits for (effect.h)
 *
 * Frames live on the heap, one by one, and never on the C stack: a deep workflow costs heap, and any frame can wait.
 * Work moves through one FIFO of (frame, wake) pairs; only step.c takes from it. */
#ifndef WF_RUN_FRAME_H
#define WF_RUN_FRAME_H

#include "journal/past.h"
#include "run/run.h"
#include "task/task.h"

enum wf_frame_kind { WF_FRAME_INSTANCE, WF_FRAME_LIST, WF_FRAME_TASK };

/* The data flow, in the DSL's order. A TASK frame walks through all; an INSTANCE frame has no IF, EXPORT and THEN. */
enum wf_stage {
    WF_STAGE_IF,
    WF_STAGE_INPUT_SCHEMA,
    WF_STAGE_INPUT_FROM,
    WF_STAGE_RUN,
    WF_STAGE_OUTPUT_AS,
    WF_STAGE_OUTPUT_SCHEMA,
    WF_STAGE_EXPORT_AS,
    WF_STAGE_EXPORT_SCHEMA,
    WF_STAGE_THEN,
    WF_STAGES
};
const char *wf_stage_name(enum wf_stage); /* "input.from" */

/* $context: one box for a workflow instance, and one more for each concurrent branch. */
struct wf_context {
    unsigned refs;
    jv value;
};

struct wf_scope {
    unsigned refs;
    struct wf_scope *parent;
    char *name;
    jv value;
};

/* What a sub-workflow, or the run itself, has for all its frames. */
struct wf_instance {
    struct wf_def *def;
    char id[101];
    jv raw_input;
    int64_t started_ms;
    jv secrets;    /* built at the start */
    jv descriptor; /* $workflow; built when first asked for */
};

struct wf_op;

#define WF__OP_PATH_MAX (WF_PATH_MAX - 40) /* bytes of an operation's path */
#define WF__DEPTH_MAX   200                /* workflows and functions inside each other */

struct wf_frame {
    struct wf_run *run;
    struct wf_frame *parent, *prev, *next, *first_child; /* siblings in a ring-free list */
    size_t children, slot;                               /* slot: of this frame in its parent */
    enum wf_frame_kind kind;
    enum wf_stage stage;
    unsigned depth;        /* workflows and functions around it */
    struct wf_label label; /* between the parent's path and this frame's own part */
    char *path;            /* made when first needed */
    struct wf_instance *inst;
    struct wf_scope *scope;
    struct wf_context *context, **merged; /* merged: contexts of ended branches, by slot */
    size_t nmerged;
    struct wf_op *ops;
    unsigned queued;  /* entries in the ready queue */
    bool dead;        /* freed when queued is 0 */
    bool started;     /* a started event went out */
    bool interrupted; /* leaving: no wakes, gone with its last operation */
    bool has_flow;    /* flow takes the place of the task's `then` */
    struct wf_flow flow;
    jv ending; /* an error (time-out) that this frame faults with once its children and operations are gone; else
                  invalid */
    jv input;  /* raw, then transformed */
    jv raw_input;
    jv output;
    jv raw_output; /* as the task left it: $task.output */
    union {
        struct { /* LIST */
            const struct wf_task_list *list;
            size_t pos;
            uint32_t *visits;       /* per task, made at the first jump back */
            struct wf_place *place; /* in the order of those who wait (turn.c); NULL: it had not to wait */
        };
        struct { /* TASK */
            const struct wf_task *task;
            const struct wf_task_type *type;
            uint32_t visit; /* from 1 */
            void *state;
            int64_t started_ms;
            jv authorization;
        };
    };
};

struct wf_ready {
    struct wf_frame *frame;
    struct wf_wake wake;
    enum wf_flow_kind flow; /* of a child that ended: CONTINUE, EXIT or END */
    bool enter;             /* no wake: the frame begins */
};

struct wf_run {
    struct wf_engine *engine;
    struct wf_run *next;
    struct wf_run_ref *ref;
    struct wf_start start;       /* texts are the run's own */
    uint8_t space[WF_UUID_SIZE]; /* its id, as the namespace of those of its tasks */
    struct wf_frame *root;
    struct wf_ready *ready; /* ring */
    size_t ready_head, ready_count, ready_cap;
    bool scheduled; /* a turn is posted */
    bool gone;      /* ended; the posted turn frees it */
    /* operations; see effect.h */
    struct wf_op **answered; /* heap by seq */
    size_t nanswered, answered_cap;
    struct wf_op *live_first, *live_last; /* asked for, to be started once the replay is over */
    size_t pending;                       /* operations that will bring a wake by themselves */
    size_t flying;                        /* of these: calls whose answer a stop waits for */
    size_t failed_items;                  /* of loops that completed all the same */
    size_t doubts, waits;                 /* operations that wait for a person: in doubt; for a word */
    void *by_path;                        /* tsearch tree of operations that the journal may speak of */
    void *reclaimed;                      /* tsearch tree of the places whose locks a resumed run asks for again */
    size_t unlocked;                      /* places that have begun, in an earlier activation, and have no lock now */
    bool replaying;                       /* outcomes of earlier activations are still being delivered */
    bool resumed;                         /* there was an earlier activation */
    bool stopping;                        /* nothing new begins; parks as stop_as when nothing is flying */
    bool interrupted;                     /* by this process, not by a person's suspend */
    bool cancel_wanted;                   /* once the replay is over */
    bool cancelling;
    bool over; /* finish or park is asked for: the journal takes no more of this run */
    enum wf_run_status stop_as;
    struct wf_timer grace;
    struct wf_bounds *bounds; /* NULL: effects are begun unasked */
    struct wf_err lost;       /* code not 0: the journal is gone */
    jv result;
};

struct wf_engine {
    struct wf_engine_settings set;
    struct wf_backend *backend;
    struct wf_run *runs;
    struct wf_def **defs; /* definitions by digest, kept until the engine ends */
    size_t ndefs;
    struct wf_past **pasts; /* runs whose operations are being undone, kept until the engine ends */
    size_t npasts;
};

/* frame.c */
struct wf_frame *wf__frame_new(struct wf_run *, struct wf_frame *parent, enum wf_frame_kind, struct wf_label);
void wf__frame_drop(struct wf_frame *); /* unlink and free; no children, no operations */
const char *wf__frame_path(struct wf_frame *);
char *wf__op_path(struct wf_frame *, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *wf__label_path(struct wf_frame *, struct wf_label);
/* The iteration of the outermost loop with a label that the frame is in, as a path; "": it is in none. The caller frees. */
char *wf__frame_item(struct wf_frame *);
struct wf_context *wf__context_new(jv value);
struct wf_context *wf__context_ref(struct wf_context *);
void wf__context_unref(struct wf_context *);
struct wf_scope *wf__scope_ref(struct wf_scope *);

/* step.c: the trampoline */
void wf__ready(struct wf_frame *, const struct wf_ready *); /* queue; frame is set by it */
void wf__enter(struct wf_frame *);
void wf__wake(struct wf_frame *, enum wf_wake_kind, size_t slot, jv value);
void wf__run_schedule(struct wf_run *);
void wf__run_idle(struct wf_run *); /* engine.c: nothing is ready: start what may start, or park */
/* The frame ends: tell the parent and drop it. value consumed. */
void wf__frame_end(struct wf_frame *, enum wf_wake_kind, jv value, enum wf_flow_kind);
bool wf__frame_is_leaving(const struct wf_frame *); /* interrupted, or ending with an error */
/* Turn a leaving frame into what comes of it once nothing of it is left. */
void wf__frame_settle(struct wf_frame *);

/* ask.c: input consumed, scope borrowed; it is not entered yet */
struct wf_frame *wf__child_new(struct wf_frame *, enum wf_frame_kind, size_t slot, struct wf_label, jv input,
    struct wf_scope *, enum wf_context_rule);

/* turn.c */
void wf__place_drop(struct wf_frame *list); /* it waits no more, or has ended */

/* stages.c: each walks from frame->stage as far as it can go; -1 with an error object */
int wf__stages_before(struct wf_frame *, bool *ret_skip, jv *ret_error);
int wf__stages_after(struct wf_frame *, jv *ret_error); /* on frame->output */
int wf__stages_of_workflow(struct wf_frame *, bool before, jv *ret_error);

/* sequence.c: LIST frames. instance.c: INSTANCE frames */
void wf__list_enter(struct wf_frame *);
void wf__list_resume(struct wf_frame *, struct wf_ready *);
void wf__instance_enter(struct wf_frame *);
void wf__instance_resume(struct wf_frame *, struct wf_ready *);
struct wf_frame *wf__instance_new(struct wf_run *, struct wf_frame *parent, struct wf_label, struct wf_def *,
    const char *id, jv input, int64_t started_ms);

/* interrupt.c. What is held by an effect under way stays until that has ended; all else is gone on return. */
void wf__interrupt(struct wf_frame *);   /* the frame and all below it; may free the frame */
void wf__frame_clear(struct wf_frame *); /* all below it and its own operations */
/* The frame's own time-out: error consumed; it faults with it once all below is gone. */
void wf__frame_expire(struct wf_frame *, jv error);

/* vars.c: runtime arguments */
struct wf_vars {
    struct wf_env env;
    struct wf_frame *frame;
    struct wf_scope *scope;
    const jv *output; /* $output, in export */
    size_t site;
};
void wf__vars_init(struct wf_vars *, struct wf_frame *);

/* fault.c: error objects */
jv wf__error_new(const char *type, int status, const char *title, const char *detail, const char *instance);
jv wf__error_from(struct wf_frame *, const char *type, const struct wf_err *);

/* news.c */
void wf__tell(struct wf_frame *, enum wf_event_kind, const jv *value);
void wf__tell_end(struct wf_frame *, const jv *error); /* faulted with error, or cancelled when NULL */
void wf__tell_run(struct wf_run *, enum wf_event_kind, const jv *value);
void wf__tell_words(
    struct wf_frame *, enum wf_event_kind, const char *path, int64_t done, int64_t total, const char *words);
void wf__tell_quote(struct wf_frame *, const char *path, const struct wf_quote *);

/* pin.c */
jv wf__pin_steps(const struct wf_def *); /* {"purchase": "1.0.0", ...} */
int wf__pin_check(const jv *then, const struct wf_def *, struct wf_err *);

/* engine.c */
void wf__run_cancel(struct wf_run *);
void wf__run_finish(struct wf_run *, enum wf_run_status, jv value); /* the root frame is gone */
void wf__run_park(struct wf_run *, enum wf_run_status);
/* It cannot go on here and now, with err for a reason, and is resumable: parks once nothing is under way. */
void wf__run_give_up(struct wf_run *, const struct wf_err *);
struct wf_def *wf__engine_def(struct wf_engine *, const uint8_t sha256[WF_SHA256_SIZE], struct wf_err *); /* borrowed */
int wf__engine_keep(struct wf_engine *, struct wf_def *, struct wf_err *); /* stores its text in the journal */

#endif
