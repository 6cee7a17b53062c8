/* swap.h: one user's licences: what they are, what they shall be, the change between. */
#ifndef SWAP_H
#define SWAP_H

#include <pc.h>

#define MAX_SENDS   16
#define MAX_REREADS 4

struct job {
    struct pc *pc;
    const char *customer, *user, *upn;
    const cJSON *remove, *assign, *plan_map;
    const cJSON *restore; /* when swapping back: {skuId, excludedPlans} to assign again */
    bool no_new_plans;
    const cJSON *skus;  /* the inventory with its plan lists */
    cJSON *licences;    /* the user's, as last read */
    cJSON *before;      /* {skuId, excludedPlans} of the first read that the swap was computed from */
    cJSON *after;       /* the same, of the last one */
    cJSON *body_assign; /* {skuId, excludedPlans} to send */
    cJSON *lost, *fresh, *warnings;
    int64_t began_ms;
    unsigned answered; /* so far: each answer makes another MS-RequestId */
    unsigned waits, rereads;
    bool accepted, located;
};

int swap_init(struct job *);
/* Reads the user's licences: before, after. */
int swap_read(struct job *);
/* The goal: all of assign, none of remove. */
bool swap_done(const struct job *);
bool swap_holds_any(const struct job *, const cJSON *skus);
/* Everything of `remove` was held with every plan on, and nothing of `assign`: the usual case. */
bool swap_is_plain(const struct job *);
/* Which plans to leave out under the new licences; needs the inventory. */
int swap_compute(struct job *);
/* The request: only what changes anything is in it. */
cJSON *swap_body(struct job *);
/* Sends until the goal is read back, after swap_read. 0: moved; 1: it is not to be, with *ret_status ("person", "gone") and
 * *ret_reason; -1: fault. */
int swap_carry_out(struct job *, const char **ret_status, const char **ret_reason);
/* The entry of a list of {skuId, excludedPlans}; NULL: none. */
cJSON *swap_line(const cJSON *lines, const char *sku);

#endif
