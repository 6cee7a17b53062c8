/* answer.c: from a plugin's answer to the caller's callback: copied where it is given, checked on the loop thread. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "host/host_priv.h"
#include "value/val.h"

#define WORDS_MAX ((size_t)64 * 1024) /* title, detail, why */

/* A struct of the plugin's, of which we may read `size` bytes. */
#define COPY_SIZED(to, from) memcpy((to), (from), (from)->size < sizeof *(to) ? (from)->size : sizeof *(to))

/* ---- giving: any thread ---- */

static void deliver(void *arg);

/* Opens the place for the one answer; false: there is an answer already, or the call has ended. */
static bool answer_begin(struct wf_call *call)
{
    pthread_mutex_lock(&call->lock);
    bool is_second = call->answered, is_late = atomic_load(&call->ended);
    if (!is_second && !is_late) {
        call->answered = true;
        call->answer_texts = wf_arena_new(4 * WF_MAX_VALUE);
        return true; /* with the lock */
    }
    pthread_mutex_unlock(&call->lock);
    if (is_second)
        wf_log(WF_LOGL_WARN, "%s: a second answer of the step %s was refused (%s)", wf__call_plugin_name(call),
            call->entry->public.type->name, call->request.task);
    else
        wf_log(WF_LOGL_DEBUG, "%s: a late answer of %s was dropped", wf__call_plugin_name(call), call->request.task);
    return false;
}

static void answer_end(struct wf_call *call)
{
    wf__call_ref(call);
    pthread_mutex_unlock(&call->lock);
    wf_loop_post(call->hosting->settings.loop, deliver, call);
}

static const char *keep_text(struct wf_call *call, const char *text)
{
    return text ? wf_arena_memdup(call->answer_texts, text, strnlen(text, WORDS_MAX)) : NULL;
}

/* One that is too large is kept as its size alone, which the check on the loop thread refuses. */
static struct wf_bytes keep_bytes(struct wf_call *call, struct wf_bytes bytes)
{
    if (!bytes.ptr)
        return (struct wf_bytes){NULL, 0};
    return (struct wf_bytes){
        bytes.len <= WF_MAX_VALUE ? wf_arena_memdup(call->answer_texts, bytes.ptr, bytes.len) : NULL, bytes.len};
}

/* A failure without a word gets some: whose it is. */
static const char *no_reason(struct wf_call *call)
{
    char words[300];

    snprintf(words, sizeof words, "the step %s of the plugin %s failed and gave no reason",
        call->entry->public.type->name, wf__call_plugin_name(call));
    return wf_arena_strdup(call->answer_texts, words);
}

static void keep_failure(struct wf_call *call, const struct wf_failure *given)
{
    struct wf_failure failure = {0};

    if (given)
        COPY_SIZED(&failure, given);
    failure.size = sizeof failure;
    failure.type = keep_text(call, failure.type ? failure.type : "runtime");
    failure.title = keep_text(call, failure.title);
    failure.detail = failure.title || failure.detail ? keep_text(call, failure.detail) : no_reason(call);
    failure.data =
        failure.data && strlen(failure.data) <= WF_MAX_VALUE ? wf_arena_strdup(call->answer_texts, failure.data) : NULL;
    call->failure = failure;
    call->answer.failure = &call->failure;
}

void wf__answer_succeed(struct wf_step *step, struct wf_bytes output)
{
    struct wf_call *call = wf__call_enter(step);

    if (call && answer_begin(call)) {
        call->answer.kind = WF_ANSWER_SUCCEED;
        call->answer.output = keep_bytes(call, output);
        answer_end(call);
    }
    wf__call_unref(call);
}

void wf__answer_fail(struct wf_step *step, const struct wf_failure *failure)
{
    struct wf_call *call = wf__call_enter(step);

    if (call && answer_begin(call)) {
        call->answer.kind = WF_ANSWER_FAIL;
        keep_failure(call, failure);
        answer_end(call);
    }
    wf__call_unref(call);
}

void wf__answer_retry(struct wf_step *step, int64_t after_ms, const struct wf_failure *failure)
{
    struct wf_call *call = wf__call_enter(step);

    if (call && answer_begin(call)) {
        call->answer.kind = WF_ANSWER_RETRY;
        call->answer.after_ms = after_ms > 0 ? after_ms : 0;
        keep_failure(call, failure);
        answer_end(call);
    }
    wf__call_unref(call);
}

void wf__answer_verdict(struct wf_step *step, uint32_t verdict, struct wf_bytes output, const char *why)
{
    struct wf_call *call = wf__call_enter(step);

    if (call && answer_begin(call)) {
        call->answer.kind = WF_ANSWER_VERDICT;
        call->answer.verdict = verdict <= WF_VERDICT_NO ? verdict : WF_VERDICT_UNKNOWN;
        call->answer.output = keep_bytes(call, output);
        call->answer.why = keep_text(call, why);
        answer_end(call);
    }
    wf__call_unref(call);
}

void wf__answer_planned(struct wf_step *step, const struct wf_planned *planned)
{
    struct wf_call *call = wf__call_enter(step);

    if (call && answer_begin(call)) {
        struct wf_planned *kept = &call->planned;
        COPY_SIZED(kept, planned);
        kept->size = sizeof *kept;
        kept->words = keep_text(call, kept->words);
        kept->currency = keep_text(call, kept->currency);
        kept->output = keep_bytes(call, kept->output);
        kept->facts = keep_bytes(call, kept->facts);
        call->answer.kind = WF_ANSWER_PLANNED;
        call->answer.planned = kept;
        call->answer.output = kept->output;
        answer_end(call);
    }
    wf__call_unref(call);
}

