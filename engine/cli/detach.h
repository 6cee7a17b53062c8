/* detach.h: --detach: the run goes on in a process of its own, without the terminal. Before any thread exists. */
#ifndef WF_CLI_DETACH_H
#define WF_CLI_DETACH_H

#include "base/err.h"

/* In the child returns -1 and *ret_channel; it goes on as the run. In the parent waits until the child says that the run is
 * durable, prints the id, and returns the exit status. */
int wf_detach(const char *run_id, int *ret_channel);
/* The child: the run is durable; from now on standard output and error go to log_path. 0, or WF_EIO. */
int wf_detach_started(int channel, const char *log_path, struct wf_err *);

#endif
