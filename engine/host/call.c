/* call.c: the life of a call: its place in the queues, its thread, its deadline, its end.
 *
 *     start -> [gate] -> run on the loop thread ---------> answer, or deadline, or cancel -> end
 *                     -> run on a worker -> answer ... -> end; the worker's place is free when run returns
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/host_priv.h"

#define DEFAULT_TIMEOUT_MS ((int64_t)10 * 60 * 1000)
#define SLOT_BITS          20 /* most open calls; the rest of a handle is the generation */

/* ---- handles ---- */

struct slot {
    struct wf_call *call; /* NULL: free */
    uintptr_t generation;
    size_t next_free;
};

static struct {
    pthread_mutex_t lock; /* guards all below */
    struct slot *slots;   /* [0] is not used: a handle is never 0 */
    size_t count, cap, first_free;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER, .count = 1};

/* 0: no slot is left. */
static uintptr_t open_handle(struct wf_call *call)
{
    uintptr_t handle = 0;

    pthread_mutex_lock(&table.lock);
    size_t index = table.first_free;
    if (!index && table.count < (size_t)1 << SLOT_BITS) {
        if (table.count >= table.cap) {
            size_t cap = table.cap ? table.cap * 2 : 64;
            table.slots = wf_realloc(table.slots, cap * sizeof *table.slots);
            memset(table.slots + table.cap, 0, (cap - table.cap) * sizeof *table.slots);
            table.cap = cap;
        }
        index = table.count++;
    } else if (index) {
        table.first_free = table.slots[index].next_free;
    }
    if (index) {
        struct slot *slot = &table.slots[index];
        slot->call = call;
        handle = ++slot->generation << SLOT_BITS | index;
    }
    pthread_mutex_unlock(&table.lock);
    return handle;
}

static void close_handle(uintptr_t handle)
{
    size_t index = handle & (((size_t)1 << SLOT_BITS) - 1);

    if (!handle)
        return;
    pthread_mutex_lock(&table.lock);
    table.slots[index].call = NULL;
    table.slots[index].next_free = table.first_free;
    table.first_free = index;
    pthread_mutex_unlock(&table.lock);
}

struct wf_call *wf__call_enter(struct wf_step *step)
{
    uintptr_t handle = (uintptr_t)step;
    size_t index = handle & (((size_t)1 << SLOT_BITS) - 1);
    struct wf_call *call = NULL;

    pthread_mutex_lock(&table.lock);
    if (index && index < table.count && (table.slots[index].generation << SLOT_BITS | index) == handle)
        call = table.slots[index].call;
    if (call)
        wf__call_ref(call);
    pthread_mutex_unlock(&table.lock);
    return call;
}

struct wf_step *wf__call_step(const struct wf_call *call)
{
    return (struct wf_step *)call->handle;
}

/* ---- memory ---- */

void wf__call_ref(struct wf_call *call)
{
    atomic_fetch_add(&call->refs, 1);
}

