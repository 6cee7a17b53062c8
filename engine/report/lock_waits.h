/* lock_waits.h: the locks that the items of a run wait for, and who has them. Loop thread; blocks for queries. */
#ifndef WF_REPORT_LOCK_WAITS_H
#define WF_REPORT_LOCK_WAITS_H

#include "report/state.h"

struct wf_lock_wait {
    char *path, *key; /* who waits, for what */
    int64_t since_ms;
    char *holder,
        *holder_path;     /* the run that has it, and the list in it; NULL: nobody knows, as when it was just let go */
    int64_t holder_owner; /* its process; 0: unknown */
    int64_t held_since_ms;
};
struct wf_lock_waits {
    struct wf_lock_wait *items;
    size_t count;
};
/* None of a run that nobody drives. Needs wf_lock_waits_done. */
int wf_lock_waits_read(struct wf_state *, const struct wf_state_run *, struct wf_lock_waits *ret, struct wf_err *);
void wf_lock_waits_done(struct wf_lock_waits *);

#endif
