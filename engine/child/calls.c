/* calls.c: the one call of this process: from its frame to the moment when the next may come. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "child/child.h"

#define WORKER_STACK ((size_t)1 << 20)

/* ---- the function ---- */

typedef void (*step_fn)(struct wf_step *, void *state);

static step_fn function_of(const struct wf_child_call *call)
{
    switch (call->mode) {
    case WF_MODE_PLAN:
        return call->type->plan;
    case WF_MODE_VERIFY:
        return call->type->verify;
    case WF_MODE_UNDO:
        return call->type->undo;
    case WF_MODE_PLAN_UNDO:
        return WF_STEP_HAS(call->type, plan_undo) ? call->type->plan_undo : NULL;
    default:
        return call->type->run;
    }
}

/* Without the lock, on the thread that the step's flags ask for. */
static void run_step(void)
{
    struct wf_child_call *call = &wf_child.call;
    uint32_t number = call->number;
    step_fn function = function_of(call);

    if (function)
        function((struct wf_step *)(uintptr_t)number, wf_child.state);
    pthread_mutex_lock(&wf_child.lock);
    call->returned = true;
    if (call->open && call->is_blocking) { /* nobody is left who could answer */
        call->open = false;
        wf_child_send(&(struct wf_wire){.kind = WF_WIRE_UNANSWERED, .call = number});
    }
    wf_child_call_ended();
    pthread_mutex_unlock(&wf_child.lock);
}

static void *work(void *arg)
{
    (void)arg;
    wf_child_watch_stack();
    for (;;) {
        pthread_mutex_lock(&wf_child.lock);
        while (!wf_child.has_work)
            pthread_cond_wait(&wf_child.changed, &wf_child.lock);
        wf_child.has_work = false;
        pthread_mutex_unlock(&wf_child.lock);
        run_step();
    }
    return NULL;
}

static void give_to_worker(void)
{
    if (!wf_child.has_worker) {
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, WORKER_STACK);
        if (pthread_create(&wf_child.worker, &attr, work, NULL) != 0)
            abort(); /* the limits are too tight for anything */
        pthread_attr_destroy(&attr);
        wf_child.has_worker = true;
    }
    pthread_mutex_lock(&wf_child.lock);
    wf_child.has_work = true;
    pthread_cond_broadcast(&wf_child.changed);
    pthread_mutex_unlock(&wf_child.lock);
}

/* ---- begin and end ---- */

static struct wf_bytes copy(struct wf_arena *arena, struct wf_wire_text text)
{
    return (struct wf_bytes){wf_arena_memdup(arena, text.ptr ? text.ptr : "", text.len), text.len};
}

static const struct wf_step_type *find_step(const char *name)
{
    const struct wf_step_type *const *type = wf_child.plugin->steps;

    while (*type && strcmp((*type)->name, name) != 0)
        type++;
    return *type;
}

static void add_memos(struct wf_child_call *call, struct wf_wire_text memos)
{
    struct wf_wire_pairs pairs = {NULL};
    struct wf_bytes kept = copy(call->texts, memos);

    while (wf_wire_next_pair((struct wf_wire_text){kept.ptr, kept.len}, &pairs)) {
        struct wf_child_memo *memo = wf_arena_alloc(call->texts, sizeof *memo);
        *memo = (struct wf_child_memo){call->memos, pairs.name, {pairs.value, strlen(pairs.value)}};
        call->memos = memo;
    }
}

/* The limit counts from what the calls before have used. */
static void limit_processor_time(void)
{
    struct rusage used;
    struct rlimit limit;

    if (wf_child.cpu_s <= 0 || getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + wf_child.cpu_s);
    setrlimit(RLIMIT_CPU, &limit);
}

void wf_child_call_begin(const struct wf_wire *frame)
{
    struct wf_arena *texts = wf_arena_new(SIZE_MAX);
    const struct wf_step_type *type = find_step(frame->text[0].ptr ? frame->text[0].ptr : "");

    if (!type)
        abort(); /* the file was exchanged while wfrun runs */
    pthread_mutex_lock(&wf_child.lock);
    struct wf_child_call *call = &wf_child.call;
    *call = (struct wf_child_call){
        .number = frame->call,
        .type = type,
        .mode = (uint32_t)frame->n[0],
        .attempt = (uint32_t)frame->n[1],
        .deadline_ms = frame->n[2],
        .intent_ms = frame->n[3],
        .input = copy(texts, frame->text[1]),
        .run_id = copy(texts, frame->text[2]).ptr,
        .task = copy(texts, frame->text[3]).ptr,
        .key = copy(texts, frame->text[4]).ptr,
        .is_blocking = (type->flags & WF_STEP_BLOCKING) != 0,
        .open = true,
        .texts = texts,
    };
    add_memos(call, frame->text[5]);
    pthread_mutex_unlock(&wf_child.lock);
    limit_processor_time();
    if (call->is_blocking)
        give_to_worker();
    else
        run_step();
}

void wf_child_call_ended(void)
{
    struct wf_child_call *call = &wf_child.call;
    uint32_t number = call->number;

    if (call->open || !call->returned || call->number == 0)
        return;
    while (call->exchanges) {
        struct wf_child_exchange *exchange = call->exchanges;
        call->exchanges = exchange->next;
        free(exchange);
    }
    wf_child_responses_free();
    wf_arena_free(call->texts);
    wf_arena_free(call->arena);
    *call = (struct wf_child_call){.number = 0};
    wf_child_send(&(struct wf_wire){.kind = WF_WIRE_RETURNED, .call = number});
}

void wf_child_call_cancel(uint32_t number)
{
    struct wf_child_call *call = &wf_child.call;

    pthread_mutex_lock(&wf_child.lock);
    void (*cancel)(struct wf_step *, void *) = NULL;
    if (number == call->number && call->open) {
        call->open = false;
        cancel = call->type->cancel;
        pthread_cond_broadcast(&wf_child.changed);
    }
    pthread_mutex_unlock(&wf_child.lock);
    if (cancel) /* its handle is open for as long as its function runs */
        cancel((struct wf_step *)(uintptr_t)number, wf_child.state);
    pthread_mutex_lock(&wf_child.lock);
    if (number == call->number)
        wf_child_call_ended();
    pthread_mutex_unlock(&wf_child.lock);
}

/* ---- waiting ---- */

bool wf_child_call_wait(struct wf_wire *frame)
{
    struct wf_child_call *call = &wf_child.call;

    if (!call->is_blocking || !wf_child.has_worker || !pthread_equal(pthread_self(), wf_child.worker)) {
        wf_child_log(
            WF_LOG_ERROR, "the step %s called a function that waits outside of a worker thread", call->type->name);
        return false;
    }
    frame->call = call->number;
    call->has_reply = false;
    if (!call->open || !wf_child_send(frame))
        return false;
    call->is_waiting = true;
    while (call->open && !call->has_reply)
        pthread_cond_wait(&wf_child.changed, &wf_child.lock);
    call->is_waiting = false;
    return call->has_reply;
}

void wf_child_call_reply(const struct wf_wire *frame)
{
    pthread_mutex_lock(&wf_child.lock);
    struct wf_child_call *call = &wf_child.call;
    if (frame->call == call->number && call->is_waiting) {
        call->reply_rc = (int32_t)frame->n[0];
        call->has_reply = true;
        pthread_cond_broadcast(&wf_child.changed);
    }
    pthread_mutex_unlock(&wf_child.lock);
}
