/* timers.c: the binary heap behind the loop's timers. */
#include "loop/timers.h"

#include <stdlib.h>

#include "base/alloc.h"

static bool is_before(const struct wf_timer *a, const struct wf_timer *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void put_at(struct wf__timers *timers, size_t slot, struct wf_timer *timer)
{
    timers->items[slot] = timer;
    timer->slot = slot;
}

static void sift_up(struct wf__timers *timers, size_t slot)
{
    struct wf_timer *timer = timers->items[slot];

    while (slot > 1 && is_before(timer, timers->items[slot / 2])) {
        put_at(timers, slot, timers->items[slot / 2]);
        slot /= 2;
    }
    put_at(timers, slot, timer);
}

static void sift_down(struct wf__timers *timers, size_t slot)
{
    struct wf_timer *timer = timers->items[slot];

    for (size_t child = slot * 2; child <= timers->count; child = slot * 2) {
        if (child < timers->count && is_before(timers->items[child + 1], timers->items[child]))
            child++;
        if (!is_before(timers->items[child], timer))
            break;
        put_at(timers, slot, timers->items[child]);
        slot = child;
    }
    put_at(timers, slot, timer);
}

void wf__timers_put(struct wf__timers *timers, struct wf_timer *timer)
{
    if (timers->count + 1 >= timers->cap) {
        timers->cap = timers->cap ? timers->cap * 2 : 64;
        timers->items = wf_realloc(timers->items, timers->cap * sizeof *timers->items);
    }
    timers->count++;
    put_at(timers, timers->count, timer);
    sift_up(timers, timers->count);
}

void wf__timers_remove(struct wf__timers *timers, struct wf_timer *timer)
{
    size_t slot = timer->slot;
    struct wf_timer *last = timers->items[timers->count--];

    timer->slot = 0;
    if (last == timer)
        return;
    put_at(timers, slot, last);
    sift_up(timers, slot);
    sift_down(timers, last->slot);
}

struct wf_timer *wf__timers_first(const struct wf__timers *timers)
{
    return timers->count ? timers->items[1] : NULL;
}

void wf__timers_done(struct wf__timers *timers)
{
    for (size_t i = 1; i <= timers->count; i++)
        timers->items[i]->slot = 0;
    free(timers->items);
    *timers = (struct wf__timers){0};
}
