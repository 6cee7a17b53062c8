/* keylock.c: locks on keys. See keylock.h. */
#include "config.h" /* _GNU_SOURCE: twalk_r */

#include "journal/keylock.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct waiter {
    struct waiter *next;
    struct wf_run_ref *ref;
    char *path;
};

struct wf__keylock {
    char *key;
    struct waiter *holder, *first; /* holder NULL: it is wanted, and in the list of those */
    uint64_t round;                /* in which it was tried last */
    struct wf__keylock *prev, *next;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct wf__keylock *)a)->key, ((const struct wf__keylock *)b)->key);
}

static struct wf__keylock *find(struct wf__keylocks *locks, const char *key)
{
    struct wf__keylock wanted = {.key = (char *)(uintptr_t)key};
    struct wf__keylock **found = tfind(&wanted, &locks->by_key, by_key);

    return found ? *found : NULL;
}

static void want(struct wf__keylocks *locks, struct wf__keylock *lock)
{
    lock->next = NULL;
    lock->prev = locks->wanted_last;
    if (lock->prev)
        lock->prev->next = lock;
    else
        locks->wanted = lock;
    locks->wanted_last = lock;
}

static void want_no_more(struct wf__keylocks *locks, struct wf__keylock *lock)
{
    if (lock->prev)
        lock->prev->next = lock->next;
    else
        locks->wanted = lock->next;
    if (lock->next)
        lock->next->prev = lock->prev;
    else
        locks->wanted_last = lock->prev;
}

static void waiter_free(struct waiter *waiter)
{
    free(waiter->path);
    free(waiter);
}

void wf__keylocks_ask(struct wf__keylocks *locks, struct wf_run_ref *ref, const char *path, const char *key)
{
    struct waiter *waiter = wf_calloc(1, sizeof *waiter), **link;
    struct wf__keylock *lock = find(locks, key);

    waiter->ref = ref;
    waiter->path = wf_strdup(path);
    if (!lock) {
        lock = wf_calloc(1, sizeof *lock);
        lock->key = wf_strdup(key);
        (void)tsearch(lock, &locks->by_key, by_key);
        want(locks, lock);
    }
    for (link = &lock->first; *link; link = &(*link)->next)
        ;
    *link = waiter;
}

/* Nobody holds it and nobody waits: it is none. */
static void forget_idle(struct wf__keylocks *locks, struct wf__keylock *lock)
{
    if (lock->holder || lock->first)
        return;
    want_no_more(locks, lock);
    (void)tdelete(lock, &locks->by_key, by_key);
    free(lock->key);
    free(lock);
}

/* path NULL: whatever the activation has there. */
static void drop_of(
    struct wf__keylocks *locks, struct wf__keylock *lock, const struct wf_run_ref *ref, const char *path)
{
    struct waiter **link = &lock->first;

    while (*link) {
        struct waiter *waiter = *link;

        if (waiter->ref != ref || (path && strcmp(waiter->path, path) != 0)) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        waiter_free(waiter);
    }
    if (lock->holder && lock->holder->ref == ref && (!path || strcmp(lock->holder->path, path) == 0)) {
        if (locks->drop)
            locks->drop(ref->backend, lock->key);
        waiter_free(lock->holder);
        lock->holder = NULL;
        want(locks, lock);
    }
    forget_idle(locks, lock);
}

void wf__keylocks_drop(struct wf__keylocks *locks, struct wf_run_ref *ref, const char *path, const char *key)
{
    struct wf__keylock *lock = find(locks, key);

    if (lock)
        drop_of(locks, lock, ref, path);
}

struct gathered {
    struct wf__keylock **items;
    size_t count, cap;
};

static void gather(const void *node, VISIT visit, void *arg)
{
    struct gathered *all = arg;

    if (visit != postorder && visit != leaf)
        return;
    if (all->count == all->cap) {
        all->cap = all->cap * 2 + 16;
        all->items = wf_realloc(all->items, all->cap * sizeof(struct wf__keylock *));
    }
    all->items[all->count++] = *(struct wf__keylock *const *)node;
}

void wf__keylocks_drop_all(struct wf__keylocks *locks, const struct wf_run_ref *ref)
{
    struct gathered all = {NULL, 0, 0};

    twalk_r(locks->by_key, gather, &all);
    for (size_t i = 0; i < all.count; i++)
        drop_of(locks, all.items[i], ref, NULL);
    free(all.items);
}

/* The first who can still use it. */
static struct waiter **first_able(struct wf__keylock *lock)
{
    struct waiter **link = &lock->first;

    while (*link && ((*link)->ref->lost || (*link)->ref->ending))
        link = &(*link)->next;
    return link;
}

/* 1: somebody was told; 0: nobody wants it now; -1: another process has it. */
static int grant_one(struct wf__keylocks *locks, struct wf__keylock *lock)
{
    struct waiter **link = first_able(lock), *waiter = *link;

    if (!waiter)
        return 0;
    if (locks->take && locks->take(waiter->ref->backend, lock->key) != 0)
        return -1;
    *link = waiter->next;
    waiter->next = NULL;
    lock->holder = waiter;
    want_no_more(locks, lock);
    waiter->ref->engine->fired(waiter->ref->engine_arg, waiter->ref, waiter->path);
    return 1;
}

/* The engine may change the list while it is called: begin again after each, and try none twice. */
bool wf__keylocks_grant(struct wf__keylocks *locks)
{
    struct wf__keylock *lock = locks->wanted;
    bool elsewhere = false;

    locks->round++;
    while (lock) {
        int told = 0;

        if (lock->round != locks->round) {
            lock->round = locks->round;
            told = grant_one(locks, lock);
        }
        elsewhere = elsewhere || told < 0;
        lock = told > 0 ? locks->wanted : lock->next;
    }
    return elsewhere;
}
