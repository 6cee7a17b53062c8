/* standin.h: one program that stands in for a remote service: found, started, asked for its greeting, stopped. */
#ifndef WF_CLI_STANDIN_H
#define WF_CLI_STANDIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct wf_standin {
    char *program;
    pid_t pid;     /* 0: not ours, only attached to */
    int stdin_fd;  /* kept open: the program leaves when it closes */
    int stdout_fd; /* kept open, so that a later line of it meets no broken pipe */
};

/* Where a program of wfrun's own is that is no command: beside wfrun, in its libexec folder, or its bare name, for PATH.
 * The caller frees. */
char *wf_standin_find(const char *program);
/* args: NULL-terminated, without the program. ret_greeting: its first line; the caller frees. */
int wf_standin_start(
    struct wf_standin *, const char *program, const char *const *args, char **ret_greeting, struct wf_err *);
void wf_standin_stop(struct wf_standin *); /* waits two seconds for it to leave by itself */

#endif
