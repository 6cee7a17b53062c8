/* harness_host.c: the table of host functions that a plugin sees in a test. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/harness_priv.h"

static struct wf_bytes get_input(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? (struct wf_bytes){h->priv->input, strlen(h->priv->input)} : (struct wf_bytes){"null", 4};
}

static const char *get_config(struct wf_step *step, const char *name)
{
    struct wf_harness *h = wf__harness_of(step);
    const struct wf_config_row *const *row = h ? h->priv->plugin->config : NULL;

    while (row && *row && strcmp((*row)->name, name) != 0)
        row++;
    if (h && (!row || !*row))
        wf__harness_sin(h, "it asks for the setting %s, which its descriptor does not list", name);
    if (!row || !*row)
        return NULL;
    const char *value = wf__pair_get(h->priv->config, name);
    return value ? value : (*row)->default_value;
}

static const char *find_secret(struct wf_harness *h, const char *name)
{
    const char *const *listed = h->priv->plugin->secrets;

    while (listed && *listed && strcmp(*listed, name) != 0)
        listed++;
    if (listed && *listed)
        return wf__harness_fails(h, "secret") ? NULL : wf__pair_get(h->priv->secrets, name);
    wf__harness_sin(h, "it asks for the secret %s, which its descriptor does not list", name);
    return NULL;
}

static int32_t get_secret(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    struct wf_harness *h = wf__harness_enter(step);
    const char *json = h ? find_secret(h, name) : NULL;

    wf__harness_leave(h);
    if (!json)
        return -1;
    *ret_json = (struct wf_bytes){json, strlen(json)};
    return 0;
}

static const char *get_run_id(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->run_id : "";
}

static const char *get_task(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->task : "";
}

static const char *get_key(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->key : "";
}

static uint32_t get_attempt(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->attempt : 0;
}

static uint32_t get_mode(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->priv->mode : WF_MODE_RUN;
}

static int64_t get_now(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->now_ms : 0;
}

static int64_t get_deadline(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->priv->deadline_ms : 0;
}

static int64_t get_intent(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return h ? h->intent_ms : 0;
}

static int32_t get_cancelled(struct wf_step *step)
{
    const struct wf_harness *h = wf__harness_of(step);
    return !h || h->crashed || h->priv->is_stopped;
}

static void *do_alloc(struct wf_step *step, size_t size)
{
    struct wf_harness *h = wf__harness_enter(step);
    struct wf__block *block = NULL;

    /* A header of 16 bytes keeps what follows aligned for anything. */
    if (h && size <= WF_MAX_VALUE * 4 && (h->spare_alloc || !wf__harness_fails(h, "alloc")))
        block = calloc(1, 16 + size);
    if (block) {
        block->next = h->priv->blocks;
        h->priv->blocks = block;
    }
    wf__harness_leave(h);
    return block ? (char *)block + 16 : NULL;
}