void wf__call_unref(struct wf_call *call)
{
    if (!call || atomic_fetch_sub(&call->refs, 1) > 1)
        return;
    wf__responses_free(call->responses);
    wf_arena_free(call->texts);
    wf_arena_free(call->arena);
    wf_arena_free(call->answer_texts);
    sem_destroy(&call->woken);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

static const char *copy_text(struct wf_arena *arena, const char *text)
{
    return wf_arena_strdup(arena, text ? text : "");
}

static struct wf_bytes copy_bytes(struct wf_arena *arena, struct wf_bytes bytes)
{
    return (struct wf_bytes){wf_arena_memdup(arena, bytes.ptr ? bytes.ptr : "", bytes.len), bytes.len};
}

static struct wf_call *call_new(struct wf_hosting *hosting, const struct wf_call_request *request)
{
    struct wf_call *call = wf_calloc(1, sizeof *call);
    struct wf_arena *texts = wf_arena_new(SIZE_MAX);

    atomic_init(&call->refs, 1);
    call->hosting = hosting;
    call->entry = wf__container_of(request->entry, struct wf__entry, public);
    call->texts = texts;
    call->request = *request;
    call->request.input = copy_bytes(texts, request->input);
    call->request.run_id = copy_text(texts, request->run_id);
    call->request.task = copy_text(texts, request->task);
    call->request.key = copy_text(texts, request->key);
    for (size_t i = 0; i < request->nmemos; i++) {
        struct wf__memo *memo = wf_arena_alloc(texts, sizeof *memo);
        *memo = (struct wf__memo){
            call->memos, copy_text(texts, request->memos[i].name), copy_bytes(texts, request->memos[i].json)};
        call->memos = memo;
    }
    call->is_blocking = (request->entry->type->flags & WF_STEP_BLOCKING) && !call->entry->plugin->apart;
    pthread_mutex_init(&call->lock, NULL);
    sem_init(&call->woken, 0, 0);
    return call;
}

const char *wf__call_plugin_name(const struct wf_call *call)
{
    return call->entry->public.plugin->name;
}

/* ---- gates ---- */

static void begin(struct wf_call *call);

static bool is_full(const struct wf__gate *gate)
{
    return gate->most > 0 && gate->running >= gate->most;
}

static void queue_at(struct wf__gate *gate, struct wf_call *call)
{
    call->next_queued = NULL;
    if (gate->last)
        gate->last->next_queued = call;
    else
        gate->first = call;
    gate->last = call;
}

/* Consumes a reference. */
static void admit(struct wf_call *call)
{
    struct wf__gate *plugin_gate = &call->entry->plugin->gate;

    if (is_full(&call->entry->gate)) {
        queue_at(&call->entry->gate, call);
    } else if (is_full(plugin_gate)) {
        queue_at(plugin_gate, call);
    } else {
        call->entry->gate.running++;
        plugin_gate->running++;
        call->has_gate = true;
        begin(call);
        wf__call_unref(call);
    }
}

static void admit_next(struct wf__gate *gate)
{
    while (gate->first && !is_full(gate)) {
        struct wf_call *call = gate->first;
        gate->first = call->next_queued;
        if (!gate->first)
            gate->last = NULL;
        if (atomic_load(&call->ended)) /* while it waited */
            wf__call_unref(call);
        else
            admit(call);
    }
}

static void leave_gates(struct wf_call *call)
{
    struct wf__entry *entry = call->entry;

    if (!call->has_gate)
        return;
    call->has_gate = false;
    entry->gate.running--;
    entry->plugin->gate.running--;
    admit_next(&entry->gate);
    admit_next(&entry->plugin->gate);
}

/* ---- running ---- */

typedef void (*step_fn)(struct wf_step *, void *state);

static const char *const modes[] = {"run", "plan", "verify", "undo", "plan_undo"};
static _Thread_local struct wf_call_here here;

const struct wf_call_here *wf_call_here(void)
{
    return &here;
}

struct wf_call_here wf__hand_over(const struct wf__entry *entry, const char *what)
{
    struct wf_call_here before = here;

    if (!entry->plugin->apart) /* else its slots are ours */
        here = (struct wf_call_here){entry->public.plugin->name, entry->public.type->name, what};
    return before;
}

void wf__take_back(struct wf_call_here before)
{
    here = before;
}

static step_fn function_of(const struct wf_call *call)
{
    const struct wf_step_type *type = call->entry->public.type;

    switch (call->request.mode) {
    case WF_MODE_PLAN:
        return type->plan;
    case WF_MODE_VERIFY:
        return type->verify;
    case WF_MODE_UNDO:
        return type->undo;
    case WF_MODE_PLAN_UNDO:
        return WF_STEP_HAS(type, plan_undo) ? type->plan_undo : NULL;
    default:
        return type->run;
    }
}

static void enter_step(struct wf_call *call)
{
    struct wf_call_here before = wf__hand_over(call->entry, modes[call->request.mode]);
    function_of(call)(wf__call_step(call), call->entry->plugin->state);
    wf__take_back(before);
}

/* The plugin, or the host in its place, has nothing more to do with the call. */
static void let_go(struct wf_call *call)
{
    close_handle(call->handle);
    leave_gates(call);
}

static void work(struct wf_job *job)
{
    struct wf_call *call = wf__container_of(job, struct wf_call, job);

    if (atomic_load(&call->ended)) /* while it waited for a thread: what it would do now nobody would hear of */
        return;
    enter_step(call);
}

static void work_done(struct wf_job *job)
{
    struct wf_call *call = wf__container_of(job, struct wf_call, job);

    call->is_on_worker = false;
    if (atomic_load(&call->ended)) {
        let_go(call);
    } else { /* its answer would have been posted before this */
        char detail[300];
        snprintf(detail, sizeof detail, "the step %s of the plugin %s returned without an answer",
            call->entry->public.type->name, wf__call_plugin_name(call));
        wf__call_fail(call, "runtime", 500, "No answer", detail);
    }
    wf__call_unref(call);
}

static void begin_on_worker(struct wf_call *call)
{
    call->job = (struct wf_job){.work = work, .done = work_done};
    if (wf_pool_submit(call->hosting->settings.pool, &call->job) == 0) {
        call->is_on_worker = true;
        wf__call_ref(call);
        return;
    }
    struct wf_failure failure = {.size = sizeof failure,
        .title = "Too many calls",
        .detail = "no worker thread could be started, or too many calls wait for one: lower the concurrency"};
    wf__answer_fail(wf__call_step(call), &failure);
}

static void begin_here(struct wf_call *call)
{
    /* Other threads of the plugin may be at it: no jump of the clock until it has answered. */
    call->holds_busy = true;
    wf_loop_busy(call->hosting->settings.loop, 1);
    enter_step(call);
}

static void begin(struct wf_call *call)
{
    if (call->request.deadline_ms <= wf_loop_now_ms(call->hosting->settings.loop))
        return; /* its timer fires in this turn of the loop */
    call->handle = open_handle(call);
    if (!call->handle)
        return; /* a million calls are open: this one ends at its deadline */
    if (!function_of(call)) {
        char detail[300];
        snprintf(detail, sizeof detail, "the step %s of the plugin %s has no %s", call->entry->public.type->name,
            wf__call_plugin_name(call), modes[call->request.mode]);
        struct wf_failure failure = {.size = sizeof failure, .title = "Not offered", .detail = detail};
        wf__answer_fail(wf__call_step(call), &failure);
    } else if (call->is_blocking) {
        begin_on_worker(call);
    } else {
        begin_here(call);
    }
}

/* ---- the end ---- */

static bool plugin_is_at_it(struct wf_call *call)
{
    return call->handle && (call->is_on_worker || !call->is_blocking) &&
           (call->failed_by_host || !wf__call_is_answered(call));
}

void wf__call_end(struct wf_call *call)
{
    const struct wf_step_type *type = call->entry->public.type;
    struct wf_loop *loop = call->hosting->settings.loop;

    if (atomic_exchange(&call->ended, true))
        return;
    wf_timer_stop(loop, &call->deadline);
    wf__call_drop_exchanges(call);
    wf__call_wake_sleeper(call, -1);
    wf__call_unpark(call, -1);
    if (type->cancel && plugin_is_at_it(call)) {
        struct wf_call_here before = wf__hand_over(call->entry, "cancel");
        type->cancel(wf__call_step(call), call->entry->plugin->state);
        wf__take_back(before);
    }
    if (call->holds_busy)
        wf_loop_busy(loop, -1);
    if (!call->is_on_worker)
        let_go(call);
    wf__call_unref(call);
}

void wf_call_cancel(struct wf_call *call)
{
    wf__call_end(call);
}

static void deadline_passed(struct wf_timer *timer)
{
    struct wf_call *call = wf__container_of(timer, struct wf_call, deadline);
    char detail[300];

    snprintf(detail, sizeof detail, "the step %s of the plugin %s did not answer before its deadline%s",
        call->entry->public.type->name, wf__call_plugin_name(call),
        call->has_gate ? "" : ": it waited for its turn all the time");
    wf__call_fail(call, "timeout", 408, "Timeout", detail);
}

struct wf_call *wf_call_start(struct wf_hosting *hosting, const struct wf_call_request *request)
{
    struct wf_call *call = call_new(hosting, request);
    int64_t timeout_ms = request->entry->type->timeout_ms;

    if (call->request.deadline_ms <= 0)
        call->request.deadline_ms =
            wf_loop_now_ms(hosting->settings.loop) + (timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS);
    wf_timer_start(hosting->settings.loop, &call->deadline, call->request.deadline_ms, deadline_passed);
    wf__call_ref(call);
    admit(call);
    return call;
}
