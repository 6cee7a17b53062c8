/* pc_gate.c: C-14, how fast requests may go: one gate per partner tenant and one per customer, for the whole process.
 *
 * A gate spreads requests by a theoretical arrival time (the leaky bucket in its cheapest form), lets a tenth of a
 * minute's budget through at once, and is shut until `pause_ms` when the service said Retry-After. Every 429 also adds
 * a little space between requests, which good answers take away again. Times are the host's clock. */
#include "pc_int.h"

#include <stdlib.h>

#define BUCKETS    1024
#define MAX_GATES  20000 /* customers beyond that have no gate of their own, only the partner's */
#define SLOWEST_US ((int64_t)2000000)
#define BURST_US   ((int64_t)6000000)

struct gate {
    struct gate *next;
    char *key;
    int64_t arrival_us; /* when the next request is due if they came evenly */
    int64_t space_us;   /* added by 429s */
    int64_t pause_ms;
};

static struct gate *buckets[BUCKETS]; /* guarded by pc__lock; never freed */
static size_t ngates;

static struct gate *gate_of(const char *key)
{
    uint32_t hash = 2166136261u;
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct gate **bucket = &buckets[hash % BUCKETS];
    for (struct gate *gate = *bucket; gate; gate = gate->next)
        if (strcmp(gate->key, key) == 0)
            return gate;
    if (ngates == MAX_GATES)
        return NULL;
    struct gate *gate = calloc(1, sizeof *gate);
    if (!gate || !(gate->key = strdup(key))) {
        free(gate);
        return NULL;
    }
    gate->next = *bucket;
    *bucket = gate;
    ngates++;
    return gate;
}

/* Graph counts for itself, in each customer's tenant. */
static const char *gate_key(struct pc *pc, const struct pc_request *req)
{
    if (req->flags & PC_GRAPH)
        return pc_text(pc, "graph %s %s", pc->set.graph_root, req->customer);
    return pc_text(pc, "%s %s", pc->set.api_root, pc->tenant);
}

/* That of the customer alone; NULL: it has none. Under pc__lock. */
static struct gate *own_gate(struct pc *pc, const struct pc_request *req, const char *key)
{
    return req->customer && !(req->flags & PC_GRAPH) ? gate_of(pc_text(pc, "%s %s", key, req->customer)) : NULL;
}

/* The published limit is for customers, subscriptions, orders and carts; users and licences have none of theirs. */
static bool counts(const struct pc_request *req)
{
    return !(req->flags & PC_GRAPH) && !strstr(req->path, "/users") && !strstr(req->path, "/subscribedskus");
}

/* Takes a place in the queue of a gate: how long to wait for it. burst_us: so much of the time to come may be used at once.
 * open_ms: before that nobody sends. */
static int64_t enter(struct gate *gate, int64_t now_ms, int64_t open_ms, int64_t rate, int64_t burst_us)
{
    int64_t space_us = gate->space_us + (rate ? 60000000 / rate : 0), now_us = now_ms * 1000;
    int64_t first_us = (open_ms > now_ms ? open_ms : now_ms) * 1000, due_us;
    if (gate->arrival_us < first_us)
        gate->arrival_us = first_us;
    if (!space_us) /* one that no limit counts does not queue behind those that it does */
        return (first_us - now_us) / 1000;
    due_us = gate->arrival_us - (gate->space_us ? 0 : burst_us);
    gate->arrival_us += space_us;
    return ((due_us > first_us ? due_us : first_us) - now_us + 999) / 1000;
}

/* A place in both queues: how long to wait for the later one. */
static int64_t take_place(struct pc *pc, const struct pc_request *req, struct gate *gate, struct gate *own)
{
    int64_t rate = counts(req) ? pc->set.rate : 0, now = pc_now(pc);
    int64_t wait = enter(gate, now, gate->pause_ms, rate, BURST_US);
    int64_t wait_own = own ? enter(own, now, gate->pause_ms, pc->set.rate_per_customer, 0) : 0;
    return wait > wait_own ? wait : wait_own;
}

int pc__gate_wait(struct pc *pc, const struct pc_request *req)
{
    const char *key = gate_key(pc, req);
    pthread_mutex_lock(&pc__lock);
    struct gate *gate = gate_of(key), *own = own_gate(pc, req, key);
    int64_t wait = gate ? take_place(pc, req, gate, own) : 0;
    pthread_mutex_unlock(&pc__lock);
    while (wait > 0) {
        if (pc_sleep(pc, wait) != 0)
            return -1;
        pthread_mutex_lock(&pc__lock);
        /* Somebody shut the gate meanwhile: when it opens, those who waited must not all go at once. */
        wait = gate->pause_ms > pc_now(pc) ? take_place(pc, req, gate, own) : 0;
        pthread_mutex_unlock(&pc__lock);
    }
    return 0;
}

/* Whose limit it was the service does not say: nobody sends until then, and who asked too often asks less often. */
void pc__gate_pause(struct pc *pc, const struct pc_request *req, int64_t ms)
{
    const char *key = gate_key(pc, req);
    pthread_mutex_lock(&pc__lock);
    struct gate *gate = gate_of(key), *own = own_gate(pc, req, key);
    int64_t until = pc_now(pc) + ms;
    if (gate && until > gate->pause_ms)
        gate->pause_ms = until;
    if (own)
        gate = own;
    if (gate) {
        gate->space_us = gate->space_us ? gate->space_us * 2 : 20000;
        if (gate->space_us > SLOWEST_US)
            gate->space_us = SLOWEST_US;
    }
    pthread_mutex_unlock(&pc__lock);
}

static void relax(struct gate *gate)
{
    if (!gate || !gate->space_us)
        return;
    gate->space_us -= gate->space_us / 16;
    if (gate->space_us < 1000)
        gate->space_us = 0;
}

void pc__gate_passed(struct pc *pc, const struct pc_request *req)
{
    const char *key = gate_key(pc, req);
    pthread_mutex_lock(&pc__lock);
    relax(gate_of(key));
    relax(own_gate(pc, req, key));
    pthread_mutex_unlock(&pc__lock);
}
