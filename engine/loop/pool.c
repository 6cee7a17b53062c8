/* pool.c: worker threads with a queue.
 *
 * A job is handed to an idle thread, or to a new one, and holds a busy count of the loop from then on. A job that waits
 * because all threads are in use holds none: those threads may be asleep on the virtual clock, and only a jump frees
 * them. Idle threads are a stack: the last one to have worked, whose memory is still in the cache, works next. */
#include "config.h" /* _GNU_SOURCE */

#include "loop/pool.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/err.h"

#define MOST_WAITING    100000
#define IDLE_END_S      10
#define FREE_WAIT_MS    1000
#define CRASH_STACK     ((size_t)16 * 1024)  /* who tells of a crash stands on it: the thread's own may have run over */
#define SANITIZER_STACK ((size_t)512 * 1024) /* shadow frames are larger */

struct thread {
    struct wf_pool *pool;
    struct thread *next_idle;
    struct wf_job *job; /* handed to it while it was idle */
    sem_t wake;         /* there is a job, or the pool closes */
};

struct wf_pool {
    struct wf_loop *loop;
    unsigned most;
    size_t stack_bytes;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t gone;  /* to wf_pool_free: a thread ended */
    struct thread *idle;  /* the last to become idle first */
    struct wf_job *first, *last;
    size_t waiting;
    unsigned threads;
    bool closing;
};

/* ---- the queue: under the lock ---- */

static void put(struct wf_pool *pool, struct wf_job *job)
{
    job->next = NULL;
    if (pool->last)
        pool->last->next = job;
    else
        pool->first = job;
    pool->last = job;
    pool->waiting++;
}

/* NULL: none waits. */
static struct wf_job *take(struct wf_pool *pool)
{
    struct wf_job *job = pool->first;

    if (!job)
        return NULL;
    pool->first = job->next;
    if (!pool->first)
        pool->last = NULL;
    pool->waiting--;
    return job;
}

/* ---- a thread ---- */

static void job_done(void *arg)
{
    struct wf_job *job = arg;
    job->done(job);
}

/* Under the lock, but for the work. Not to be gone on with once the pool closes: nobody waits for the result, and the
 * loop may be gone. */
static void work_off(struct wf_pool *pool, struct wf_job *job)
{
    while (job && !pool->closing) {
        pthread_mutex_unlock(&pool->lock);
        job->work(job);
        pthread_mutex_lock(&pool->lock);
        if (pool->closing)
            return;
        wf_loop_post(pool->loop, job_done, job);
        job = take(pool);
    }
}

static void leave_idle(struct wf_pool *pool, const struct thread *thread)
{
    struct thread **link = &pool->idle;

    while (*link != thread)
        link = &(*link)->next_idle;
    *link = thread->next_idle;
}

/* Waits for a job; NULL: end this thread. Under the lock, but for the waiting. */
static struct wf_job *wait_for_job(struct wf_pool *pool, struct thread *thread)
{
    struct timespec until;
    struct wf_job *job;
    int rc;

    thread->job = NULL;
    thread->next_idle = pool->idle;
    pool->idle = thread;
    wf_loop_busy(pool->loop, -1);
    pthread_mutex_unlock(&pool->lock);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_END_S;
    do
        rc = sem_clockwait(&thread->wake, CLOCK_MONOTONIC, &until);
    while (rc != 0 && errno == EINTR);
    pthread_mutex_lock(&pool->lock);
    job = pool->closing ? NULL : thread->job;
    if (!thread->job)
        leave_idle(pool, thread);
    else if (rc != 0)
        sem_wait(&thread->wake); /* the time was up just when it was handed over */
    return job;
}

static void *worker(void *arg)
{
    struct thread *thread = arg;
    struct wf_pool *pool = thread->pool;
#ifndef WF_SANITIZED /* which has its own */
    _Alignas(16) char crash_stack[CRASH_STACK];
    sigaltstack(&(stack_t){.ss_sp = crash_stack, .ss_size = sizeof crash_stack}, NULL);
#endif

    pthread_mutex_lock(&pool->lock);
    for (struct wf_job *job = thread->job; job && !pool->closing; job = wait_for_job(pool, thread)) {
        work_off(pool, job);
        if (pool->closing)
            break;
    }
    pool->threads--;
    pthread_cond_signal(&pool->gone);
    pthread_mutex_unlock(&pool->lock);
    sem_destroy(&thread->wake);
    free(thread);
    return NULL;
}

/* Under the lock. Not being able to start one is no error while others work. */
static bool start_thread(struct wf_pool *pool, struct wf_job *job)
{
    struct thread *thread = wf_calloc(1, sizeof *thread);
    pthread_attr_t attr;
    pthread_t id;

    thread->pool = pool;
    thread->job = job;
    sem_init(&thread->wake, 0, 0);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, pool->stack_bytes);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&id, &attr, worker, thread) == 0;
    pthread_attr_destroy(&attr);
    pool->threads += started;
    if (!started) {
        sem_destroy(&thread->wake);
        free(thread);
    }
    return started;
}

/* ---- the pool ---- */

/* Under the lock. */
static int put_off(struct wf_pool *pool, struct wf_job *job)
{
    if (pool->waiting >= MOST_WAITING || pool->threads == 0)
        return WF_ELIMIT;
    put(pool, job);
    return 0;
}

int wf_pool_submit(struct wf_pool *pool, struct wf_job *job)
{
    struct thread *idle;
    int rc = 0;

    assert(wf_loop_is_here(pool->loop));
    pthread_mutex_lock(&pool->lock);
    idle = pool->idle;
    if (idle) {
        pool->idle = idle->next_idle;
        idle->job = job;
    }
    if (idle || (pool->threads < pool->most && start_thread(pool, job)))
        wf_loop_busy(pool->loop, 1); /* a thread lets go of it under the lock */
    else
        rc = put_off(pool, job);
    pthread_mutex_unlock(&pool->lock);
    if (idle)
        sem_post(&idle->wake);
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
    pool->stack_bytes = stack_bytes > (size_t)PTHREAD_STACK_MIN ? stack_bytes : (size_t)PTHREAD_STACK_MIN;
#ifdef WF_SANITIZED
    if (pool->stack_bytes < SANITIZER_STACK)
        pool->stack_bytes = SANITIZER_STACK;
#endif
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
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
    for (struct thread *thread = pool->idle; thread; thread = thread->next_idle)
        sem_post(&thread->wake);
    while (pool->threads > 0 && rc == 0)
        rc = pthread_cond_timedwait(&pool->gone, &pool->lock, &until);
    bool all_gone = pool->threads == 0;
    pthread_mutex_unlock(&pool->lock);
    if (!all_gone)
        return; /* a thread that never returned still looks at the pool */
    pthread_cond_destroy(&pool->gone);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
