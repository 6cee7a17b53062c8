/* sb_throttle.c: how many calls the service takes. */
#include "sb_throttle.h"

#include <string.h>

#include "sb_clock.h"
#include "sb_ident.h"

#define PROBES        16
#define ON_THE_WAY_MS 100 /* a call that was sent before the caller had read the 429 is no violation */

/* The budget's slot: its own, or the first near its place that nobody needs any more. */
static struct sb_throttle_slot *slot_of(struct sb_throttle *throttle, const struct sb_budget *budget, int64_t now_ms)
{
    uint64_t key = sb_ident_digest(0, budget->name, strlen(budget->name));
    key = sb_ident_digest(key, budget->scope, strlen(budget->scope));
    struct sb_throttle_slot *free_one = NULL, *slot = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        slot = &throttle->slots[(key + i) % SB_THROTTLE_SLOTS];
        if (slot->key == key)
            return slot;
        if (!free_one && slot->ends_ms <= now_ms && slot->until_ms <= now_ms)
            free_one = slot;
    }
    slot = free_one ? free_one : slot;
    *slot = (struct sb_throttle_slot){.key = key};
    return slot;
}

int64_t sb_throttle_book(struct sb_throttle *throttle, const struct sb_budget *budget, int64_t cost, int64_t now_ms)
{
    if (budget->limit <= 0)
        return 0;
    struct sb_throttle_slot *slot = slot_of(throttle, budget, now_ms);
    if (now_ms > slot->refused_ms + ON_THE_WAY_MS && now_ms < slot->until_ms)
        throttle->violations++;
    if (slot->ends_ms <= now_ms) {
        slot->ends_ms = (now_ms / budget->window_ms + 1) * budget->window_ms;
        slot->used = 0;
    }
    slot->used += cost;
    if (slot->used <= budget->limit)
        return 0;
    int64_t seconds = (slot->ends_ms - now_ms + SB_SECOND_MS - 1) / SB_SECOND_MS;
    slot->refused_ms = now_ms;
    slot->until_ms = now_ms + seconds * SB_SECOND_MS;
    return seconds;
}
