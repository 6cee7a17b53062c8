/* harness.c: opens a plugin in a test, makes a call of it, and keeps what came of it. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/harness_priv.h"

#define START_MS ((int64_t)1500000000000)
#define DAY_MS   ((int64_t)24 * 3600 * 1000)

/* ---- for the host's table ---- */

struct wf_harness *wf__harness_of(struct wf_step *step)
{
    return step && !step->ended ? step->harness : NULL;
}

struct wf_harness *wf__harness_enter(struct wf_step *step)
{
    struct wf_harness *h = wf__harness_of(step);

    if (h)
        pthread_mutex_lock(&h->priv->lock);
    return h;
}

void wf__harness_leave(struct wf_harness *h)
{
    if (h)
        pthread_mutex_unlock(&h->priv->lock);
}

void wf__harness_sin(struct wf_harness *h, const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&h->priv->lock);
    if (!h->sin)
        h->sin = wf__region_text(&h->priv->texts, text, strlen(text));
    pthread_mutex_unlock(&h->priv->lock);
}

bool wf__harness_fails(struct wf_harness *h, const char *what)
{
    if (++h->calls != h->fail_at)
        return false;
    h->failed = wf__region_text(&h->priv->texts, what, strlen(what));
    return true;
}

/* ---- settings, secrets, what is remembered ---- */

const char *wf__pair_get(const struct wf__pair *pair, const char *name)
{
    while (pair && strcmp(pair->name, name) != 0)
        pair = pair->next;
    return pair ? pair->value : NULL;
}

/* The newest of a name counts. */
static void put(struct wf__region *region, struct wf__pair **list, const char *name, const char *value)
{
    struct wf__pair *pair = wf__region_alloc(region, sizeof *pair);

    pair->next = *list;
    pair->name = wf__region_text(region, name, strlen(name));
    pair->value = value ? wf__region_text(region, value, strlen(value)) : NULL;
    *list = pair;
}

void wf_harness_config(struct wf_harness *h, const char *name, const char *value)
{
    put(&h->priv->settings, &h->priv->config, name, value);
}

void wf_harness_secret(struct wf_harness *h, const char *name, const char *json)
{
    put(&h->priv->settings, &h->priv->secrets, name, json);
}

void wf_harness_remember(struct wf_harness *h, const char *name, const char *json)
{
    put(&h->priv->kept, &h->priv->memos, name, json);
}

const char *wf_harness_recall(const struct wf_harness *h, const char *name)
{
    return wf__pair_get(h->priv->memos, name);
}

void wf_harness_forget(struct wf_harness *h)
{
    wf__region_free(&h->priv->kept);
    h->priv->memos = NULL;
}

/* ---- life ---- */

static void init_lock(struct wf_harness_priv *priv)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t cond;

    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_settype(&mutex, PTHREAD_MUTEX_RECURSIVE); /* a sin may be noticed under it */
    pthread_mutex_init(&priv->lock, &mutex);
    pthread_mutexattr_destroy(&mutex);
    pthread_condattr_init(&cond);
    pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
    pthread_cond_init(&priv->changed, &cond);
    pthread_condattr_destroy(&cond);
}

struct wf_harness *wf_harness_over(const struct wf_plugin *plugin, void *state)
{
    struct wf_harness *h = calloc(1, sizeof *h);
    struct wf_harness_priv *priv = calloc(1, sizeof *priv);

    if (!h || !priv)
        abort();
    *priv = (struct wf_harness_priv){.plugin = plugin, .state = state};
    init_lock(priv);
    *h = (struct wf_harness){.run_id = "7b1f8a55-0d21-4f2e-bb6d-3d3f2b7f9a10",
        .task = "/do/0/step",
        .key = "2f6e0e0f-6b0e-4d8f-9d0b-0c9f3c5a7e21",
        .attempt = 1,
        .now_ms = START_MS,
        .intent_ms = START_MS,
        .patience_ms = DAY_MS,
        .answer_within_ms = 10000,
        .fail_http = WF_HTTP_UNKNOWN,
        .priv = priv};
    return h;
}

