/* bounds.h: what bounds the effects of a run: the plan that it applies, its budget, the approvals that it needs. Private
 * to run/. */
#ifndef WF_RUN_BOUNDS_H
#define WF_RUN_BOUNDS_H

#include "run/effect.h"
#include "run/plan.h"

struct wf_bounds {
    struct wf_plan *plan;      /* that is applied; NULL: none */
    char currency[4];          /* of the budget; "": there is none */
    int64_t run_max, item_max; /* millionths; negative: no limit */
    int64_t spent;             /* set aside or spent by the run, in the budget's currency */
    void *tallies;             /* tsearch tree of struct tally */
    char *plan_digest;         /* "": no plan */
    struct wf_approval_rules rules;
    struct wf_op *waiting; /* effects that wait for an approval */
};

/* bounds.c: budgets */
void wf__bounds_set_aside(struct wf_op *); /* the cost of its quote */
/* Why the budget does not allow the operation's quote; NULL: it does. The caller frees. */
char *wf__bounds_over(struct wf_op *);

/* permit.c: approvals. True: the effect may be asked for now; else it waits, or has been refused. */
bool wf__permit_has(struct wf_op *);

/* quote.c: the outcome of an effect that is not begun. why is freed. */
void wf__quote_refuse(struct wf_op *, const char *type, int status, const char *title, char *why);

#endif
