/* loop.c: the event loop: libuv for sockets and children, an own heap of timers, posts from other threads, and the jump
 * of the virtual clock.
 *
 *     uv_run:   [ turn: posts, due timers, jump? ] -> poll (sockets, wake-up from other threads) -> turn -> ...
 *
 * All that is ours happens in `turn`, just before libuv polls. The uv_timer and the uv_async only end the poll. */
#include "loop/loop.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/timers.h"

/* The wall clock may be set while we poll, or the machine may sleep: look at it at least this often. */
#define LONGEST_POLL_MS 60000

struct post {
    void (*fn)(void *arg);
    void *arg;
};

struct posts {
    struct post *items;
    size_t count, cap;
};

struct wf_loop {
    uv_loop_t uv;
    uv_prepare_t before_poll;
    uv_timer_t wake_later;
    uv_async_t wake_now;
    pthread_t thread;
    bool stopping;

    struct wf__timers timers, real_timers;
    uint64_t seq;

    pthread_mutex_t lock; /* guards the next two */
    struct posts posts;
    bool sleeping;         /* or about to: the next post must end the poll */
    struct posts draining; /* those of this turn; loop thread only, its memory is kept */

    _Atomic int64_t offset_ms; /* what jumps have added to the real time */
    atomic_int busy;
    atomic_bool is_virtual;
    void (*jump)(void *arg, int64_t now_ms);
    void *jump_arg;
    bool jumping;
    int64_t jump_to_ms;
};

/* ---- clock and posts ---- */

int64_t wf_loop_now_ms(struct wf_loop *loop)
{
    return wf_clock_real_ms() + atomic_load(&loop->offset_ms);
}

bool wf_loop_is_virtual(struct wf_loop *loop)
{
    return atomic_load(&loop->is_virtual);
}

bool wf_loop_is_here(const struct wf_loop *loop)
{
    return pthread_equal(pthread_self(), loop->thread);
}

void wf_loop_post(struct wf_loop *loop, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&loop->lock);
    struct posts *posts = &loop->posts;
    if (posts->count == posts->cap) {
        posts->cap = posts->cap ? posts->cap * 2 : 64;
        posts->items = wf_realloc(posts->items, posts->cap * sizeof *posts->items);
    }
    posts->items[posts->count++] = (struct post){fn, arg};
    bool wake = loop->sleeping;
    loop->sleeping = false;
    pthread_mutex_unlock(&loop->lock);

    if (wake && !wf_loop_is_here(loop)) /* the loop thread itself comes to its next turn without being woken */
        uv_async_send(&loop->wake_now);
}

static bool has_posts(struct wf_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    bool any = loop->posts.count > 0;
    pthread_mutex_unlock(&loop->lock);
    return any;
}

/* What is posted meanwhile waits for the next turn, so that sockets get theirs. */
static void run_posts(struct wf_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct posts batch = loop->posts;
    loop->posts = loop->draining;
    loop->draining = batch;
    loop->sleeping = false;
    pthread_mutex_unlock(&loop->lock);

    for (size_t i = 0; i < batch.count; i++)
        batch.items[i].fn(batch.items[i].arg);
    loop->draining.count = 0;
}

static void do_nothing(void *arg)
{
    (void)arg;
}

static void forget_post(struct posts *posts, void (*fn)(void *arg), void *arg)
{
    for (size_t i = 0; i < posts->count; i++) {
        if (posts->items[i].fn == fn && posts->items[i].arg == arg)
            posts->items[i].fn = do_nothing;
    }
}

void wf_loop_unpost(struct wf_loop *loop, void (*fn)(void *arg), void *arg)
{
    assert(wf_loop_is_here(loop));
    pthread_mutex_lock(&loop->lock);
    forget_post(&loop->posts, fn, arg);
    pthread_mutex_unlock(&loop->lock);
    forget_post(&loop->draining, fn, arg);
}

/* ---- timers ---- */

static void start_timer(struct wf_loop *loop, struct wf_timer *timer, int64_t at_ms, void (*fn)(struct wf_timer *))
{
    timer->at_ms = at_ms;
    timer->seq = ++loop->seq;
    timer->fn = fn;
    wf__timers_put(timer->real ? &loop->real_timers : &loop->timers, timer);
}

void wf_timer_start(struct wf_loop *loop, struct wf_timer *timer, int64_t at_ms, void (*fn)(struct wf_timer *))
{
    assert(wf_loop_is_here(loop));
    wf_timer_stop(loop, timer);
    timer->real = false;
    start_timer(loop, timer, at_ms, fn);
}

void wf_timer_start_real(struct wf_loop *loop, struct wf_timer *timer, int64_t after_ms, void (*fn)(struct wf_timer *))
{
    assert(wf_loop_is_here(loop));
    wf_timer_stop(loop, timer);
    timer->real = true;
    start_timer(loop, timer, wf_clock_mono_ms() + after_ms, fn);
}

void wf_timer_stop(struct wf_loop *loop, struct wf_timer *timer)
{
    assert(wf_loop_is_here(loop));
    if (timer->slot)
        wf__timers_remove(timer->real ? &loop->real_timers : &loop->timers, timer);
}

/* Fires what was due at now_ms; at most as many as were pending, so that a timer that starts itself again for a past
 * time cannot keep the loop here. */