bool wf__call_is_answered(struct wf_call *call)
{
    pthread_mutex_lock(&call->lock);
    bool answered = call->answered;
    pthread_mutex_unlock(&call->lock);
    return answered;
}

/* ---- checking and handing on: loop thread ---- */

/* ret_value may be NULL. */
static int check_value(
    const struct wf_call *call, struct wf_bytes bytes, bool with_schema, jv *ret_value, struct wf_err *ret_err)
{
    const struct wf_schema *schema = call->entry->public.output_schema;
    jv value;

    if (bytes.len > WF_MAX_VALUE)
        return wf_err_set(ret_err, WF_ELIMIT, "it has %zu bytes and may have %zu", bytes.len, WF_MAX_VALUE);
    int rc = wf_val_parse(bytes.ptr ? bytes.ptr : "", bytes.len, &value, ret_err);
    if (rc != 0)
        return rc;
    if (with_schema && schema)
        rc = wf_schema_check(schema, &value, ret_err);
    if (rc == 0 && ret_value)
        *ret_value = value;
    else
        jv_free(value);
    return rc;
}

static int check_kind(const struct wf_call *call, struct wf_err *ret_err)
{
    static const enum wf_answer_kind expected[] = {
        WF_ANSWER_SUCCEED, WF_ANSWER_PLANNED, WF_ANSWER_VERDICT, WF_ANSWER_SUCCEED, WF_ANSWER_PLANNED};
    static const char *const names[] = {"succeed", "planned", "verdict", "succeed", "planned"};
    enum wf_answer_kind kind = call->answer.kind;

    if (kind == WF_ANSWER_FAIL || kind == WF_ANSWER_RETRY || kind == expected[call->request.mode])
        return 0;
    return wf_err_set(
        ret_err, WF_EINVAL, "it is not of the kind that was asked for (%s, fail or retry)", names[call->request.mode]);
}

static int check_answer(struct wf_call *call, struct wf_err *ret_err)
{
    struct wf_answer *answer = &call->answer;
    bool is_run = call->request.mode == WF_MODE_RUN || call->request.mode == WF_MODE_VERIFY;
    int rc = check_kind(call, ret_err);

    if (rc != 0)
        return rc;
    if (answer->kind == WF_ANSWER_PLANNED && call->tried_write)
        return wf_err_set(ret_err, WF_EINVAL, "it tried to write while it planned, which was refused");
    if (answer->kind == WF_ANSWER_VERDICT && call->tried_write)
        return wf_err_set(
            ret_err, WF_EINVAL, "it tried to write while it was asked whether it had happened, which was refused");
    if (answer->kind == WF_ANSWER_SUCCEED || (answer->kind == WF_ANSWER_VERDICT && answer->verdict == WF_VERDICT_YES))
        return check_value(call, answer->output, is_run, &answer->value, ret_err);
    if (answer->kind == WF_ANSWER_PLANNED && answer->planned->output.len > 0)
        rc = check_value(call, answer->planned->output, false, NULL, ret_err);
    if (rc == 0 && answer->kind == WF_ANSWER_PLANNED && answer->planned->facts.len > 0)
        rc = check_value(call, answer->planned->facts, false, NULL, ret_err);
    return rc;
}

/* An error without its data is better than none. */
static void check_data(const struct wf_call *call)
{
    const struct wf_failure *failure = call->answer.failure;
    struct wf_err err = {0};
    jv value;

    if (!failure || !failure->data)
        return;
    if (wf_val_parse(failure->data, strlen(failure->data), &value, &err) == 0) {
        if (jv_get_kind(value) != JV_KIND_OBJECT)
            wf_err_set(&err, WF_EINVAL, "they are no object");
        jv_free(value);
    }
    if (err.code != 0)
        wf_log(WF_LOGL_WARN, "%s: the data of a failure of the step %s are dropped: %s", wf__call_plugin_name(call),
            call->entry->public.type->name, err.msg);
}

/* Under no lock: nobody else writes the answer any more. */
static void hand_on(struct wf_call *call)
{
    wf__call_ref(call);
    wf__call_end(call);
    call->request.done(call->request.arg, &call->answer);
    wf__call_unref(call);
}

static void set_failure(struct wf_call *call, const struct wf_failure *failure)
{
    call->answer = (struct wf_answer){.kind = WF_ANSWER_FAIL};
    keep_failure(call, failure);
}

static void deliver(void *arg)
{
    struct wf_call *call = arg;
    struct wf_err err = {0};
    char detail[1000];

    if (!atomic_load(&call->ended)) {
        if (check_answer(call, &err) != 0) {
            snprintf(detail, sizeof detail, "the answer of the plugin %s to the step %s is wrong: %s%s%s",
                wf__call_plugin_name(call), call->entry->public.type->name, err.msg, err.hint[0] ? "; " : "", err.hint);
            set_failure(call, &(struct wf_failure){.size = sizeof(struct wf_failure),
                                  .status = 500,
                                  .type = "runtime",
                                  .title = "Wrong answer of a plugin",
                                  .detail = detail});
            call->answer.unsure = true;
        }
        check_data(call);
        hand_on(call);
        jv_free(call->answer.value); /* here, for the call itself may end on another thread */
        call->answer.value = jv_invalid();
    }
    wf__call_unref(call);
}

void wf__call_fail(struct wf_call *call, const char *type, int32_t status, const char *title, const char *detail)
{
    struct wf_failure failure = {
        .size = sizeof failure, .status = status, .type = type, .title = title, .detail = detail};

    if (wf__call_is_answered(call) || !answer_begin(call))
        return; /* an answer is on its way here */
    call->failed_by_host = true;
    set_failure(call, &failure);
    call->answer.unsure = true;
    pthread_mutex_unlock(&call->lock);
    hand_on(call);
}
