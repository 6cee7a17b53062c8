/* pool.c: worker threads with a queue.
 *
 * A job that a thread will take at once holds a busy count of the loop from its submission on. A job that waits because
 * all threads are in use holds none: those threads may be asleep on the virtual clock, and only a jump frees them. So
 * the queue is in two parts by number: the first `promised` jobs have a thread on its way, the others have not. */
#include "loop/pool.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "config.h"

#define MOST_WAITING    100000
#define IDLE_END_S      10
#define FREE_WAIT_MS    1000
#define SANITIZER_STACK ((size_t)512 * 1024) /* shadow frames are larger */

struct wf_pool {
    struct wf_loop *loop;
    unsigned most;
    size_t stack_bytes;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;  /* to idle threads: a job is promised, or the pool closes */
    pthread_cond_t gone;  /* to wf_pool_free: a thread ended */
    struct wf_job *first, *last;
    size_t waiting, promised;
    unsigned threads, idle;
    bool closing;
};

static struct wf_job *take(struct wf_pool *pool)
{
    struct wf_job *job = pool->first;

    pool->first = job->next;
    if (!pool->first)
        pool->last = NULL;
    pool->waiting--;
    return job;
}

static void job_done(void *arg)
{
    struct wf_job *job = arg;
    job->done(job);
}

/* Waits until a job is promised; false: end this thread. Under the lock. */
static bool wait_for_promise(struct wf_pool *pool)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_END_S;
    while (pool->promised == 0 && !pool->closing) {
        if (pthread_cond_timedwait(&pool->work, &pool->lock, &until) == ETIMEDOUT && pool->promised == 0) {
            pool->idle--;
            return false;
        }
    }
    return pool->promised > 0 && !pool->closing;
}

static void *worker(void *arg)
{
    struct wf_pool *pool = arg;

    pthread_mutex_lock(&pool->lock);
    while (pool->promised > 0 || wait_for_promise(pool)) {
        pool->promised--;
        bool more = true;
        while (more && !pool->closing) {
            struct wf_job *job = take(pool);
            pthread_mutex_unlock(&pool->lock);
            job->work(job);
            pthread_mutex_lock(&pool->lock);
            if (pool->closing) /* nobody waits for the result, and the loop may be gone */
                break;
            wf_loop_post(pool->loop, job_done, job);
            more = pool->waiting > pool->promised;
        }
        if (pool->closing)
            break;
        pool->idle++;
        wf_loop_busy(pool->loop, -1);
    }
    pool->threads--;
    pthread_cond_signal(&pool->gone);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Under the lock. Not being able to start one is no error while others work. */
static bool start_thread(struct wf_pool *pool)
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, pool->stack_bytes);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &attr, worker, pool) == 0;
    pthread_attr_destroy(&attr);
    pool->threads += started;
    return started;
}

int wf_pool_submit(struct wf_pool *pool, struct wf_job *job)
{
    int rc = WF_ELIMIT;

    assert(wf_loop_is_here(pool->loop));
    pthread_mutex_lock(&pool->lock);
    if (pool->waiting >= MOST_WAITING)
        goto out;
    bool has_thread = pool->idle > 0;
    if (has_thread)
        pool->idle--;
    else if (pool->threads < pool->most)
        has_thread = start_thread(pool);
    if (!has_thread && pool->threads == 0)
        goto out;
    job->next = NULL;
    if (pool->last)
        pool->last->next = job;
    else
        pool->first = job;
    pool->last = job;
    pool->waiting++;
    if (has_thread) {
        pool->promised++;
        wf_loop_busy(pool->loop, 1);
        pthread_cond_signal(&pool->work);
    }
    rc = 0;
out:
    pthread_mutex_unlock(&pool->lock);
    return rc;
}

unsigned wf_pool_threads(const struct wf_pool *pool)
{
    struct wf_pool *mine = (struct wf_pool *)pool; /* the lock is not part of what const promises */

    pthread_mutex_lock(&mine->lock);
    unsigned threads = mine->threads;
    pthread_mutex_unlock(&mine->lock);
    return threads;
}

struct wf_pool *wf_pool_new(struct wf_loop *loop, unsigned most_threads, size_t stack_bytes)
{
    struct wf_pool *pool = wf_calloc(1, sizeof *pool);
    pthread_condattr_t attr;

    pool->loop = loop;
    pool->most = most_threads ? most_threads : 1;
    pool->stack_bytes = stack_bytes > PTHREAD_STACK_MIN ? stack_bytes : PTHREAD_STACK_MIN;
#ifdef WF_SANITIZED
    if (pool->stack_bytes < SANITIZER_STACK)
        pool->stack_bytes = SANITIZER_STACK;
#endif
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->work, &attr);
    pthread_cond_init(&pool->gone, &attr);
    pthread_condattr_destroy(&attr);
    return pool;
}

void wf_pool_free(struct wf_pool *pool)
{
    struct timespec until;
    int rc = 0;

    if (!pool)
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += FREE_WAIT_MS / 1000;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    while (pool->threads > 0 && rc == 0)
        rc = pthread_cond_timedwait(&pool->gone, &pool->lock, &until);
    bool all_gone = pool->threads == 0;
    pthread_mutex_unlock(&pool->lock);
    if (!all_gone)
        return; /* a thread that never returned still looks at the pool */
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->gone);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
