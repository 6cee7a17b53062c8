/* report_model.h: what a report knows of a run, read once from its journal; the writers (report_html.c, ...) and explain only
 * look at it. Loop thread. */
#ifndef WF_REPORT_REPORT_MODEL_H
#define WF_REPORT_REPORT_MODEL_H

#include "report/lock_waits.h"
#include "report/pinned.h"
#include "report/place.h"
#include "report/state.h"
#include "report/table.h"
#include "report/waits.h"

/* A step's call or a wait. Of calls that only read the journal has no more than the end. */
struct wf_report_op {
    const char *path, *step; /* step: NULL for a wait */
    bool wait;               /* a timer, or a gate */
    const char *effect;      /* "write", "spend", "irreversible"; NULL: none that changes the world */
    const char *key;         /* the idempotency key that the remote side was given; NULL with effect NULL */
    enum wf_rec_state state;
    int64_t begun_ms, ended_ms; /* 0: unknown, not yet */
    int64_t wake_ms;            /* of a wait */
    size_t item;                /* WF_REPORT_NO_ITEM: outside of all */
    struct wf_slice answer;     /* JSON; of effects and faults */
    const char *title, *detail; /* of a fault, else NULL */
    const char *resolution;     /* what a person said of it: JSON; NULL: nobody did */
    bool has_cost;
    int64_t cost_micros; /* in millionths of currency */
    const char *currency;
};
#define WF_REPORT_NO_ITEM SIZE_MAX

enum wf_item_state {
    WF_ITEM_NOT_BEGUN,
    WF_ITEM_UNDER_WAY,
    WF_ITEM_WAITING,
    WF_ITEM_IN_DOUBT,
    WF_ITEM_STOPPED, /* it had begun when the run ended */
    WF_ITEM_FAILED,
    WF_ITEM_DONE,
    WF_ITEM_STATES
};
const char *wf_item_state_name(enum wf_item_state);

/* One iteration of an outermost labelled loop: a customer. */
struct wf_report_item {
    const char *label;
    struct wf_report_loop *loop;
    size_t index; /* in the loop */
    enum wf_item_state state;
    bool ended, failed;
    int64_t begun_ms, ended_ms; /* of what is known of it; 0: nothing */
    size_t nops, nfaults, neffects;
    const struct wf_report_op *last;    /* what ended last */
    const struct wf_report_op *open;    /* what is under way; an effect rather than a wait */
    const char *reason;                 /* of FAILED; may be NULL */
    const struct wf_report_loop *inner; /* a loop inside that has begun; the last one */
};

struct wf_report_loop {
    const char *path, *name;
    size_t total;
    size_t begun;      /* iterations that did something */
    bool has_items;    /* its iterations are items */
    size_t first_item; /* of has_items */
};

struct wf_money {
    const char *currency;
    int64_t spent_micros, open_micros; /* open: begun, and the answer is not known */
    int64_t to_spend_micros;           /* what the plan has, and was not begun */
};

struct wf_report {
    const struct wf_state_run *run; /* borrowed */
    struct wf_arena *arena;
    struct wf_pinned pinned;
    const struct wf_pinned_def *main_def; /* NULL: not in the journal */
    struct wf_report_op *ops;             /* in the order of their last change */
    size_t nops;
    struct wf_report_item *items;
    size_t nitems;
    struct wf_report_loop *loops; /* by path */
    size_t nloops;
    size_t by_state[WF_ITEM_STATES];
    size_t neffects, nfaults, nopen; /* effects done, calls that failed, effects under way */
    struct wf_money *money;
    size_t nmoney;
    bool planned;    /* the run applies a plan, so what is to spend is known */
    size_t nunknown; /* of its items that were not begun: without a price */
    struct wf_doubts doubts;
    struct wf_waits waits;
    struct wf_lock_waits locks;
    jv undone;              /* of the plan that it applied, as WF_NOTE_UNDONE has it; invalid: nothing */
    jv suspended;           /* {"by","reason"} of the last time; invalid: never */
    jv cancelled;           /* {"by","reason","kill"}; invalid: nobody did */
    const char *retried_by; /* the run that goes on with what it did; NULL: none */
    const char **rollbacks; /* runs that took it back, or are about to */
    size_t nrollbacks;
    int64_t first_ms, last_ms;
    bool rehearsal;                /* times are those of the sandbox's clock */
    const struct wf_def *reporter; /* whose report shows the output; NULL: nobody's */
    bool has_table;
    struct wf_table table;
    jv attention; /* attention.h */
    const char *title;
    struct wf__report_sub *subs; /* private: sub-workflows by path */
    size_t nsubs;
};

/* 0 with a model that must be freed; or negative, when the journal cannot be read. */
int wf_report_new(struct wf_state *, const struct wf_state_run *, struct wf_report **ret, struct wf_err *);
void wf_report_free(struct wf_report *);
/* Of an effect that was begun and has no outcome: of a run that is over nobody goes on with it. Static. */
const char *wf_report_open_name(const struct wf_report *);

void wf_report_place(const struct wf_report *, const char *path, struct wf_place *ret); /* wf_place_done it */
/* What the item is called that the operation belongs to; NULL: it belongs to none. */
const char *wf_report_label(const struct wf_report *, const char *path);
/* The items as rows: name, state, times, what they did. */
void wf_report_items_table(const struct wf_report *, struct wf_table *ret);
/* The report's table, else the items, else the generic table of the output. Borrowed or made: wf_table_done it. */
void wf_report_rows(const struct wf_report *, struct wf_table *ret);

/* The writers. NULL-terminated JSON goes to `json`; the others write whole files. */
jv wf_report_json(const struct wf_report *);
void wf_report_csv(const struct wf_report *, struct wf_buf *);
void wf_report_html(const struct wf_report *, struct wf_buf *);
void wf_report_svg(const struct wf_report *, struct wf_buf *); /* the timeline, for inside of a page */

#endif
