/* loop.h: the one event loop (libuv), its clock, timers and the way in from other threads. Knows no workflow.
 *
 * Clock. Normally real time. With a jumper set (under --sandbox) it is virtual: real time plus an offset that grows by
 * jumps. When nothing is busy, no posted call waits and a timer is pending, the jumper is asked to bring the rest of the
 * world to that timer's time; when it answers, the offset has grown and the timer fires. So a rehearsal with lags of 15
 * minutes takes seconds. Every kind of work that is under way (a transfer, a running worker) holds a busy count. */
#ifndef WF_LOOP_LOOP_H
#define WF_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wf_loop;
struct uv_loop_s;

struct wf_loop *wf_loop_new(void);
void wf_loop_free(struct wf_loop *); /* last: after http, pool and children; what is still posted is dropped */
void wf_loop_run(struct wf_loop *);  /* loop thread: until wf_loop_stop */
void wf_loop_stop(struct wf_loop *); /* loop thread */
struct uv_loop_s *wf_loop_uv(struct wf_loop *); /* for loop/ and cli/ only */
bool wf_loop_is_here(const struct wf_loop *);   /* on the loop thread (the one that made it)? for assertions */

int64_t wf_loop_now_ms(struct wf_loop *);  /* any thread; since 1970, virtual when a jumper is set */
bool wf_loop_is_virtual(struct wf_loop *); /* any thread */

/* Run fn on the loop thread soon, in the order of posting. Any thread. */
void wf_loop_post(struct wf_loop *, void (*fn)(void *arg), void *arg);
/* What was posted with these and has not been called yet is not called any more. Loop thread. */
void wf_loop_unpost(struct wf_loop *, void (*fn)(void *arg), void *arg);

/* Timers, embedded in their owner; loop thread. A heap: 100,000 pending ones are fine. Fires once, at or after at_ms. */
struct wf_timer {
    int64_t at_ms;
    uint64_t seq;
    size_t slot; /* private; 0: not pending */
    void (*fn)(struct wf_timer *);
    bool real; /* at_ms is the steady clock's: neither jumped to nor jumped over (deadlines of transfers, polling) */
};
void wf_timer_start(struct wf_loop *, struct wf_timer *, int64_t at_ms, void (*fn)(struct wf_timer *)); /* or move it */
void wf_timer_start_real(struct wf_loop *, struct wf_timer *, int64_t after_ms, void (*fn)(struct wf_timer *));
void wf_timer_stop(struct wf_loop *, struct wf_timer *); /* no-op when not pending */

/* Work that must end before the clock may jump. Any thread. A worker posts its result before it lets go of its count. */
void wf_loop_busy(struct wf_loop *, int delta);

/* The jumper: begin to tell the rest of the world that it is now_ms, then call wf_loop_jumped(loop) on the loop thread.
 * NULL: no more jumps; the clock keeps what it has gained. */
void wf_loop_set_jumper(struct wf_loop *, void (*jump)(void *arg, int64_t now_ms), void *arg);
void wf_loop_jumped(struct wf_loop *);

#endif
