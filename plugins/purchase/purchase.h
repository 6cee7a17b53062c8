/* purchase.h: what the files of the purchase step share: the job, and what is wanted of each offer. */
#ifndef PURCHASE_H
#define PURCHASE_H

#include <pc.h>

#define MAX_WISHES 8
#define MAX_SENDS  3

/* What is to be done for one target offer. */
enum need { NEED_NOTHING, NEED_BUY, NEED_RAISE, NEED_REACTIVATE };

/* One target offer. All strings live as long as the step. */
struct wish {
    const char *offer, *sku, *name;
    const char *base; /* for an add-on: the target offer it belongs to; NULL: none */
    const char *tag;  /* C-2 */
    const char *item; /* new commerce: what a cart takes */
    int64_t min, max;
    int64_t quantity; /* seats to have */
    enum need need;
    int64_t raise_to;
    const char *action;  /* found, used, bought, raised, reactivated */
    const cJSON *before; /* {quantity, status} before it was raised or woken; NULL: it was not */
    const char *sub_id, *order_id;
    const char *status;
    const char *cycle, *term; /* of the subscription: how it is billed; "" when it does not say */
    int64_t seats;            /* of the subscription */
    bool missing_base;        /* an add-on whose base is not bought yet */
};

struct job {
    struct pc *pc;
    const char *customer, *source, *workflow, *key, *country, *segment;
    const char *billing_cycle, *term;
    const char *on_shortfall;
    int64_t seats; /* users that need one */
    struct wish wishes[MAX_WISHES];
    size_t n;
    int64_t shortfall;
    const cJSON *skus;       /* the last inventory read */
    const cJSON *source_sub; /* the old subscription as last read; NULL: none */
};

/* purchase.c */
cJSON *purchase_output(const struct job *);

/* purchase_plan.c: answers a plan from what the look found. -1: a price list cannot be used. */
int purchase_plan_answer(struct job *);

/* purchase_undo.c: the step's slots */
void purchase_undo(struct wf_step *, void *state);
void purchase_plan_undo(struct wf_step *, void *state);

/* purchase_look.c: C-3 and C-4. */
/* What each wish needs, from fresh reads. since_ms > 0: a purchase may have been sent after that time, so it is found
 * also when its tag was renamed. */
int purchase_look(struct job *, int64_t since_ms);
int purchase_look_one(struct job *, struct wish *, int64_t since_ms);
/* After a doubt: looks until the wish is found or the order lag has passed since sent_ms. 0: found, 1: surely not
 * there, -1: fault. */
int purchase_look_long(struct job *, struct wish *, int64_t sent_ms);
struct wish *purchase_base_of(struct job *, const struct wish *);

/* purchase_order.c: orders of the legacy era. */
int purchase_by_order(struct job *, struct wish *);
/* purchase_cart.c: carts of the new commerce era: everything that is still to buy at once. */
int purchase_by_cart(struct job *);

/* purchase_wait.c: C-6 */
/* Waits until every wish's subscription is active and enough licences of every SKU can be assigned. */
int purchase_wait(struct job *);

/* purchase_note.c, C-1: what is known of each wish's purchase, durable before anything is sent. */
struct note {
    bool doubt;      /* sent, no answer yet */
    int64_t sent_ms; /* when */
    int64_t round;   /* how many were refused before: each has its own MS-RequestId */
    const char *cart;
};
const char *purchase_note_name(struct job *, const struct wish *);
struct note purchase_note_read(struct job *, const char *name);
int purchase_note_sent(struct job *, const struct wish *, const struct note *, const char *request_id);
int purchase_note_refused(struct job *, const struct wish *, const struct note *);
int purchase_note_done(struct job *, const struct wish *, const struct note *);
/* What a subscription was before this operation raised or woke it: noted once, before it is done. */
int purchase_note_before(struct job *, const struct wish *);
/* After all, also of attempts before this one: says of each wish what this operation did, for undo to know. */
void purchase_note_name_own(struct job *);
const char *purchase_friendly_name(struct job *, const struct wish *);
/* The fault after a purchase whose outcome stayed unknown. */
int purchase_still_unknown(struct job *, const struct wish *);

#endif
