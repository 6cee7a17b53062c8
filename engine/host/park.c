/* park.c: a worker thread stands still while the loop does something for it. */
#include "base/log.h"
#include "host/host_priv.h"

struct parking {
    struct wf_call *call;
    void (*start)(struct wf_call *, void *arg);
    void *arg;
};

/* Under the lock. */
static void wake(struct wf_call *call, int rc)
{
    call->park = WF__PARK_WOKEN;
    call->park_rc = rc;
}

/* Loop thread. The parking is on the stack of the worker, who stays until this was here: an end of the call that comes
 * first wakes only who is WAITING. */
static void start_parked(void *arg)
{
    struct parking *parking = arg;
    struct wf_call *call = parking->call;
    bool over = atomic_load(&call->ended);

    pthread_mutex_lock(&call->lock);
    if (over) {
        wake(call, -1);
        pthread_cond_signal(&call->woken);
    } else {
        call->park = WF__PARK_WAITING;
    }
    pthread_mutex_unlock(&call->lock);
    if (!over)
        parking->start(call, parking->arg);
}

int wf__call_park(struct wf_call *call, void (*start)(struct wf_call *, void *arg), void *arg)
{
    struct parking parking = {call, start, arg};

    if (wf_loop_is_here(call->hosting->settings.loop) || !call->is_blocking) {
        wf_log(WF_LOGL_ERROR, "%s: a function that waits was called outside of a worker thread",
            wf__call_plugin_name(call));
        return -1;
    }
    if (atomic_load(&call->ended))
        return -1;
    pthread_mutex_lock(&call->lock);
    call->park = WF__PARK_ASKED;
    pthread_mutex_unlock(&call->lock); /* the loop takes it at once */
    wf_loop_post(call->hosting->settings.loop, start_parked, &parking);
    pthread_mutex_lock(&call->lock);
    while (call->park != WF__PARK_WOKEN)
        pthread_cond_wait(&call->woken, &call->lock);
    call->park = WF__PARK_NONE;
    int rc = call->park_rc;
    pthread_mutex_unlock(&call->lock);
    return rc;
}

/* Signals without the lock, else the worker wakes only to wait for it. Whoever calls this holds a reference, or is before
 * the end of the call, which holds one. */
void wf__call_unpark(struct wf_call *call, int rc)
{
    pthread_mutex_lock(&call->lock);
    bool waits = call->park == WF__PARK_WAITING;
    if (waits)
        wake(call, rc);
    pthread_mutex_unlock(&call->lock);
    if (waits)
        pthread_cond_signal(&call->woken);
}
