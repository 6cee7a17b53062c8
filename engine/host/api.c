/* api.c: the table of functions that plugins get, but for answers and HTTP. Each begins with wf__call_enter: a step that
 * has ended, or never was, gets an empty answer and does no harm. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/host_priv.h"

#define ARENA_MAX     ((size_t)256 << 20)
#define LOG_LINE      4096
#define LONGEST_WORDS 500

/* ---- what the call is ---- */

/* GETTER(name, type, otherwise, expression of call): reads what never changes while the call is open. */
#define GETTER(name, type, otherwise, expression)                                                                      \
    static type name(struct wf_step *step)                                                                             \
    {                                                                                                                  \
        struct wf_call *call = wf__call_enter(step);                                                                   \
        type value = call ? (expression) : (otherwise);                                                                \
        wf__call_unref(call);                                                                                          \
        return value;                                                                                                  \
    }

GETTER(get_run_id, const char *, "", call->request.run_id)
GETTER(get_task, const char *, "", call->request.task)
GETTER(get_key, const char *, "", call->request.key)
GETTER(get_attempt, uint32_t, 0, call->request.attempt)
GETTER(get_mode, uint32_t, WF_MODE_RUN, call->request.mode)
GETTER(get_deadline, int64_t, 0, call->request.deadline_ms)
GETTER(get_intent, int64_t, 0, call->request.intent_ms)
GETTER(get_now, int64_t, 0, wf_loop_now_ms(call->hosting->settings.loop))
GETTER(get_cancelled, int32_t, 1, atomic_load(&call->ended))

static struct wf_bytes get_input(struct wf_step *step)
{
    struct wf_call *call = wf__call_enter(step);
    struct wf_bytes bytes = call ? call->request.input : (struct wf_bytes){"null", 4};

    wf__call_unref(call);
    return bytes;
}

/* ---- settings and secrets ---- */

static const char *find_setting(struct wf_call *call, const char *name)
{
    const struct wf_plugin *plugin = call->entry->public.plugin;
    const struct wf_hosting_settings *settings = &call->hosting->settings;
    const struct wf_config_row *const *row = plugin->config;

    while (row && *row && strcmp((*row)->name, name) != 0)
        row++;
    if (!row || !*row) {
        wf_log(WF_LOGL_ERROR, "%s: asks for the setting %s, which its descriptor does not list", plugin->name, name);
        return NULL;
    }
    const char *group = plugin->config_group ? plugin->config_group : plugin->name;
    pthread_mutex_lock(&call->hosting->settings_lock);
    const char *value = settings->config ? settings->config(settings->arg, group, name) : NULL;
    pthread_mutex_unlock(&call->hosting->settings_lock);
    return value ? value : (*row)->default_value;
}

static const char *get_config(struct wf_step *step, const char *name)
{
    struct wf_call *call = wf__call_enter(step);
    const char *value = call && !atomic_load(&call->ended) ? find_setting(call, name) : NULL;

    wf__call_unref(call);
    return value;
}

static const char *find_secret(struct wf_call *call, const char *name)
{
    const struct wf_plugin *plugin = call->entry->public.plugin;
    const struct wf_hosting_settings *settings = &call->hosting->settings;
    const char *const *listed = plugin->secrets;

    while (listed && *listed && strcmp(*listed, name) != 0)
        listed++;
    if (!listed || !*listed) {
        wf_log(WF_LOGL_ERROR, "%s: asks for the secret %s, which its descriptor does not list", plugin->name, name);
        return NULL;
    }
    pthread_mutex_lock(&call->hosting->settings_lock);
    const char *json = settings->secret ? settings->secret(settings->arg, name) : NULL;
    pthread_mutex_unlock(&call->hosting->settings_lock);
    return json;
}

static int32_t get_secret(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    struct wf_call *call = wf__call_enter(step);
    const char *json = call && !atomic_load(&call->ended) ? find_secret(call, name) : NULL;

    wf__call_unref(call);
    if (!json)
        return -1;
    *ret_json = (struct wf_bytes){json, strlen(json)};
    return 0;
}

/* ---- memory, log, progress ---- */

/* Under the lock. */
static struct wf_arena *arena_of(struct wf_call *call)
{
    if (!call->arena)
        call->arena = wf_arena_new(ARENA_MAX);
    return call->arena;
}

static void *do_alloc(struct wf_step *step, size_t size)
{
    struct wf_call *call = wf__call_enter(step);
    void *memory = NULL;

    if (call) {
        pthread_mutex_lock(&call->lock);
        memory = wf_arena_alloc(arena_of(call), size);
        pthread_mutex_unlock(&call->lock);
    }
    wf__call_unref(call);
    return memory;
}

