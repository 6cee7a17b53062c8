/* bell.c: see bell.h. */
#include "journal/bell.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "loop/loop.h"

struct wf__bell {
    struct wf_loop *loop;
    void (*answer)(void *arg); /* NULL: the owner is gone */
    void *arg;
    atomic_bool ringing; /* a post is under way; it frees the bell when the owner is gone */
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
    if (bell->answer)
        bell->answer(bell->arg);
    else
        free(bell);
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
    if (atomic_load(&bell->ringing))
        bell->answer = NULL;
    else
        free(bell);
}
