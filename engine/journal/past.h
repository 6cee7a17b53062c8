/* past.h: the records of one run, read once and looked up by path: for a rollback, a retry, a report. Loop thread. */
#ifndef WF_JOURNAL_PAST_H
#define WF_JOURNAL_PAST_H

#include "journal/journal.h"

struct wf_past {
    struct wf_arena *arena;
    char *run_id;
    struct wf_record *records; /* each with its path and texts, in the order of its last change */
    size_t count;
    size_t *by_path; /* indices */
};

int wf_past_read(
    const struct wf_backend_ops *, struct wf_backend *, const char *run_id, struct wf_past **ret, struct wf_err *);
void wf_past_free(struct wf_past *);                                            /* may be NULL */
const struct wf_record *wf_past_find(const struct wf_past *, const char *path); /* NULL: there is none */

/* What was left out of a stored text because it was a secret cannot be given to anybody again. */
bool wf_slice_is_masked(struct wf_slice);

#endif
