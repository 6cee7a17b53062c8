/* rollback.h: takes back what a run has done, as a run of its own. Loop thread. */
#ifndef WF_CLI_ROLLBACK_H
#define WF_CLI_ROLLBACK_H

#include "cli/drive.h"

/* inv: --item, --yes, --run-id. agreed: nobody is asked, and standard output is left alone: the workflow asked for it with
 * `onCancel`. An exit status. */
int wf_rollback(struct wf_invocation *, const char *run_id, bool agreed);

/* ---- after a cancel: onCancel ---- */

/* The run that this process drove is over. True: it was cancelled, and its workflow wants it rolled back: wf_rollback, once
 * the drive is done. False: there were words about what stays done, if anything. */
bool wf_rollback_is_declared(struct wf_drive *);
/* The same of a run that was cancelled while nobody drove it. */
bool wf_rollback_follows(struct wf_state *, const char *run_id, bool declared);
bool wf_rollback_is_pinned(struct wf_state *, const struct wf_state_run *); /* its workflow declares it */
/* What a run has done and nobody has taken back, to standard error. */
void wf_rollback_tell_left(struct wf_state *, const char *run_id);

#endif
