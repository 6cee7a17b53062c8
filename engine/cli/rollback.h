/* rollback.h: takes back what a run has done, as a run of its own. Loop thread. */
#ifndef WF_CLI_ROLLBACK_H
#define WF_CLI_ROLLBACK_H

#include "cli/drive.h"

/* inv: --item, --yes, --run-id. agreed: nobody is asked, and standard output is left alone: the workflow asked for it with
 * `onCancel`. An exit status. */
int wf_rollback(struct wf_invocation *, const char *run_id, bool agreed);

/* ---- after a cancel: onCancel ------------------------------------------------------------------------------------- */

/* What the run that this process drove must be followed by, and words about what stays done. True: wf_rollback, once the
 * drive is done. */
bool wf_rollback_is_declared(struct wf_drive *);
/* What a run has done so far and nobody has taken back, to standard error. */
void wf_rollback_tell_left(struct wf_state *, const char *run_id);

#endif
