/* sb_throttle.h: how many calls a minute or second the service takes from a partner, a customer and a Graph tenant. */
#ifndef SB_THROTTLE_H
#define SB_THROTTLE_H

#include <stdint.h>

enum { SB_THROTTLE_SLOTS = 4096 };

/* Fixed windows of virtual time, one for each budget and scope. */
struct sb_throttle_slot {
    uint64_t key;    /* digest of both */
    int64_t ends_ms; /* of the window */
    int64_t used;
    int64_t refused_ms, until_ms; /* the last 429, and when it said to come back */
};

struct sb_throttle {
    struct sb_throttle_slot slots[SB_THROTTLE_SLOTS];
    int64_t violations; /* calls that came earlier than a 429 before them had said */
};

struct sb_budget {
    const char *name, *scope;
    int64_t limit; /* in each window; 0: none */
    int64_t window_ms;
};

/* Books `cost` on a budget. 0, or the seconds after which to come back; every attempt counts, as in the service. */
int64_t sb_throttle_book(struct sb_throttle *throttle, const struct sb_budget *budget, int64_t cost, int64_t now_ms);

#endif
