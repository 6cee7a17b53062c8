/* finished.h: what a run that ended or parked in another process has to say. Loop thread. */
#ifndef WF_CLI_FINISHED_H
#define WF_CLI_FINISHED_H

#include "cli/cmd.h"
#include "report/state.h"

/* As `wfrun run` would have ended: output to standard output, all else to standard error; returns its exit status. */
int wf_finished_report(struct wf_invocation *, struct wf_state *, const struct wf_state_run *);

#endif
