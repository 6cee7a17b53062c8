/* kin.h: runs that share operations: the journal of a retry begins with what the run before it had done. Loop thread. */
#ifndef WF_REPORT_KIN_H
#define WF_REPORT_KIN_H

#include "report/state.h"

#define WF_META_RETRY      "retry"       /* of a retry: the run before it */
#define WF_NOTE_RETRIED_BY "retried by " /* and the id of the retry */

struct wf_kin_run {
    char id[101];
    enum wf_run_status status;
    bool held;
    bool is_later; /* it goes on with what the run in question did, itself or through others */
};

/* The run in question is one of them. */
struct wf_kin {
    struct wf_kin_run *runs; /* each after the one that it is a retry of */
    size_t count;
};

int wf_kin_read(struct wf_state *, const char *run_id, struct wf_kin *ret, struct wf_err *);
void wf_kin_done(struct wf_kin *);
/* One retry or rollback at a time is made of runs that share operations: until release, or the journal is closed.
 * WF_EHELD, with words. */
int wf_kin_claim(struct wf_state *, const char *run_id, struct wf_err *);
void wf_kin_release(struct wf_state *, const char *run_id);
/* The youngest of those that are later; NULL: nobody retried it. */
const struct wf_kin_run *wf_kin_latest(const struct wf_kin *);

#endif
