/* sqlite_lock.h: who drives a run: a lock on one byte of FILE.lock for each, let go by the kernel when its process dies.
 *
 * The byte's place is a hash of the run id. The locks belong to the open file, not to the process, so that two journals
 * opened by one process exclude each other as well. */
#ifndef WF_JOURNAL_SQLITE_LOCK_H
#define WF_JOURNAL_SQLITE_LOCK_H

#include <stdbool.h>

#include "base/err.h"

/* fd -1 when read_only and there is no such file: then nothing is held. */
int wf__lock_open(const char *file, bool read_only, int *ret_fd, struct wf_err *);
/* 0, WF_EHELD without words, or WF_EIO. */
int wf__lock_take(int fd, const char *run_id, struct wf_err *);
void wf__lock_drop(int fd, const char *run_id);
bool wf__lock_is_taken(int fd, const char *run_id); /* by another opened journal */

#endif