struct wf_harness *wf_harness_new(const struct wf_plugin *plugin)
{
    void *state = NULL;

    if (!plugin || plugin->abi_major != WF_ABI_MAJOR || !plugin->steps || !plugin->open) {
        fputs("harness: no plugin, one of another ABI, or without steps or open\n", stderr);
        return NULL;
    }
    int32_t rc = plugin->open(&wf_harness_host, &state);
    if (rc != 0) {
        fprintf(stderr, "harness: open of the plugin %s failed (%d)\n", plugin->name, rc);
        return NULL;
    }
    struct wf_harness *h = wf_harness_over(plugin, state);
    h->priv->is_owner = true;
    return h;
}

struct wf_harness *wf_harness_load(const char *path)
{
    const struct wf_plugin *(*entry)(uint32_t) = NULL;
    char full[4096];

    /* dlopen would look for a bare name elsewhere. */
    snprintf(full, sizeof full, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *object = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    if (object)
        *(void **)&entry = dlsym(object, "wf_plugin_entry");
    if (!entry) {
        fprintf(stderr, "harness: %s\n", dlerror());
        return NULL;
    }
    return wf_harness_new(entry(WF_ABI));
}

static void free_blocks(struct wf_harness_priv *priv)
{
    for (struct wf__block *block = priv->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    priv->blocks = NULL;
}

void wf_harness_free(struct wf_harness *h)
{
    if (!h)
        return;
    struct wf_harness_priv *priv = h->priv;
    if (priv->is_owner && priv->plugin->close)
        priv->plugin->close(priv->state);
    free_blocks(priv);
    wf__region_free(&priv->settings);
    wf__region_free(&priv->kept);
    wf__region_free(&priv->texts);
    pthread_mutex_destroy(&priv->lock);
    pthread_cond_destroy(&priv->changed);
    free(priv);
    free(h);
}

const struct wf_plugin *wf_harness_plugin(const struct wf_harness *h)
{
    return h->priv->plugin;
}

const struct wf_step_type *wf_harness_step(const struct wf_harness *h, const char *name)
{
    for (const struct wf_step_type *const *step = h->priv->plugin->steps; *step; step++)
        if (strcmp((*step)->name, name) == 0)
            return *step;
    return NULL;
}

/* ---- a call ---- */

static size_t held_bytes(void)
{
    return mallinfo2().uordblks;
}

/* What came of the call before is gone. */
static void clear(struct wf_harness *h)
{
    struct wf_harness fresh = {.http = h->http,
        .moved = h->moved,
        .arg = h->arg,
        .run_id = h->run_id,
        .task = h->task,
        .key = h->key,
        .attempt = h->attempt,
        .now_ms = h->now_ms,
        .intent_ms = h->intent_ms,
        .patience_ms = h->patience_ms,
        .answer_within_ms = h->answer_within_ms,
        .fail_at = h->fail_at,
        .fail_http = h->fail_http,
        .spare_alloc = h->spare_alloc,
        .lose_write = h->lose_write,
        .crash_write = h->crash_write,
        .crash_before_write = h->crash_before_write,
        .priv = h->priv};
    struct wf_harness_priv *priv = h->priv;

    *h = fresh;
    wf__region_free(&priv->texts);
    priv->first = NULL;
    priv->last = &priv->first;
    priv->in_doubt = priv->is_lost = priv->is_stopped = priv->has_returned = false;
    priv->deadline_ms = h->now_ms + h->patience_ms;
}

static void begin(struct wf_harness *h, const struct wf_step_type *type, uint32_t mode, const char *input)
{
    struct wf_harness_priv *priv = h->priv;

    clear(h);
    priv->type = type;
    priv->mode = mode;
    priv->input = wf__region_text(&priv->texts, input, strlen(input));
    priv->flags = type->flags;
    priv->effect = type->effect_of ? type->effect_of((struct wf_bytes){priv->input, strlen(priv->input)}, &priv->flags)
                                   : type->effect;
    /* Not of the call's own texts: a late answer still has to find out that it is late. */
    priv->step = wf__region_alloc(&priv->settings, sizeof *priv->step);
    priv->step->harness = h;
}

static void (*slot(const struct wf_step_type *type, uint32_t mode))(struct wf_step *, void *)
{
    switch (mode) {
    case WF_MODE_RUN:
        return type->run;
    case WF_MODE_PLAN:
        return type->plan;
    case WF_MODE_VERIFY:
        return type->verify;
    case WF_MODE_UNDO:
        return type->undo;
    case WF_MODE_PLAN_UNDO:
        return WF_STEP_HAS(type, plan_undo) ? type->plan_undo : NULL;
    default:
        return NULL;
    }
}

/* Makes the first callback that is due; with the lock, which is open while it runs. */
static void call_back(struct wf_harness_priv *priv)
{
    struct wf__pending *pending = priv->first;

    priv->first = pending->next;
    if (!priv->first)
        priv->last = &priv->first;
    priv->is_calling = true;
    pthread_mutex_unlock(&priv->lock);
    pending->done(priv->step, pending->response, pending->arg);
    pthread_mutex_lock(&priv->lock);
    priv->is_calling = false;
}

static void *work(void *arg)
{
    struct wf_harness_priv *priv = arg;

    slot(priv->type, priv->mode)(priv->step, priv->state);
    pthread_mutex_lock(&priv->lock);
    if (!priv->is_calling) {
        priv->step->ended = true;
        free_blocks(priv); /* here, where most of them came from: malloc keeps what another thread frees */
    }
    priv->has_returned = true;
    pthread_cond_signal(&priv->changed);
    pthread_mutex_unlock(&priv->lock);
    return NULL;
}

/* As in the engine: the step has a thread to wait on, and callbacks come on another one, which is this. */
static void run_blocking(struct wf_harness *h)
{
    struct wf_harness_priv *priv = h->priv;
    pthread_t worker;

    if (pthread_create(&worker, NULL, work, priv) != 0)
        abort();
    pthread_mutex_lock(&priv->lock);
    while (!priv->has_returned) {
        if (priv->first)
            call_back(priv);
        else
            pthread_cond_wait(&priv->changed, &priv->lock);
    }
    pthread_mutex_unlock(&priv->lock);
    pthread_join(worker, NULL);
    if (h->answer == WF_HARNESS_NONE && !h->crashed)
        wf__harness_sin(h, "it returned without an answer");
}

/* Callbacks, and threads of the step's own, answer later. */
static void run_at_once(struct wf_harness *h)
{
    struct wf_harness_priv *priv = h->priv;
    struct timespec until;

    slot(priv->type, priv->mode)(priv->step, priv->state);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += h->answer_within_ms / 1000 + 1;
    pthread_mutex_lock(&priv->lock);
    while (h->answer == WF_HARNESS_NONE && !h->crashed) {
        if (priv->first)
            call_back(priv);
        else if (pthread_cond_timedwait(&priv->changed, &priv->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&priv->lock);
    if (h->answer == WF_HARNESS_NONE && !h->crashed)
        wf__harness_sin(h, "it gave no answer");
}

uint32_t wf_harness_call(struct wf_harness *h, const char *name, uint32_t mode, const char *input)
{
    static const char *const slots[] = {"run", "plan", "verify", "undo", "plan_undo"};
    const struct wf_step_type *type = wf_harness_step(h, name);

    if (!type || mode > WF_MODE_PLAN_UNDO || !slot(type, mode)) {
        clear(h);
        wf__harness_sin(h, "there is no %s of a step %s", mode <= WF_MODE_PLAN_UNDO ? slots[mode] : "such mode", name);
        return h->answer;
    }
    begin(h, type, mode, input);
    size_t before = held_bytes();
    if (h->priv->flags & WF_STEP_BLOCKING)
        run_blocking(h);
    else
        run_at_once(h);
    pthread_mutex_lock(&h->priv->lock);
    h->priv->step->ended = true;
    pthread_mutex_unlock(&h->priv->lock);
    free_blocks(h->priv);
    size_t after = held_bytes();
    h->leaked = after > before ? after - before : 0;
    return h->answer;
}
