/* bell.c: see bell.h. */
#include "journal/bell.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "loop/loop.h"

struct wf__bell {
    struct wf_loop *loop;
    void (*answer)(void *arg);
    void *arg;
    atomic_bool ringing; /* a post is under way */
};

struct wf__bell *wf__bell_new(struct wf_loop *loop, void (*answer)(void *arg), void *arg)
{
    struct wf__bell *bell = wf_calloc(1, sizeof *bell);

    bell->loop = loop;
    bell->answer = answer;
    bell->arg = arg;
    return bell;
}

static void rung(void *arg)
{
    struct wf__bell *bell = arg;

    /* Before the answer: what is rung for while it works needs another one. */
    atomic_store(&bell->ringing, false);
    bell->answer(bell->arg);
}

void wf__bell_ring(struct wf__bell *bell)
{
    if (!atomic_exchange(&bell->ringing, true))
        wf_loop_post(bell->loop, rung, bell);
}

void wf__bell_free(struct wf__bell *bell)
{
    if (!bell)
        return;
    wf_loop_unpost(bell->loop, rung, bell);
    free(bell);
}