static void __attribute__((format(printf, 3, 4))) do_log(struct wf_step *step, uint32_t level, const char *format, ...)
{
    const char *wanted = getenv("WFRUN_HARNESS_LOG");
    va_list args;

    (void)step;
    if (!wanted && level > WF_LOG_ERROR)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static void do_progress(struct wf_step *step, int64_t done, int64_t total, const char *words)
{
    (void)step;
    (void)done;
    (void)total;
    (void)words;
}

/* ---- answers ---- */

static const char *keep(struct wf_harness *h, const char *text)
{
    return text ? wf__region_text(&h->priv->texts, text, strlen(text)) : NULL;
}

static const char *keep_bytes(struct wf_harness *h, struct wf_bytes bytes)
{
    if (bytes.len > WF_MAX_VALUE)
        wf__harness_sin(h, "a value of %zu bytes; WF_MAX_VALUE is %zu", bytes.len, WF_MAX_VALUE);
    return bytes.ptr ? wf__region_text(&h->priv->texts, bytes.ptr, bytes.len) : NULL;
}

static const char *const answers[] = {"", "succeed", "fail", "retry", "verdict", "planned"};

static bool fits(uint32_t mode, uint32_t answer)
{
    static const uint32_t wanted[] = {[WF_MODE_RUN] = WF_HARNESS_SUCCEEDED,
        [WF_MODE_PLAN] = WF_HARNESS_PLANNED,
        [WF_MODE_VERIFY] = WF_HARNESS_VERDICT,
        [WF_MODE_UNDO] = WF_HARNESS_SUCCEEDED,
        [WF_MODE_PLAN_UNDO] = WF_HARNESS_PLANNED};
    return answer == WF_HARNESS_FAILED || answer == WF_HARNESS_RETRY || answer == wanted[mode];
}

/* What a step may say after a write whose answer was lost. When the process is gone, no answer counts. */
static void judge_doubt(struct wf_harness *h, uint32_t answer)
{
    const struct wf_harness_priv *priv = h->priv;

    if (!priv->in_doubt || priv->is_stopped || h->crashed)
        return;
    if (answer == WF_HARNESS_RETRY && !(priv->flags & WF_STEP_IDEMPOTENT))
        wf__harness_sin(h, "it answers retry although its write may have happened: fail, and let verify find out");
    if (answer == WF_HARNESS_SUCCEEDED)
        wf__harness_sin(h, "it answers succeed although nothing tells that its write happened");
}

/* Opens the place of the one answer, with the lock; NULL, without: this one does not count. */
static struct wf_harness *begin(struct wf_step *step, uint32_t answer)
{
    struct wf_harness *h = wf__harness_enter(step);
    if (!h)
        return NULL;
    if (h->answer == WF_HARNESS_NONE) {
        if (!fits(h->priv->mode, answer))
            wf__harness_sin(h, "it answers %s, which is no answer to this kind of call", answers[answer]);
        judge_doubt(h, answer);
        h->answer = answer;
        return h;
    }
    wf__harness_sin(h, "it answers twice: %s, then %s", answers[h->answer], answers[answer]);
    wf__harness_leave(h);
    return NULL;
}

static void end(struct wf_harness *h)
{
    pthread_cond_signal(&h->priv->changed);
    wf__harness_leave(h);
}

static void do_succeed(struct wf_step *step, struct wf_bytes output)
{
    struct wf_harness *h = begin(step, WF_HARNESS_SUCCEEDED);
    if (!h)
        return;
    h->output = keep_bytes(h, output);
    if (!h->output)
        wf__harness_sin(h, "it succeeds without an output");
    end(h);
}

static void take_failure(struct wf_harness *h, const struct wf_failure *given)
{
    struct wf_failure failure = {0};

    if (given)
        memcpy(&failure, given, given->size < sizeof failure ? given->size : sizeof failure);
    h->type = keep(h, failure.type ? failure.type : "runtime");
    h->title = keep(h, failure.title);
    h->detail = keep(h, failure.detail);
    h->data = keep(h, failure.data);
    h->status = failure.status;
}

static void do_fail(struct wf_step *step, const struct wf_failure *failure)
{
    struct wf_harness *h = begin(step, WF_HARNESS_FAILED);
    if (!h)
        return;
    take_failure(h, failure);
    if (!failure || failure->size == 0)
        wf__harness_sin(h, "a failure without its size");
    end(h);
}

static void do_retry(struct wf_step *step, int64_t after_ms, const struct wf_failure *failure)
{
    struct wf_harness *h = begin(step, WF_HARNESS_RETRY);
    if (!h)
        return;
    h->after_ms = after_ms;
    take_failure(h, failure);
    end(h);
}

static void do_verdict(struct wf_step *step, uint32_t verdict, struct wf_bytes output, const char *why)
{
    struct wf_harness *h = begin(step, WF_HARNESS_VERDICT);
    if (!h)
        return;
    h->verdict = verdict;
    h->output = keep_bytes(h, output);
    h->why = keep(h, why);
    if (verdict == WF_VERDICT_YES && !h->output)
        wf__harness_sin(h, "the verdict is yes, and the output of the run is missing");
    end(h);
}

static void do_planned(struct wf_step *step, const struct wf_planned *given)
{
    struct wf_harness *h = begin(step, WF_HARNESS_PLANNED);
    struct wf_planned planned = {0};
    if (!h)
        return;
    memcpy(&planned, given, given->size < sizeof planned ? given->size : sizeof planned);
    h->action = planned.action;
    h->why = keep(h, planned.words);
    h->cost_micros = planned.cost_micros;
    h->currency = keep(h, planned.currency);
    h->output = keep_bytes(h, planned.output);
    h->facts = keep_bytes(h, planned.facts);
    h->until_ms = planned.until_ms;
    if (!h->why)
        wf__harness_sin(h, "a plan without words");
    else if (planned.action > WF_ACTION_CANNOT)
        wf__harness_sin(h, "a plan with an unknown action (%u)", planned.action);
    else if (planned.cost_micros > 0 && !planned.currency)
        wf__harness_sin(h, "a plan with a cost and no currency");
    end(h);
}

/* ---- waiting ---- */

static bool may_wait(struct wf_harness *h, const char *what)
{
    if (h->priv->flags & WF_STEP_BLOCKING)
        return true;
    wf__harness_sin(h, "it waits in %s and is not WF_STEP_BLOCKING", what);
    return false;
}

/* With the lock. */
static int32_t sleep_now(struct wf_harness *h, int64_t ms)
{
    bool late = ms > h->priv->deadline_ms - h->now_ms;

    h->priv->is_stopped = h->priv->is_stopped || late || wf__harness_fails(h, "sleep");
    if (h->crashed || h->priv->is_stopped)
        return -1;
    h->sleeps++;
    h->slept_ms += ms > 0 ? ms : 0;
    h->now_ms += ms > 0 ? ms : 0;
    if (h->moved)
        h->moved(h, h->now_ms);
    return 0;
}

static int32_t do_sleep(struct wf_step *step, int64_t ms)
{
    struct wf_harness *h = wf__harness_enter(step);
    int32_t rc = h && may_wait(h, "sleep") ? sleep_now(h, ms) : -1;

    wf__harness_leave(h);
    return rc;
}

/* With the lock. */
static int32_t remember_now(struct wf_harness *h, const char *name, struct wf_bytes json)
{
    if (!json.ptr || !json.len || json.len > WF_MAX_VALUE) {
        wf__harness_sin(h, "it remembers %s, which is not JSON of 1 to %zu bytes", name, WF_MAX_VALUE);
        return -1;
    }
    if (h->crashed || h->priv->is_stopped || wf__harness_fails(h, "remember")) {
        h->priv->is_lost = true;
        return -1;
    }
    wf_harness_remember(h, name, wf__region_text(&h->priv->texts, json.ptr, json.len));
    return 0;
}

static int32_t do_remember(struct wf_step *step, const char *name, struct wf_bytes json)
{
    struct wf_harness *h = wf__harness_enter(step);
    int32_t rc = h && may_wait(h, "remember") ? remember_now(h, name, json) : -1;

    wf__harness_leave(h);
    return rc;
}

static int32_t do_recall(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    struct wf_harness *h = wf__harness_enter(step);
    const char *json = h ? wf_harness_recall(h, name) : NULL;

    wf__harness_leave(h);
    if (!json)
        return -1;
    *ret_json = (struct wf_bytes){json, strlen(json)};
    return 0;
}

const struct wf_host wf_harness_host = {
    .size = sizeof wf_harness_host,
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
    .succeed = do_succeed,
    .fail = do_fail,
    .retry = do_retry,
    .verdict = do_verdict,
    .planned = do_planned,
    .http = wf__harness_http,
    .http_start = wf__harness_http_start,
    .http_release = wf__harness_http_release,
    .sleep = do_sleep,
    .remember = do_remember,
    .recall = do_recall,
};
