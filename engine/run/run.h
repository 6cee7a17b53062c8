/* run.h: the interpreter as cli sees it: start and resume runs, watch them, be told how they ended. Loop thread only.
 *
 * A run is replayed, not restored: on resume the interpreter begins again at the first task with the pinned definition
 * and input, and every operation that has an outcome in the journal gets it from there, in the order of seq. What is
 * not a pure function of definition, input and outcomes goes through effect.c and is in the journal. */
#ifndef WF_RUN_RUN_H
#define WF_RUN_RUN_H

#include "def/def.h"
#include "host/host.h"
#include "journal/journal.h"
#include "loop/loop.h"

/* A note on a run that completed: how many items of its loops failed within their budgets. */
#define WF_NOTE_FAILED_ITEMS "failed-items"

/* A note on a run that has ended and applied a plan: what of it was not done, as wf_plan_undone has it (plan.h). */
#define WF_NOTE_UNDONE "planned-not-done"

/* Notes on a run: what stands before the path of a list that waits for a lock or has it: {"key", "held", "since"}; of a
 * run that nobody drives they mean nothing, for then it has no lock. */
#define WF_NOTE_LOCK "lock "

/* A note on a run that was cancelled: who asked, why, and whether without compensation: {"by", "reason", "kill"}. */
#define WF_NOTE_CANCELLED "cancelled"

/* A note on a run that a person suspended, the last time: {"by", "reason"}. */
#define WF_NOTE_SUSPENDED "suspended"

struct wf_engine; /* one per process */
struct wf_run;

/* The spec's life-cycle events, and what progress needs. */
enum wf_event_kind {
    WF_EV_WORKFLOW_STARTED,
    WF_EV_WORKFLOW_SUSPENDED,
    WF_EV_WORKFLOW_RESUMED,
    WF_EV_WORKFLOW_CANCELLED,
    WF_EV_WORKFLOW_FAULTED,
    WF_EV_WORKFLOW_COMPLETED,
    WF_EV_TASK_CREATED,
    WF_EV_TASK_STARTED,
    WF_EV_TASK_RETRIED,
    WF_EV_TASK_CANCELLED,
    WF_EV_TASK_FAULTED,
    WF_EV_TASK_COMPLETED,
    WF_EV_LOOP_STARTED,      /* total: iterations; a `for` with concurrency or a label */
    WF_EV_ITERATION_STARTED, /* words: its label */
    WF_EV_ITERATION_ENDED,
    WF_EV_PROGRESS,   /* done, total, words: from a step */
    WF_EV_STEP_RETRY, /* words: why; the step answered retry */
    WF_EV_IN_DOUBT,   /* words: why; path: what to resolve */
    WF_EV_WAITING,    /* for a person's word; words: what about; path: what to decide */
    WF_EV_PLANNED,    /* quote: what the step would do, instead of doing it; path: the operation's */
};

/* What a step says that it would do, from wf_planned. */
struct wf_quote {
    uint32_t effect, action; /* WF_EFFECT_*, WF_ACTION_* */
    int64_t cost_micros;     /* negative: unknown */
    char currency[4];        /* ISO 4217; "" with an unknown cost */
    char *words, *facts;     /* facts: canonical JSON */
};
const char *wf_action_name(uint32_t action); /* "nothing", "create", "change", "remove", "cannot" */
uint32_t wf_action_of(const char *name);     /* of an unknown name: WF_ACTION_CANNOT */

struct wf_event {
    enum wf_event_kind kind;
    bool replayed; /* happened in an earlier activation already */
    int64_t at_ms;
    const char *run_id; /* of the run, or the sub-workflow's own id */
    const struct wf_def *def;
    const struct wf_task *task; /* NULL for workflow events */
    const char *path;           /* operation path, unique within the run; of loops, iterations, steps. NULL otherwise */
    size_t index;               /* ITERATION */
    int64_t done, total;
    const char *words;
    const jv *value; /* output of COMPLETED, error of FAULTED; borrowed */
    const struct wf_quote *quote;
};

struct wf_engine_settings {
    struct wf_loop *loop;
    struct wf_hosting *hosting;
    const struct wf_step_catalog *catalog;
    const struct wf_backend_ops *journal;
    const char *location; /* of the journal; the mem backend takes NULL */
    uint64_t stop_after;  /* journal test door */
    bool planning;        /* nothing is done: effects are planned (WF_EV_PLANNED), waits are over at once */
    /* Nothing is done and nothing is waited for: every answer is the journal's, and where it has no more the run parks. Told is
     * each step that the run comes to again, with why it is another than then, or with "" when it is the same; and with why
     * NULL the first thing that the journal does not have. NULL: no replay. */
    void (*replayed)(void *arg, const char *path, const char *why);
    /* `run: workflow`: a new reference, or NULL. version NULL: the latest. */
    struct wf_def *(*find_def)(void *arg, const char *namespace_, const char *name, const char *version);
    /* A secret as JSON text, or NULL. Lives as long as the engine. */
    const char *(*secret)(void *arg, const char *name);
    void (*event)(void *arg, const struct wf_event *); /* may be NULL */
    /* The activation is over. status RUNNING means interrupted, resumable. value: output or error object, else NULL.
     * err is set when the journal failed (disk full): the run is resumable once that is mended. */
    void (*ended)(void *arg, const char *run_id, enum wf_run_status, const jv *value, const struct wf_err *);
    void *arg;
};

int wf_engine_new(const struct wf_engine_settings *, struct wf_engine **ret, struct wf_err *);
void wf_engine_free(struct wf_engine *);
struct wf_backend *wf_engine_backend(struct wf_engine *);

/* Begin a run; consumes input. The definition's bytes, the steps' versions and the input are pinned in the journal.
 * run_id NULL: a random UUID. meta: one JSON object of the caller's, given back by query; the engine itself reads its
 * member `terms` (docs/journal.md). ret_id may be NULL. */
int wf_engine_start(struct wf_engine *, struct wf_def *, const char *run_id, jv input, struct wf_slice meta,
    char ret_id[101], struct wf_err *);
int wf_engine_resume(struct wf_engine *, const char *run_id, struct wf_err *);
/* Stop every run soon, resumable: no new effect starts, running ones may answer for grace_ms. Then `ended`. */
void wf_engine_interrupt(struct wf_engine *, int64_t grace_ms);
/* Cancel the active runs of this process (an ephemeral run that was sent a signal). */
void wf_engine_cancel(struct wf_engine *);

#endif
