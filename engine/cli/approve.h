/* approve.h: giving and refusing approvals. Loop thread. */
#ifndef WF_CLI_APPROVE_H
#define WF_CLI_APPROVE_H

#include "cli/drive.h"

/* Why a yes (go) or a no of this user would not count, in words; NULL: it would. */
const char *wf_approve_in_vain(const struct wf_wait_item *, bool go);
/* One word of this user on what waits. as, reason: may be NULL. 0 or negative with a sentence. */
int wf_approve_speak(struct wf_state *, const char *run_id, const struct wf_wait_item *, bool go, const char *as,
    const char *reason, struct wf_err *);
/* The person at the terminal is asked, or --auto-approve answers, for all that waits and that they may approve. True: a
 * word was given, and the run can go on. */
bool wf_approve_here(struct wf_drive *);

#endif