static void __attribute__((format(printf, 3, 4))) do_log(struct wf_step *step, uint32_t level, const char *format, ...)
{
    static const enum wf_log_level levels[] = {WF_LOGL_ERROR, WF_LOGL_WARN, WF_LOGL_INFO, WF_LOGL_DEBUG};
    struct wf_call *call = wf__call_enter(step);
    char text[LOG_LINE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wf_log(levels[level <= WF_LOG_DEBUG ? level : WF_LOG_DEBUG], "%s: %s",
        call ? wf__call_plugin_name(call) : "a plugin", text);
    wf__call_unref(call);
}

struct progress {
    struct wf_call *call;
    int64_t done, total;
    char words[LONGEST_WORDS];
};

static void tell_progress(void *arg)
{
    struct progress *progress = arg;
    struct wf_call *call = progress->call;

    if (!atomic_load(&call->ended) && call->request.progress)
        call->request.progress(call->request.arg, progress->done, progress->total, progress->words);
    wf__call_unref(call);
    free(progress);
}

static void do_progress(struct wf_step *step, int64_t done, int64_t total, const char *words)
{
    struct wf_call *call = wf__call_enter(step);

    if (!call)
        return;
    struct progress *progress = wf_calloc(1, sizeof *progress);
    *progress = (struct progress){.call = call, .done = done, .total = total};
    snprintf(progress->words, sizeof progress->words, "%s", words ? words : "");
    wf_loop_post(call->hosting->settings.loop, tell_progress, progress);
}

/* ---- sleeping ---- */

static void sleep_over(struct wf_timer *timer)
{
    struct wf_call *call = wf__container_of(timer, struct wf_call, wake);

    wf__call_wake_sleeper(call, 0);
}

void wf__call_wake_sleeper(struct wf_call *call, int rc)
{
    struct wf_loop *loop = call->hosting->settings.loop;

    if (!call->is_asleep)
        return;
    call->is_asleep = false;
    wf_timer_stop(loop, &call->wake);
    wf_loop_busy(loop, 1);
    wf__call_unpark(call, rc);
}

/* The sleeper lets go of its busy count, so that the clock may jump to the end of the sleep; it is taken again, here on
 * the loop thread, before the sleeper goes on. */
void wf__call_sleep(struct wf_call *call, int64_t ms, void (*over)(struct wf_timer *))
{
    struct wf_loop *loop = call->hosting->settings.loop;
    int64_t now_ms = wf_loop_now_ms(loop);

    if (call->is_asleep)
        return;
    call->is_asleep = true;
    wf_timer_start(loop, &call->wake, ms < INT64_MAX - now_ms ? now_ms + ms : INT64_MAX, over);
    wf_loop_busy(loop, -1);
}

static void start_sleep(struct wf_call *call, void *arg)
{
    wf__call_sleep(call, *(int64_t *)arg, sleep_over);
}

static int32_t do_sleep(struct wf_step *step, int64_t ms)
{
    struct wf_call *call = wf__call_enter(step);
    int32_t rc = -1;

    if (call) {
        rc = wf__call_park(call, start_sleep, &ms);
    }
    wf__call_unref(call);
    return rc;
}

/* ---- remembering ---- */

static void was_stored(void *token, int rc)
{
    struct wf_call *call = token;

    wf__call_unpark(call, rc == 0 ? 0 : -1);
    wf__call_unref(call);
}

static void start_remember(struct wf_call *call, void *arg)
{
    const struct wf_memo *memo = arg;

    if (!call->request.remember) {
        wf__call_unpark(call, -1);
        return;
    }
    wf__call_ref(call); /* was_stored may come after the end of the call */
    call->request.remember(call->request.arg, memo->name, memo->json, was_stored, call);
}

static void add_memo(struct wf_call *call, const struct wf_memo *memo)
{
    pthread_mutex_lock(&call->lock);
    struct wf__memo *kept = wf_arena_alloc(arena_of(call), sizeof *kept);
    const char *name = wf_arena_strdup(call->arena, memo->name);
    const char *json = wf_arena_memdup(call->arena, memo->json.ptr, memo->json.len);
    if (kept && name && json) {
        *kept = (struct wf__memo){call->memos, name, {json, memo->json.len}};
        call->memos = kept;
    }
    pthread_mutex_unlock(&call->lock);
}

static bool is_json(struct wf_bytes json)
{
    return json.ptr && json.len > 0 && json.len <= WF_MAX_VALUE;
}

static int32_t do_remember(struct wf_step *step, const char *name, struct wf_bytes json)
{
    struct wf_call *call = wf__call_enter(step);
    struct wf_memo memo = {name, json};
    int32_t rc = -1;

    if (call && !is_json(json))
        wf_log(WF_LOGL_ERROR, "%s: a value to remember must be JSON of 1 to %zu bytes", wf__call_plugin_name(call),
            WF_MAX_VALUE);
    else if (call)
        rc = wf__call_park(call, start_remember, &memo);
    if (rc == 0)
        add_memo(call, &memo);
    wf__call_unref(call);
    return rc;
}

static int32_t do_recall(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    struct wf_call *call = wf__call_enter(step);
    const struct wf__memo *memo = NULL;

    if (!call)
        return -1;
    pthread_mutex_lock(&call->lock);
    for (memo = call->memos; memo && strcmp(memo->name, name) != 0;)
        memo = memo->next;
    pthread_mutex_unlock(&call->lock);
    if (memo)
        *ret_json = memo->json;
    wf__call_unref(call);
    return memo ? 0 : -1;
}

const struct wf_host wf__host_table = {
    .size = sizeof wf__host_table,
    .abi = WF_ABI,
    .input = get_input,
    .config = get_config,
    .secret = get_secret,
    .run_id = get_run_id,
    .task = get_task,
    .idempotency_key = get_key,
    .attempt = get_attempt,
    .mode = get_mode,
    .now_ms = get_now,
    .deadline_ms = get_deadline,
    .intent_ms = get_intent,
    .is_cancelled = get_cancelled,
    .alloc = do_alloc,
    .log = do_log,
    .progress = do_progress,
    .succeed = wf__answer_succeed,
    .fail = wf__answer_fail,
    .retry = wf__answer_retry,
    .verdict = wf__answer_verdict,
    .planned = wf__answer_planned,
    .http = wf__api_http,
    .http_start = wf__api_http_start,
    .http_release = wf__api_http_release,
    .sleep = do_sleep,
    .remember = do_remember,
    .recall = do_recall,
};
