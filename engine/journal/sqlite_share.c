/* sqlite_share.c: what the runs of a journal share, those of other processes too: token buckets, which are rows of the
 * table rate, and locks on keys and claims, which are bytes of the lock file beside those of runs. Loop thread. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/sqlite_backend.h"
#include "journal/sqlite_lock.h"

#define FAR_MS ((int64_t)365 * 24 * 3600 * 1000)

/* ---- locks ---- */

/* No run has such an id. */
static char *name_of(const char *key)
{
    return wf_asprintf("lock %s", key);
}

static int take(struct wf_backend *backend, const char *key)
{
    char *name = name_of(key);
    int rc = wf__lock_take(backend->lock_fd, name, NULL);

    free(name);
    return rc;
}

static void drop(struct wf_backend *backend, const char *key)
{
    char *name = name_of(key);

    wf__lock_drop(backend->lock_fd, name);
    free(name);
}

void wf__share_init(struct wf_backend *backend)
{
    backend->locks.take = take;
    backend->locks.drop = drop;
}

static void set_elsewhere(struct wf_backend *backend, bool elsewhere)
{
    if (elsewhere != backend->elsewhere)
        wf_loop_busy(backend->settings.loop, elsewhere ? 1 : -1);
    backend->elsewhere = elsewhere;
}

void wf__share_done(struct wf_backend *backend)
{
    set_elsewhere(backend, false);
    wf__buckets_done(&backend->buckets);
}

void wf__share_grant(struct wf_backend *backend)
{
    set_elsewhere(backend, wf__keylocks_grant(&backend->locks));
}

void wf__sqlite_keylock(struct wf_run_ref *ref, const char *path, const char *key)
{
    wf__keylocks_ask(&ref->backend->locks, ref, path, key);
    wf__bell_ring(ref->backend->bell);
}

void wf__sqlite_keyunlock(struct wf_run_ref *ref, const char *path, const char *key)
{
    wf__keylocks_drop(&ref->backend->locks, ref, path, key);
    wf__bell_ring(ref->backend->bell);
}

/* ---- claims ---- */

int wf__sqlite_claim(struct wf_backend *backend, const char *name, struct wf_err *err)
{
    char *claim = wf_asprintf("claim %s", name); /* no run and no key of a lock has such a name */
    int rc = wf__lock_take(backend->lock_fd, claim, err);

    free(claim);
    return rc;
}

void wf__sqlite_release(struct wf_backend *backend, const char *name)
{
    char *claim = wf_asprintf("claim %s", name);

    wf__lock_drop(backend->lock_fd, claim);
    free(claim);
}

/* ---- rates ---- */

void wf__sqlite_rate(struct wf_run_ref *ref, const char *path, const struct wf_rate *rate)
{
    int64_t now_ms = wf_loop_now_ms(ref->loop);

    if (wf_loop_is_virtual(ref->loop)) {
        wf__ref_timer(ref, path, wf__bucket_take(&ref->backend->buckets, rate, now_ms));
        return;
    }
    wf__ref_timer(ref, path, now_ms + FAR_MS); /* until the journal thread knows better, or it is stopped */
    wf__run_push((struct wf__sqlite_run *)ref,
        &(struct wf__item){.kind = WF__ITEM_TOKEN,
            .interval_us = rate->interval_us,
            .burst = rate->burst,
            .row = {.path = path, .at_ms = now_ms, .json = {rate->key, strlen(rate->key)}}});
}

void wf__share_took(struct wf_run_ref *ref, const struct wf__item *item)
{
    struct wf_rate rate = {.interval_us = item->interval_us, .burst = item->burst};

    if (item->rc == 0)
        wf__ref_timer_move(ref, item->row.path, wf__bucket_wake_ms(&rate, item->number, item->row.at_ms));
}
