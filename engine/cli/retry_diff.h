/* retry_diff.h: what a corrected definition changes for a run that is retried. Loop thread. */
#ifndef WF_CLI_RETRY_DIFF_H
#define WF_CLI_RETRY_DIFF_H

#include "cli/retry_pick.h"
#include "def/def.h"
#include "report/state.h"

/* To standard error: how many kept operations are found again, which are not, which calls are new. 0, or the exit status of
 * a refusal: something that cost money has no place in the new definition, or another step there. */
int wf_retry_diff(struct wf_state *, const struct wf_state_run *, const struct wf_retry_pick *, const struct wf_def *);

#endif
