/* park.c: a worker thread stands still while the loop does something for it. */
#include "base/log.h"
#include "host/host_priv.h"

struct parking {
    struct wf_call *call;
    void (*start)(struct wf_call *, void *arg);
    void *arg;
};

/* Loop thread. */
static void wake(struct wf_call *call, int rc)
{
    call->park_rc = rc;
    sem_post(&call->woken);
}

/* Loop thread. The parking is on the stack of the worker, who stays until this was here: an end of the call that comes
 * first wakes nobody, for nobody is parked yet. */
static void start_parked(void *arg)
{
    struct parking *parking = arg;
    struct wf_call *call = parking->call;

    if (atomic_load(&call->ended)) {
        wake(call, -1);
        return;
    }
    call->is_parked = true;
    parking->start(call, parking->arg);
}

/* A semaphore and no condition: it costs one system call to sleep and one to wake, and the worker comes out of it without
 * a lock to fight for. */
int wf__call_park(struct wf_call *call, void (*start)(struct wf_call *, void *arg), void *arg)
{
    struct parking parking = {call, start, arg};

    if (wf_loop_is_here(call->hosting->settings.loop) || !call->is_blocking) {
        wf_log(WF_LOGL_ERROR, "%s: the step %s called a function that waits outside of a worker thread",
            wf__call_plugin_name(call), call->entry->public.type->name);
        return -1;
    }
    if (atomic_load(&call->ended))
        return -1;
    wf_loop_post(call->hosting->settings.loop, start_parked, &parking);
    while (sem_wait(&call->woken) != 0)
        continue; /* a signal */
    return call->park_rc;
}

/* Whoever calls this holds a reference, or is before the end of the call, which holds one. */
void wf__call_unpark(struct wf_call *call, int rc)
{
    if (!call->is_parked)
        return;
    call->is_parked = false;
    wake(call, rc);
}
