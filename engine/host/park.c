/* park.c: a worker thread stands still while the loop does something for it. */
#include "base/log.h"
#include "host/host_priv.h"

struct parking {
    struct wf_call *call;
    void (*start)(struct wf_call *, void *arg);
    void *arg;
};

static void wake(struct wf_call *call, int rc)
{
    call->park = WF__PARK_WOKEN;
    call->park_rc = rc;
    pthread_cond_signal(&call->woken);
}

/* Loop thread. The parking is on the stack of the worker, who stays until this was here: an end of the call that comes
 * first wakes only who is WAITING. */
static void start_parked(void *arg)
{
    struct parking *parking = arg;
    struct wf_call *call = parking->call;
    bool over = atomic_load(&call->ended);

    pthread_mutex_lock(&call->lock);
    if (over)
        wake(call, -1);
    else
        call->park = WF__PARK_WAITING;
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
    wf_loop_post(call->hosting->settings.loop, start_parked, &parking);
    while (call->park != WF__PARK_WOKEN)
        pthread_cond_wait(&call->woken, &call->lock);
    call->park = WF__PARK_NONE;
    int rc = call->park_rc;
    pthread_mutex_unlock(&call->lock);
    return rc;
}

void wf__call_unpark(struct wf_call *call, int rc)
{
    pthread_mutex_lock(&call->lock);
    if (call->park == WF__PARK_WAITING)
        wake(call, rc);
    pthread_mutex_unlock(&call->lock);
}
