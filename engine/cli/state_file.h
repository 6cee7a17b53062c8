/* state_file.h: where the journal is, and opening it. Loop thread. */
#ifndef WF_CLI_STATE_FILE_H
#define WF_CLI_STATE_FILE_H

#include "cli/settings.h"
#include "report/state.h"

/* The file: --state, else wfrun/wfrun.db below $XDG_STATE_HOME or ~/.local/state. The caller frees. */
char *wf_state_file(struct wf_config *);
int wf_state_make_folder(const char *file, struct wf_err *); /* for a journal that is about to be made */
/* For questions or control; no run is driven. WF_ENOTFOUND when there is no such file yet. */
int wf_state_open(struct wf_config *, bool read_only, struct wf_state *ret, struct wf_err *);
void wf_state_close(struct wf_state *);

#endif
