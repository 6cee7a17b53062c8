/* retry.h: when a retry policy lets the next attempt begin; private to task/. */
#ifndef WF_TASK_RETRY_H
#define WF_TASK_RETRY_H

#include "task/task.h"

/* n: which retry, from 1. 1 and the wake time; 0: a limit is reached; -1: an expression failed. */
int wf_retry_next(struct wf_frame *, const struct wf_retry_def *, int64_t n, int64_t *ret_wake_ms, jv *ret_error);
/* delay·1, delay·n or delay·2^(n-1), at most WF_RETRY_MAX_MS. */
#define WF_RETRY_MAX_MS ((int64_t)1000 * 60 * 60 * 24 * 365)
int64_t wf_retry_delay(enum wf_backoff, int64_t delay_ms, int64_t n);

#endif
