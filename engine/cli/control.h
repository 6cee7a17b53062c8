/* control.h: words to whoever drives a run. Loop thread. */
#ifndef WF_CLI_CONTROL_H
#define WF_CLI_CONTROL_H

#include "report/state.h"

/* {"by": user, "reason": ...}. */
const char *wf_user_name(void); /* the user of the operating system; until the next call */
jv wf_control_json(const char *reason);
/* Consumes json. path: of the operation to resolve, else NULL. */
int wf_control_send(
    struct wf_state *, const char *run_id, enum wf_control_kind, const char *path, jv json, struct wf_err *);
/* Let every pause of a parked run end, by a word that its next activation hears. */
int wf_control_go_on(struct wf_state *, const char *run_id, struct wf_err *);

#endif
