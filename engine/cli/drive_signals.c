/* drive_signals.c: a signal ends the run in good order: an ephemeral one is cancelled, a durable one interrupted. Before
 * the run has begun it ends the process, but not without the stand-ins. */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "cli/drive.h"
#include "run/run.h"

#define GRACE_MS 5000 /* for steps under way to answer */

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
#define NSIGNALS (sizeof caught / sizeof *caught)

struct wf_signals {
    struct wf_drive *drive;
    uv_signal_t handles[NSIGNALS];
    size_t open;
    struct wf_timer now; /* armed: from inside the engine's news it cannot be told anything */
    bool armed;
};

/* ---- before there is a loop ---- */

static struct {
    volatile sig_atomic_t signo, deferred;
    bool ephemeral;
} early;

static void on_early(int signo)
{
    static const char text[] = "wfrun: stopped before the run had begun; nothing has happened\n";
    if (early.deferred && !early.signo) {
        early.signo = signo;
        return;
    }
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(WF_EXIT_FAULT);
    _exit(early.ephemeral ? WF_EXIT_CANCELLED : WF_EXIT_SIGNAL + signo);
}

void wf_signals_watch(bool ephemeral)
{
    const struct sigaction action = {.sa_handler = on_early};
    early.ephemeral = ephemeral;
    for (size_t i = 0; i < NSIGNALS; i++)
        sigaction(caught[i], &action, NULL);
}

void wf_signals_defer(void)
{
    early.deferred = 1;
}

bool wf_signals_came(void)
{
    return early.signo != 0;
}

int wf_signals_leave(void)
{
    fputs("wfrun: stopped before the run had begun; nothing has happened\n", stderr);
    return early.ephemeral ? WF_EXIT_CANCELLED : WF_EXIT_SIGNAL + early.signo;
}

/* ---- on the loop ---- */

static void act(struct wf_signals *signals)
{
    struct wf_drive *drive = signals->drive;
    if (drive->ephemeral)
        wf_engine_cancel(drive->engine);
    else
        wf_engine_interrupt(drive->engine, GRACE_MS);
}

static void on_now(struct wf_timer *timer)
{
    struct wf_signals *signals = (struct wf_signals *)((char *)timer - offsetof(struct wf_signals, now));
    signals->armed = false;
    act(signals);
}

void wf_signals_begun(struct wf_signals *signals)
{
    bool first = !signals->drive->begun;
    signals->drive->begun = true;
    if (!first || !signals->drive->signo)
        return;
    signals->armed = true;
    wf_timer_start_real(signals->drive->world.loop, &signals->now, 0, on_now);
}

static void take(struct wf_signals *signals, int signo)
{
    signals->drive->signo = signo;
    /* From now on a signal has its usual effect: a second one ends the process at once. */
    for (size_t i = 0; i < NSIGNALS; i++)
        uv_signal_stop(&signals->handles[i]);
    if (signals->drive->begun) /* else wf_signals_begun acts */
        act(signals);
}

static void on_signal(uv_signal_t *handle, int signo)
{
    take(handle->data, signo);
}

struct wf_signals *wf_signals_new(struct wf_drive *drive)
{
    struct wf_signals *signals = wf_calloc(1, sizeof *signals);
    struct uv_loop_s *loop = wf_loop_uv(drive->world.loop);
    signals->drive = drive;
    for (size_t i = 0; i < NSIGNALS; i++) {
        uv_signal_init(loop, &signals->handles[i]);
        signals->handles[i].data = signals;
        uv_signal_start(&signals->handles[i], on_signal, caught[i]);
        uv_unref((uv_handle_t *)&signals->handles[i]);
        signals->open++;
    }
    if (early.signo)
        take(signals, early.signo);
    return signals;
}

static void on_closed(uv_handle_t *handle)
{
    struct wf_signals *signals = handle->data;
    signals->open--;
}

void wf_signals_free(struct wf_signals *signals)
{
    if (!signals)
        return;
    struct uv_loop_s *loop = signals->handles[0].loop;
    if (signals->armed)
        wf_timer_stop(signals->drive->world.loop, &signals->now);
    for (size_t i = 0; i < NSIGNALS; i++)
        uv_close((uv_handle_t *)&signals->handles[i], on_closed);
    while (signals->open)
        uv_run(loop, UV_RUN_NOWAIT);
    free(signals);
}
