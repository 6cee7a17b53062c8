/* sb_throttle.c: how many calls a minute the service takes. */
#include "sb_throttle.h"

#include <string.h>

#include "sb_clock.h"
#include "sb_ident.h"

int64_t sb_throttle_book(
    struct sb_throttle *throttle, const char *budget, const char *scope, int64_t cost, int64_t limit, int64_t now_ms)
{
    if (limit <= 0)
        return 0;
    uint64_t key = sb_ident_digest(sb_ident_digest(0, budget, strlen(budget)), scope, strlen(scope));
    size_t at = (size_t)(key % SB_THROTTLE_SLOTS);
    int64_t minute = now_ms / SB_MINUTE_MS;
    if (throttle->slots[at].minute != minute) {
        throttle->slots[at].minute = minute;
        throttle->slots[at].used = 0;
    }
    throttle->slots[at].used += cost;
    if (throttle->slots[at].used <= limit)
        return 0;
    return ((minute + 1) * SB_MINUTE_MS - now_ms) / SB_SECOND_MS + 1;
}
