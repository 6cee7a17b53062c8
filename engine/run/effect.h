/* effect.h: the one door to the world, private to run/. Every wish that is not a pure function of definition, input and
 * earlier outcomes becomes an operation with a path; the journal is asked first, and told of intent and outcome.
 *
 *     asked for ─┬─ journal has an outcome ──> ANSWERED
 *                └─ none ──> LIVE: started once the replay is over
 *     LIVE, a timer:   armed at the wake time of its intent, or a new one
 *     LIVE, an event:  AWAITING a person's word (await.c)
 *     LIVE, a turn:    waiting for a lock, then for a token (turn.c)
 *     LIVE, a call:    an intent without outcome ──> doubt.c;  else
 *                      effects: [quote.c: QUOTING] ──> INTENT stored ──> RUNNING ──> outcome;  none, read: RUNNING ──> outcome
 *     outcome ──> ANSWERED: delivered in the order of seq, each once all that the one before it led to has been done,
 *                 today and in every replay alike. That is what makes races end the same way again.
 *
 * An outcome need not be stored before the run goes on: the journal's prefix promise stores it before the next intent.
 */
#ifndef WF_RUN_EFFECT_H
#define WF_RUN_EFFECT_H

#include "run/frame.h"

enum wf_op_state {
    WF_OPS_ANSWERED,
    WF_OPS_LIVE,
    WF_OPS_QUOTING,     /* the step is asked what it would do: nothing has happened */
    WF_OPS_QUOTE_LATER, /* between two such questions */
    WF_OPS_STORING,     /* the intent, or that of a further attempt */
    WF_OPS_RUNNING,
    WF_OPS_DELAYED, /* between two attempts: it is certain that nothing happened */
    WF_OPS_ASKING,
    WF_OPS_ASK_LATER, /* between two questions: nobody knows what happened */
    WF_OPS_DOUBT,
    WF_OPS_AWAITING /* a word from a person: an EVENT, or an effect before its intent */
};

/* A wish for `stored`; lives until the journal has answered, which may be after its operation is gone. */
struct wf_wish {
    struct wf_op *op;                    /* of an intent; NULL: dropped meanwhile */
    void (*stored)(void *token, int rc); /* of remember; NULL: of an intent */
    void *token;
};

struct wf_op {
    struct wf_op *prev, *next;           /* of one frame */
    struct wf_op *live_prev, *live_next; /* queue of the run */
    struct wf_frame *frame;
    struct wf_run *run;
    enum wf_op_kind kind; /* STEP, TIMER or EVENT */
    enum wf_op_state state;
    size_t slot;
    bool expiry; /* a timer: the frame's own time-out */
    bool unsafe; /* an effect that must not be cut off once its intent is written */
    bool idempotent;
    bool undo;    /* the step's undo is called, with what an operation of an earlier run was given */
    char *undoes; /* the path of that operation; NULL until it is looked up */
    bool armed;   /* a timer: the journal has been asked for it */
    bool turn;    /* a timer: the frame's turn to begin */
    char *path;
    uint64_t seq; /* ANSWERED, as the next two */
    enum wf_wake_kind answered_as;
    jv answer;       /* invalid: to be read from the journal */
    int64_t wake_ms; /* TIMER */
    /* EVENT */
    enum wf_await need;
    char *what; /* for people */
    /* STEP */
    const struct wf_step_entry *entry;
    uint32_t effect, attempt;
    char *input; /* JSON text of `with` */
    char key[WF_UUID_TEXT];
    int64_t intent_ms, deadline_ms, span_ms; /* span: what an attempt has */
    int64_t asked_ms;                        /* when the last question to verify began */
    struct wf_call *call;
    struct wf_wish *wish; /* STORING */
    struct wf_timer delay;
    struct wf_quote *quote; /* what the step said that it would do; NULL: it was not asked */
    bool aside;             /* the quote's cost is set aside, or spent */
    char *scope;            /* AWAITING: the approval that it waits for */
    struct wf_op *next_waiting;
    jv failure;            /* of the last retry answer */
    struct wf_memo *memos; /* texts are the op's own */
    size_t nmemos;
};

/* effect.c */
struct wf_op *wf__op_new(struct wf_frame *, enum wf_op_kind, size_t slot, char *path); /* takes path */
void wf__op_ask(struct wf_op *); /* look into the journal, then ANSWERED or LIVE */
/* Its outcome is in the journal under seq. value consumed; invalid: it is read from there. */
void wf__op_answer(struct wf_op *, uint64_t seq, enum wf_wake_kind, jv value);
void wf__op_drop(struct wf_op *);                          /* free without a wake */
bool wf__op_is_held(const struct wf_op *);                 /* under way and not to be cut off */
void wf__op_enter_state(struct wf_op *, enum wf_op_state); /* keeps the run's counters */
struct wf_op *wf__op_find(struct wf_run *, const char *path);
bool wf__answer_next(struct wf_run *); /* deliver the one with the lowest seq; false: none */
void wf__live_start(struct wf_run *);
void wf__live_remove(struct wf_op *);
/* A value that is made once and then the same in every replay. make may be called at once. */
jv wf__fact(struct wf_run *, const char *path, jv (*make)(void *arg), void *arg);

/* effect_timer.c */
/* The frame's own time-out. -1: its duration does not evaluate, with an error object. */
int wf__ask_expiry(struct wf_frame *, const struct wf_duration_def *, const char *word, jv *ret_error);
void wf__timer_live(struct wf_op *, const struct wf_record *);
void wf__timer_fired(struct wf_op *);

