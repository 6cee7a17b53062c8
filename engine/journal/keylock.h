/* keylock.h: locks on keys of people's choice ("this customer"): who holds one and who waits for it in this process, in
 * the order of asking. Loop thread. */
#ifndef WF_JOURNAL_KEYLOCK_H
#define WF_JOURNAL_KEYLOCK_H

#include "journal/run_ref.h"

struct wf__keylock;

struct wf__keylocks {
    void *by_key;                             /* tsearch tree: those that are held or waited for */
    struct wf__keylock *wanted, *wanted_last; /* of these: waited for, and held by nobody here */
    uint64_t round;                           /* counts grants */
    /* Lock out the other processes. take: 0, WF_EHELD, or another code when it cannot be known. NULL: there are none. */
    int (*take)(struct wf_backend *, const char *key);
    void (*drop)(struct wf_backend *, const char *key);
};

void wf__keylocks_ask(struct wf__keylocks *, struct wf_run_ref *, const char *path, const char *key);
void wf__keylocks_drop(struct wf__keylocks *, struct wf_run_ref *, const char *path, const char *key);
void wf__keylocks_drop_all(struct wf__keylocks *, const struct wf_run_ref *); /* of one activation */
/* Give what is free to those who waited longest, and tell them: `fired`. Not from inside a call of the engine. Returns
 * whether some wait for another process still: try again in a moment. */
bool wf__keylocks_grant(struct wf__keylocks *);

#endif
