/* proc.h: a child process that says one line when it is ready and lives until it is stopped (a sandbox stand-in).
 *
 * Its stdin is a pipe that nothing is written to: when we die in any way, the child reads end of file and shall end.
 * Its stderr is ours. Loop thread. */
#ifndef WF_LOOP_PROC_H
#define WF_LOOP_PROC_H

#include "base/err.h"
#include "loop/loop.h"

struct wf_proc;

struct wf_proc_settings {
    const char *const *argv; /* NULL-terminated; argv[0] is looked for in PATH unless it has a slash */
    /* The first line of its stdout, without the newline; at most 4,000 bytes. What follows is read and dropped. */
    void (*line)(void *arg, const char *line);
    /* Once, also after wf_proc_stop, unless wf_proc_free came first. signal 0: it exited with status. */
    void (*ended)(void *arg, int64_t status, int signal);
    void *arg;
};

int wf_proc_start(struct wf_loop *, const struct wf_proc_settings *, struct wf_proc **ret, struct wf_err *);
int64_t wf_proc_pid(const struct wf_proc *);
void wf_proc_stop(struct wf_proc *); /* end of file and SIGTERM; SIGKILL two seconds later */
/* Kills a child that still lives, and waits for it so that none is left behind. No callback comes any more. The last of
 * its memory goes when the loop turns or is freed. */
void wf_proc_free(struct wf_proc *);

#endif
