/* expr_watch.c: a thread that halts an evaluation which exceeds its budget. Beginning and ending an evaluation costs a
 * lock each and no system call: the thread looks at what runs several times per budget, and sleeps while nothing does.
 */
#include <errno.h>
#include <jq.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "value/expr_jq.h"

struct wf__watch {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop;
    bool asleep;       /* the thread waits to be woken */
    jq_state *running; /* NULL: nothing to watch */
    uint64_t turn;     /* counts evaluations */
    int64_t budget_ms; /* of this turn */
    bool halted;       /* this turn was */
};

struct wf__watch *wf__watch_new(void)
{
    struct wf__watch *w = wf_calloc(1, sizeof *w);
    pthread_condattr_t attr;

    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    return w;
}

void wf__watch_free(struct wf__watch *w)
{
    if (!w)
        return;
    if (w->started) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* Waits with the lock held for an eighth of the budget, but never less than 2 ms or more than 100. */
static void wait_a_little(struct wf__watch *w)
{
    int64_t ms = w->budget_ms / 8;
    struct timespec until;

    ms = ms < 2 ? 2 : ms > 100 ? 100 : ms;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&w->wake, &w->lock, &until);
}

static void *watch(void *arg)
{
    struct wf__watch *w = arg;
    uint64_t seen = 0; /* the turn that has run since */
    int64_t since = 0;

    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        if (!w->running && w->turn == seen) { /* nothing began for a while */
            w->asleep = true;
            while (w->asleep && !w->stop)
                pthread_cond_wait(&w->wake, &w->lock);
        }
        if (w->turn != seen) {
            seen = w->turn;
            since = wf_clock_mono_ms();
        } else if (w->running && !w->halted && wf_clock_mono_ms() - since >= w->budget_ms) {
            w->halted = true;
            jq_halt(w->running, jv_invalid(), jv_invalid());
        }
        if (!w->stop)
            wait_a_little(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Signals belong to the loop thread. */
static void start(struct wf__watch *w)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&w->thread, NULL, watch, w) != 0)
        abort(); /* no thread for the watchdog: out of memory in all but name */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->started = true;
}

void wf__watch_begin(struct wf__watch *w, struct jq_state *jq, int64_t budget_ms)
{
    if (!w->started)
        start(w);
    pthread_mutex_lock(&w->lock);
    w->running = jq;
    w->turn++;
    w->budget_ms = budget_ms;
    w->halted = false;
    if (w->asleep) {
        w->asleep = false;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
}

bool wf__watch_end(struct wf__watch *w)
{
    pthread_mutex_lock(&w->lock);
    bool halted = w->halted;
    w->running = NULL;
    pthread_mutex_unlock(&w->lock);
    return halted;
}
