/* sb_throttle.h: how many calls a minute the service takes from a partner, a customer and a Graph tenant. */
#ifndef SB_THROTTLE_H
#define SB_THROTTLE_H

#include <stdint.h>

enum { SB_THROTTLE_SLOTS = 4096 };

/* Fixed windows of one minute of virtual time. Customers share slots by digest: a rare clash only throttles earlier. */
struct sb_throttle {
    struct {
        int64_t minute;
        int64_t used;
    } slots[SB_THROTTLE_SLOTS];
};

/* Books `cost` on a budget. 0, or the seconds after which to come back; every attempt counts, as in the service. */
int64_t sb_throttle_book(
    struct sb_throttle *throttle, const char *budget, const char *scope, int64_t cost, int64_t limit, int64_t now_ms);

#endif
