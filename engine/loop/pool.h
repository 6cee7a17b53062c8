/* pool.h: worker threads for calls that block, as many as are needed up to a maximum. Knows no workflow.
 *
 * A job is owned by the pool from wf_pool_submit until its done was called. Threads start when work waits and none is
 * free, and have small stacks. A thread that never returns cannot be killed: it keeps its place until the process ends. */
#ifndef WF_LOOP_POOL_H
#define WF_LOOP_POOL_H

#include "loop/loop.h"

struct wf_pool;

struct wf_job {
    struct wf_job *next;           /* private */
    void (*work)(struct wf_job *); /* worker thread */
    void (*done)(struct wf_job *); /* loop thread, after work */
};

struct wf_pool *wf_pool_new(struct wf_loop *, unsigned most_threads, size_t stack_bytes);
void wf_pool_free(struct wf_pool *); /* waits for running jobs at most a second, then leaves them behind */
int wf_pool_submit(struct wf_pool *, struct wf_job *); /* loop thread; 0, or WF_ELIMIT when 100,000 wait already */
unsigned wf_pool_threads(const struct wf_pool *);

#endif