/* effect_call.c */
void wf__call_live(struct wf_op *, const struct wf_record *);
void wf__call_begin(struct wf_op *);  /* intent if needed, then run */
void wf__call_intend(struct wf_op *); /* the intent, then run */
void wf__call_run(struct wf_op *);    /* answers lead to an outcome, or to doubt */
void wf__call_start(
    struct wf_op *, uint32_t mode, int64_t deadline_ms, void (*done)(void *op, const struct wf_answer *));
void wf__call_outcome(struct wf_op *, enum wf_wake_kind, jv value); /* journal and deliver; value consumed */
void wf__call_done(struct wf_op *, const struct wf_answer *);       /* the same with a good answer, as it is */
void wf__call_cancelled(struct wf_op *); /* the outcome of one that did not happen and is not wanted any more */
/* A further attempt. An effect's is in the journal before it begins, as its intent was before the first. */
void wf__call_again(struct wf_op *);
void wf__call_later(struct wf_op *, enum wf_op_state, int64_t at_ms, void (*fn)(struct wf_timer *));
void wf__call_add_memo(struct wf_op *, const char *name, const char *json, size_t len);
char *wf__call_masked_input(const struct wf_op *); /* the caller frees */
jv wf__call_error(struct wf_op *, const struct wf_failure *);
void wf__stored(uint64_t token, int rc);

/* await.c */
void wf__await_live(struct wf_op *, const struct wf_record *);
void wf__await_drop(struct wf_op *);
void wf__await_decide(struct wf_run *, const char *path, struct wf_slice json); /* {"decision":"go|no", ...} */
/* Something that is no operation waits for a word; record: what the journal has of its path, NONE or INTENT. DONE: it is
 * decided by now (the deadline has passed). */
enum wf_rec_state wf__await_scope(
    struct wf_frame *, const char *path, enum wf_await, const char *what, const struct wf_record *record);

/* approval.c */
struct wf_approval_rules {
    uint32_t before; /* effects of this class and above wait; UINT32_MAX: none */
    bool per_item;   /* each labelled item by itself, not the run as a whole */
    unsigned quorum;
    bool four_eyes;     /* not by the one who began the run */
    int64_t timeout_ms; /* 0: none */
    char *by;           /* who began it */
};
/* Members for the intent of what waits: digest, needed, notBy, deadline. intent is consumed. */
jv wf__approval_describe(struct wf_run *, const char *path, jv intent);
/* A word of a person; consumed. The decision, or invalid: it is still open. */
jv wf__approval_word(struct wf_run *, const char *path, const jv *intent, jv word);
jv wf__approval_decision(struct wf_run *, const char *path, const jv *intent); /* by the words so far; or invalid */
jv wf__approval_given(struct wf_run *, const char *path, jv intent);           /* with `given`: the names so far */

/* turn.c */
void wf__turn_live(struct wf_op *);
void wf__turn_fired(struct wf_op *);
void wf__turn_come(struct wf_frame *list);   /* its outcome is delivered: it begins */
bool wf__turn_is_lost(const struct wf_op *); /* it must wait: asks for the lock that is missing around it */
void wf__turn_regained(struct wf_run *, const char *path); /* such a lock, if it is one */

/* doubt.c: why the journal's intent is not that of this call; NULL: it is. intent: its JSON. */
const char *wf__call_mismatch(const struct wf_op *, const jv *intent);

/* undo.c */
int wf__undo_load(
    struct wf_op *); /* input: that of undo from now on; -1: it cannot be had, the operation has faulted */

/* quote.c: between the wish for an effect and its intent: an approval, and the step is asked what it would do, when this
 * run is a plan or an apply, or has a budget. */
bool wf__quote_is_needed(const struct wf_op *); /* it has to be asked */
void wf__quote_ask(struct wf_op *);             /* leads to wf__call_intend, or to an outcome without one */
void wf__quote_drop(struct wf_op *);            /* frees the quote */
void wf__quote_write(
    const struct wf_op *, struct wf_buf *); /* the intent's member for the quote, with a comma before it */
/* An outcome of an earlier activation: its intent's quote counts. */
void wf__quote_replay(struct wf_op *, const struct wf_record *);

/* permit.c: approvals of effects */
void wf__permit_unwait(struct wf_op *); /* it waits for no approval any more */
/* A scope is decided: the effects that wait for it go on, or fault. */
void wf__permit_decided(struct wf_run *, const char *scope, const jv *decision);

/* bounds.c: the run's terms, from its meta */
void wf__bounds_release(struct wf_op *); /* it was not done: what was set aside for it is free again */
const struct wf_approval_rules *wf__bounds_rules(const struct wf_run *); /* those of a gate when there are no others */
const char *wf__bounds_plan(const struct wf_run *);                      /* digest of the plan; "": none */
int wf__bounds_open(struct wf_run *, struct wf_slice meta, struct wf_err *);
void wf__bounds_note(struct wf_run *); /* at its end: what of the plan was not done */
void wf__bounds_close(struct wf_run *);

/* doubt.c */
void wf__doubt_begin(struct wf_op *, const struct wf_record *);
void wf__doubt_ask(struct wf_op *);
void wf__doubt_resolve(struct wf_run *, const char *path, struct wf_slice json);

#define wf_container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
