/* timers.h: a heap of pending timers, earliest first, those of the same time in the order they were started. Private to
 * loop/. Loop thread only. */
#ifndef WF_LOOP_TIMERS_H
#define WF_LOOP_TIMERS_H

#include "loop/loop.h"

struct wf__timers {
    struct wf_timer **items; /* items[0] is not used: a timer's slot 0 says that it is not pending */
    size_t count, cap;
};

void wf__timers_done(struct wf__timers *); /* forgets what is pending */
void wf__timers_put(struct wf__timers *, struct wf_timer *);
void wf__timers_remove(struct wf__timers *, struct wf_timer *); /* must be pending in this heap */
struct wf_timer *wf__timers_first(const struct wf__timers *);   /* NULL: none */

#endif
