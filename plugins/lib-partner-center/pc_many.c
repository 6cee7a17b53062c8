/* pc_many.c: several reads at once, a few in flight, for lists of customers and users.
 *
 * The first round goes out side by side. Whatever did not come back as a good answer is then asked again one by one,
 * with all the patience of pc_call: trouble is rare, and slow is right when there is some. */
#include "pc_int.h"

#include <time.h>

#define WIDTH 8

struct batch {
    pthread_mutex_t lock;
    pthread_cond_t done;
    size_t pending; /* guarded by lock, as are the responses below */
};

struct slot {
    struct batch *batch;
    struct pc *pc;
    const struct pc_request *req;
    const struct wf_http_response *http;
    bool running;
};

static void finished(struct wf_step *step, const struct wf_http_response *http, void *arg)
{
    struct slot *slot = arg;
    (void)step;
    if (http->result == WF_HTTP_ANSWERED && http->status == 429) { /* for those that are not sent yet, too */
        int64_t asked = pc__retry_after(slot->pc, http);
        pc__gate_pause(slot->pc, slot->req, asked >= 0 ? asked : 1000);
    }
    pthread_mutex_lock(&slot->batch->lock);
    slot->http = http;
    slot->running = false;
    slot->batch->pending--;
    pthread_cond_signal(&slot->batch->done);
    pthread_mutex_unlock(&slot->batch->lock);
}

/* Waits until fewer than `limit` are in flight. The batch lives in the step's arena, so a step that stops may leave. */
static int wait_below(struct pc *pc, struct batch *batch, size_t limit)
{
    int rc = 0;
    pthread_mutex_lock(&batch->lock);
    while (batch->pending >= limit && rc == 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&batch->done, &batch->lock, &until);
        if (batch->pending >= limit && pc->host->is_cancelled(pc->step))
            rc = -1;
    }
    pthread_mutex_unlock(&batch->lock);
    return rc ? pc_fault(pc, "timeout", 0, "Stopped while waiting", "The step was cancelled while it read lists.") : 0;
}

static int start(struct pc *pc, const struct pc_request *req, struct slot *slot)
{
    struct pc__wire wire;
    const char *key = pc_text(pc, "%s\n%p", req->path, (void *)slot);
    if (pc__gate_wait(pc, req) || pc__wire_make(pc, req, pc_uuid5(pc, pc->correlation, key), &wire))
        return -1;
    pthread_mutex_lock(&slot->batch->lock);
    slot->running = true;
    slot->batch->pending++;
    pthread_mutex_unlock(&slot->batch->lock);
    pc->host->http_start(pc->step, &wire.http, finished, slot);
    return 0;
}

/* The tree of a good answer, or NULL: then it is asked again by pc_call. */
static cJSON *harvest(struct pc *pc, struct slot *slot)
{
    const struct wf_http_response *http = slot->http;
    cJSON *tree = NULL;
    if (!http)
        return NULL;
    if (http->result == WF_HTTP_ANSWERED && http->status == 200)
        tree = pc_keep(pc, wf_cjson_parse(http->body));
    pc->host->http_release(pc->step, http);
    return tree;
}

int pc_get_many(
    struct pc *pc, const struct pc_request *reqs, size_t n, cJSON **ret_replies, struct pc_fault *ret_faults)
{
    struct batch *batch = pc->host->alloc(pc->step, sizeof *batch);
    struct slot *slots = pc->host->alloc(pc->step, (n ? n : 1) * sizeof *slots);
    if (!batch || !slots)
        return pc__fault_memory(pc);
    pthread_mutex_init(&batch->lock, NULL);
    pthread_cond_init(&batch->done, NULL);
    for (size_t i = 0; i < n; i++) {
        slots[i] = (struct slot){.batch = batch, .pc = pc, .req = &reqs[i]};
        if (wait_below(pc, batch, WIDTH))
            return -1;
        if (start(pc, &reqs[i], &slots[i]))
            break; /* no token, or stopped: the second round says so for each */
    }
    if (wait_below(pc, batch, 1))
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct pc_reply reply;
        ret_faults[i] = (struct pc_fault){0};
        ret_replies[i] = harvest(pc, &slots[i]);
        if (ret_replies[i])
            continue;
        if (pc->host->is_cancelled(pc->step))
            return pc_fault(pc, "timeout", 0, "Stopped while waiting", "The step was cancelled while it read lists.");
        if (pc_call(pc, &reqs[i], &reply) == 0)
            ret_replies[i] = reply.json ? reply.json : pc_keep(pc, cJSON_CreateObject());
        else
            ret_faults[i] = pc->fault;
    }
    return 0;
}
