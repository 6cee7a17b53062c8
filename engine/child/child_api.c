/* child_api.c: the table of functions that the plugin gets in this process, but for answers and HTTP. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "child/child.h"

#define ARENA_MAX ((size_t)256 << 20)
#define LOG_LINE  4096

/* ---- which step ---- */

/* A plugin's `struct wf_step *` is the number of the call in disguise. */
struct wf_child_call *wf_child_enter(struct wf_step *step)
{
    pthread_mutex_lock(&wf_child.lock);
    if (step && (uintptr_t)step == wf_child.call.number)
        return &wf_child.call;
    pthread_mutex_unlock(&wf_child.lock);
    return NULL;
}

void wf_child_leave(void)
{
    pthread_mutex_unlock(&wf_child.lock);
}

/* GETTER(name, type, otherwise, expression of call) */
#define GETTER(name, type, otherwise, expression)                                                                      \
    static type name(struct wf_step *step)                                                                             \
    {                                                                                                                  \
        struct wf_child_call *call = wf_child_enter(step);                                                             \
        if (!call)                                                                                                     \
            return otherwise;                                                                                          \
        type value = (expression);                                                                                     \
        wf_child_leave();                                                                                              \
        return value;                                                                                                  \
    }

GETTER(get_run_id, const char *, "", call->run_id)
GETTER(get_task, const char *, "", call->task)
GETTER(get_key, const char *, "", call->key)
GETTER(get_attempt, uint32_t, 0, call->attempt)
GETTER(get_mode, uint32_t, WF_MODE_RUN, call->mode)
GETTER(get_deadline, int64_t, 0, call->deadline_ms)
GETTER(get_intent, int64_t, 0, call->intent_ms)
GETTER(get_now, int64_t, 0, call ? wf_child_now_ms() : 0)
GETTER(get_cancelled, int32_t, 1, !call->open)

static struct wf_bytes get_input(struct wf_step *step)
{
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return (struct wf_bytes){"null", 4};
    struct wf_bytes input = call->input;
    wf_child_leave();
    return input;
}

/* ---- settings and secrets ---- */

/* Written once, before the first call. */
static const char *find_pair(const char *pairs, size_t len, const char *name)
{
    struct wf_wire_pairs at = {NULL};

    while (wf_wire_next_pair((struct wf_wire_text){pairs, len}, &at))
        if (strcmp(at.name, name) == 0)
            return at.value;
    return NULL;
}

static const char *get_config(struct wf_step *step, const char *name)
{
    const struct wf_config_row *const *row = wf_child.plugin->config;
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return NULL;
    wf_child_leave();
    while (row && *row && strcmp((*row)->name, name) != 0)
        row++;
    if (!row || !*row) {
        wf_child_log(WF_LOG_ERROR, "asks for the setting %s, which its descriptor does not list", name);
        return NULL;
    }
    const char *value = find_pair(wf_child.settings, wf_child.settings_len, name);
    return value ? value : (*row)->default_value;
}

static int32_t get_secret(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    const char *const *listed = wf_child.plugin->secrets;
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return -1;
    wf_child_leave();
    while (listed && *listed && strcmp(*listed, name) != 0)
        listed++;
    if (!listed || !*listed) {
        wf_child_log(WF_LOG_ERROR, "asks for the secret %s, which its descriptor does not list", name);
        return -1;
    }
    const char *json = find_pair(wf_child.secrets, wf_child.secrets_len, name);
    if (!json)
        return -1;
    *ret_json = (struct wf_bytes){json, strlen(json)};
    return 0;
}

/* ---- memory, log, progress ---- */

/* With the lock. */
static struct wf_arena *arena_of(struct wf_child_call *call)
{
    if (!call->arena)
        call->arena = wf_arena_new(ARENA_MAX);
    return call->arena;
}

static void *do_alloc(struct wf_step *step, size_t size)
{
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return NULL;
    void *memory = wf_arena_alloc(arena_of(call), size);
    wf_child_leave();
    return memory;
}

static void send_log(uint32_t level, const char *format, va_list args)
{
    char text[LOG_LINE];
    struct wf_wire frame = {.kind = WF_WIRE_LOG, .n = {level}, .count = 1};

    vsnprintf(text, sizeof text, format, args);
    frame.text[0] = wf_wire_text(text);
    wf_child_send(&frame);
}

void wf_child_log(uint32_t level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    send_log(level, format, args);
    va_end(args);
}

static void __attribute__((format(printf, 3, 4))) do_log(struct wf_step *step, uint32_t level, const char *format, ...)
{
    va_list args;

    (void)step;
    va_start(args, format);
    send_log(level, format, args);
    va_end(args);
}

static void do_progress(struct wf_step *step, int64_t done, int64_t total, const char *words)
{
    struct wf_wire frame = {.kind = WF_WIRE_PROGRESS, .n = {done, total}, .count = 1};
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return;
    frame.call = call->number;
    frame.text[0] = (struct wf_wire_text){words, words ? strnlen(words, LOG_LINE) : 0};
    wf_child_send(&frame);
    wf_child_leave();
}

/* ---- waiting ---- */

static int32_t do_sleep(struct wf_step *step, int64_t ms)
{
    struct wf_wire frame = {.kind = WF_WIRE_SLEEP, .n = {ms}};
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return -1;
    int32_t rc = wf_child_call_wait(&frame) ? call->reply_rc : -1;
    wf_child_leave();
    return rc;
}

static void add_memo(struct wf_child_call *call, const char *name, struct wf_bytes json)
{
    struct wf_child_memo *memo = wf_arena_alloc(call->texts, sizeof *memo);

    *memo = (struct wf_child_memo){
        call->memos, wf_arena_strdup(call->texts, name), {wf_arena_memdup(call->texts, json.ptr, json.len), json.len}};
    call->memos = memo;
}

static int32_t do_remember(struct wf_step *step, const char *name, struct wf_bytes json)
{
    struct wf_wire frame = {.kind = WF_WIRE_REMEMBER, .count = 2};
    struct wf_child_call *call = wf_child_enter(step);
    int32_t rc = -1;

    if (!call)
        return -1;
    frame.text[0] = wf_wire_text(name);
    frame.text[1] = (struct wf_wire_text){json.ptr, json.len};
    if (!json.ptr || json.len == 0 || json.len > WF_MAX_VALUE)
        wf_child_log(WF_LOG_ERROR, "a value to remember must be JSON of 1 to %zu bytes", WF_MAX_VALUE);
    else if (wf_child_call_wait(&frame))
        rc = call->reply_rc;
    if (rc == 0)
        add_memo(call, name, json);
    wf_child_leave();
    return rc;
}

static int32_t do_recall(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return -1;
    const struct wf_child_memo *memo = call->memos;
    while (memo && strcmp(memo->name, name) != 0)
        memo = memo->next;
    if (memo)
        *ret_json = memo->json;
    wf_child_leave();
    return memo ? 0 : -1;
}

const struct wf_host wf_child_table = {
    .size = sizeof wf_child_table,
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
    .succeed = wf_child_succeed,
    .fail = wf_child_fail,
    .retry = wf_child_retry,
    .verdict = wf_child_verdict,
    .planned = wf_child_planned,
    .http = wf_child_http,
    .http_start = wf_child_http_start,
    .http_release = wf_child_http_release,
    .sleep = do_sleep,
    .remember = do_remember,
    .recall = do_recall,
};