static void run_timers(struct wf_loop *loop, struct wf__timers *timers, int64_t now_ms)
{
    for (size_t left = timers->count; left > 0 && !loop->stopping; left--) {
        struct wf_timer *first = wf__timers_first(timers);
        if (!first || first->at_ms > now_ms)
            return;
        wf__timers_remove(timers, first);
        first->fn(first);
    }
}

/* ---- the virtual clock ---- */

void wf_loop_busy(struct wf_loop *loop, int delta)
{
    int before = atomic_fetch_add(&loop->busy, delta);

    assert(before + delta >= 0);
    if (before + delta == 0 && atomic_load(&loop->is_virtual) && !wf_loop_is_here(loop))
        uv_async_send(&loop->wake_now);
}

void wf_loop_set_jumper(struct wf_loop *loop, void (*jump)(void *arg, int64_t now_ms), void *arg)
{
    assert(wf_loop_is_here(loop));
    loop->jump = jump;
    loop->jump_arg = arg;
    atomic_store(&loop->is_virtual, jump != NULL);
}

void wf_loop_jumped(struct wf_loop *loop)
{
    assert(wf_loop_is_here(loop) && loop->jumping);
    loop->jumping = false;
    int64_t ahead = loop->jump_to_ms - wf_loop_now_ms(loop);
    if (ahead > 0)
        atomic_fetch_add(&loop->offset_ms, ahead);
}

/* busy is read before the posts: a worker posts its result first and lets go of busy after, so a busy count of 0 means
 * that its post can be seen. */
static void maybe_jump(struct wf_loop *loop)
{
    if (!loop->jump || loop->jumping || atomic_load(&loop->busy) != 0 || has_posts(loop))
        return;
    const struct wf_timer *first = wf__timers_first(&loop->timers);
    if (!first || first->at_ms <= wf_loop_now_ms(loop))
        return;
    loop->jumping = true;
    loop->jump_to_ms = first->at_ms;
    loop->jump(loop->jump_arg, first->at_ms);
}

/* ---- the loop ---- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* False: there are posts, so the poll is not to wait. */
static bool fall_asleep(struct wf_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->sleeping = loop->posts.count == 0;
    bool sleeping = loop->sleeping;
    pthread_mutex_unlock(&loop->lock);
    return sleeping;
}

static int64_t poll_ms(struct wf_loop *loop)
{
    int64_t wait_ms = LONGEST_POLL_MS;
    const struct wf_timer *first = wf__timers_first(&loop->timers);
    const struct wf_timer *first_real = wf__timers_first(&loop->real_timers);

    if (loop->stopping || !fall_asleep(loop))
        return 0;
    if (first)
        wait_ms = smaller(wait_ms, first->at_ms - wf_loop_now_ms(loop));
    if (first_real)
        wait_ms = smaller(wait_ms, first_real->at_ms - wf_clock_mono_ms());
    return wait_ms > 0 ? wait_ms : 0;
}

static void nothing_timer(uv_timer_t *timer)
{
    (void)timer;
}

static void nothing_async(uv_async_t *async)
{
    (void)async;
}

static void turn(uv_prepare_t *prepare)
{
    struct wf_loop *loop = prepare->data;

    run_posts(loop);
    run_timers(loop, &loop->real_timers, wf_clock_mono_ms());
    run_timers(loop, &loop->timers, wf_loop_now_ms(loop));
    if (!loop->stopping)
        maybe_jump(loop);
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->wake_later, nothing_timer, (uint64_t)poll_ms(loop), 0);
}

void wf_loop_run(struct wf_loop *loop)
{
    assert(wf_loop_is_here(loop));
    loop->stopping = false;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void wf_loop_stop(struct wf_loop *loop)
{
    assert(wf_loop_is_here(loop));
    loop->stopping = true;
    uv_stop(&loop->uv);
}

struct uv_loop_s *wf_loop_uv(struct wf_loop *loop)
{
    return &loop->uv;
}

struct wf_loop *wf_loop_new(void)
{
    struct wf_loop *loop = wf_calloc(1, sizeof *loop);

    if (uv_loop_init(&loop->uv) != 0 || uv_async_init(&loop->uv, &loop->wake_now, nothing_async) != 0) {
        wf_log(WF_LOGL_ERROR, "cannot make the event loop: no file descriptors are left (see ulimit -n)");
        abort();
    }
    uv_prepare_init(&loop->uv, &loop->before_poll);
    uv_timer_init(&loop->uv, &loop->wake_later);
    loop->before_poll.data = loop;
    uv_prepare_start(&loop->before_poll, turn);
    pthread_mutex_init(&loop->lock, NULL);
    loop->thread = pthread_self();
    return loop;
}

void wf_loop_free(struct wf_loop *loop)
{
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->before_poll, NULL);
    uv_close((uv_handle_t *)&loop->wake_later, NULL);
    uv_close((uv_handle_t *)&loop->wake_now, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT); /* lets handles that were closed before finish, too */
    if (uv_loop_close(&loop->uv) != 0)
        wf_log(WF_LOGL_DEBUG, "the event loop ended with handles still open");
    wf__timers_done(&loop->timers);
    wf__timers_done(&loop->real_timers);
    free(loop->posts.items);
    free(loop->draining.items);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}
