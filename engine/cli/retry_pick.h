/* retry_pick.h: which records of a run that is over a retry keeps, and what it does again. A pure function of the records:
 * no journal, no plugin. Loop thread.
 *
 * What is tried again are the roots: faults, failed items, or a task that was named. With a root goes what follows from it:
 * everything that happened later in the same thread of the run; other iterations of a loop and other branches are threads
 * of their own. Of what follows, an effect that is done and must not be repeated stays. */
#ifndef WF_CLI_RETRY_PICK_H
#define WF_CLI_RETRY_PICK_H

#include "journal/past.h"

enum wf_retry_rule {
    WF_RETRY_FAULTS, /* roots: what faulted, and time-outs that fired */
    WF_RETRY_FAILED, /* roots: the iterations that count as failed; their done effects stay */
    WF_RETRY_FROM,   /* roots: a task and all that comes behind it, in every iteration */
};

struct wf_retry_ask {
    enum wf_retry_rule rule;
    const char *from;          /* FROM: the task's reference, or the path of an operation */
    const char *const *undone; /* paths of effects that a rollback took back: they are not done any more */
    size_t nundone;
    bool (*is_idempotent)(void *arg, const struct wf_record *); /* of a done write */
    void *arg;
};

struct wf_retry_pick {
    const struct wf_past *past;
    bool *keep;     /* by record */
    bool *is_root;  /* what it is all about: is tried again */
    bool *repeated; /* an effect that is done, must not be repeated, and would be (FROM only) */
    size_t kept, roots, again, nrepeated;
};

void wf_retry_pick(const struct wf_past *, const struct wf_retry_ask *, struct wf_retry_pick *ret);
void wf_retry_pick_done(struct wf_retry_pick *);

/* The first record of an effect that began, whose end is not known, and that must not be repeated; NULL: none. */
const struct wf_record *wf_retry_doubt(const struct wf_past *, const struct wf_retry_ask *);

/* What is kept, as the rows that a new run begins with: by seq, each outcome behind its intent. The caller frees; texts are
 * the past's. */
struct wf_seed *wf_retry_rows(const struct wf_retry_pick *, size_t *ret_count);

#endif
