/* drive_signals.c: a signal ends the run in good order: an ephemeral one is cancelled, a durable one interrupted. */
#include <signal.h>
#include <stdlib.h>
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
};

static void on_signal(uv_signal_t *handle, int signo)
{
    struct wf_signals *signals = handle->data;
    struct wf_drive *drive = signals->drive;
    drive->signo = signo;
    /* From now on a signal has its usual effect: a second one ends the process at once. */
    for (size_t i = 0; i < NSIGNALS; i++)
        uv_signal_stop(&signals->handles[i]);
    if (drive->ephemeral)
        wf_engine_cancel(drive->engine);
    else
        wf_engine_interrupt(drive->engine, GRACE_MS);
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
    for (size_t i = 0; i < NSIGNALS; i++)
        uv_close((uv_handle_t *)&signals->handles[i], on_closed);
    while (signals->open)
        uv_run(loop, UV_RUN_NOWAIT);
    free(signals);
}
