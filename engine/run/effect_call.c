/* effect_call.c: calls of steps: intent, call, retry, outcome. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"

#define DEFAULT_TIMEOUT_MS (10 * 60 * 1000)
#define WITH_MAX           (WF_RECORD_MAX - 4096) /* bytes; the intent has room for the rest */

static const char *const effects[] = {"none", "read", "write", "spend", "irreversible"};

int wf_ask_call(struct wf_frame *frame, size_t slot, const struct wf_step_info *step, jv with, jv *ret_error)
{
    char *input = wf_val_text(&with);
    struct wf_op *op;

    jv_free(with);
    if (!input) {
        *ret_error = wf_frame_error(frame, "validation", "`with` of %s " WF_VAL_TOO_DEEP, step->name);
        return -1;
    }
    if (strlen(input) > WITH_MAX) {
        *ret_error = wf_frame_error(
            frame, "validation", "`with` of %s has %zu bytes and may have %zu", step->name, strlen(input), WITH_MAX);
        free(input);
        return -1;
    }
    op = wf__op_new(frame, WF_OP_STEP, slot, wf__op_path(frame, "%s", ""));
    op->entry = step->entry;
    op->input = input;
    op->undo = frame->task->hints.undo;
    if (op->undo) { /* its input is not known yet */
        op->effect = op->entry->type->effect > WF_EFFECT_WRITE ? op->entry->type->effect : WF_EFFECT_WRITE;
        op->idempotent = true;
    } else {
        op->effect = wf_step_effect(op->entry, (struct wf_bytes){op->input, strlen(op->input)}, &op->idempotent);
    }
    op->unsafe = !op->idempotent ? op->effect >= WF_EFFECT_WRITE : !op->undo && op->effect >= WF_EFFECT_SPEND;
    op->attempt = 1;
    wf_uuid_named(op->run->space, op->path, op->key);
    wf__op_ask(op);
    return 0;
}

/* ---- intent ---- */

static void intent_stored(struct wf_op *op, int rc)
{
    op->wish = NULL;
    if (rc != 0 || op->run->over)
        return;
    if (wf__frame_is_leaving(op->frame))
        wf__call_cancelled(op);
    else if (op->run->stopping && !op->unsafe)
        wf__op_ask(op); /* it stays with its intent, for the next activation */
    else
        wf__call_run(op); /* rather than leave the next activation in doubt */
}

void wf__stored(uint64_t token, int rc)
{
    struct wf_wish *wish = (struct wf_wish *)(uintptr_t)token;

    if (wish->stored)
        wish->stored(wish->token, rc);
    else if (wish->op)
        intent_stored(wish->op, rc);
    free(wish);
}

static struct wf_wish *wish_new(struct wf_op *op, void (*stored)(void *, int), void *token)
{
    struct wf_wish *wish = wf_calloc(1, sizeof *wish);

    *wish = (struct wf_wish){op, stored, token};
    return wish;
}

/* Its `with` as the journal may keep it: without secrets. Where a secret stands outside of a string (a number), masking
 * breaks the JSON, and the whole is masked. */
char *wf__call_masked_input(const struct wf_op *op)
{
    char *text = wf_mask_apply(wf_strdup(op->input));
    jv value;

    if (strcmp(text, op->input) == 0)
        return text;
    if (wf_val_parse(text, strlen(text), &value, NULL) == 0) {
        jv_free(value);
        return text;
    }
    free(text);
    return wf_strdup("\"***\"");
}

void wf__call_intend(struct wf_op *op)
{
    const struct wf_step_entry *entry = op->entry;
    char *input = wf__call_masked_input(op);
    struct wf_buf text;

    wf_buf_init(&text, SIZE_MAX); /* the journal refuses what is too long, with words */
    wf_buf_printf(&text, "{\"step\":\"%s\",\"version\":\"%s\",\"effect\":\"%s\",\"key\":\"%s\",\"deadline\":%lld,",
        entry->type->name, entry->plugin->version, effects[op->effect], op->key, (long long)op->deadline_ms);
    if (op->undo) {
        wf_buf_str(&text, "\"mode\":\"undo\",\"undoes\":");
        wf_buf_json_string(&text, op->undoes, strlen(op->undoes));
        wf_buf_char(&text, ',');
    }
    wf_buf_str(&text, "\"input\":");
    wf_buf_str(&text, input);
    wf__quote_write(op, &text);
    wf_buf_char(&text, '}');
    wf__op_enter_state(op, WF_OPS_STORING);
    op->wish = wish_new(op, NULL, NULL);
    op->run->engine->set.journal->intent(
        op->run->ref, op->path, WF_OP_STEP, (struct wf_slice){text.ptr, text.len}, (uintptr_t)op->wish);
    wf_buf_done(&text);
    free(input);
}

/* The task's own time-out is the step's deadline, else the step type's. */
static int64_t deadline_of(const struct wf_op *op, int64_t now)
{
    int64_t timeout = op->entry->type->timeout_ms;

    for (const struct wf_op *other = op->frame->ops; other; other = other->next)
        if (other->expiry)
            return other->wake_ms;
    return now + (timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS);
}

void wf__call_begin(struct wf_op *op)
{
    op->intent_ms = wf_frame_now(op->frame);
    op->deadline_ms = deadline_of(op, op->intent_ms);
    op->span_ms = op->deadline_ms - op->intent_ms;
    if (op->effect < WF_EFFECT_WRITE)
        wf__call_run(op);
    else if (wf__quote_is_needed(op))
        wf__quote_ask(op);
    else
        wf__call_intend(op);
}

void wf__call_live(struct wf_op *op, const struct wf_record *record)
{
    if (op->undo && wf__undo_load(op) != 0)
        return;
    if (record->state == WF_REC_INTENT) {
        wf__quote_replay(op, record);
        wf__doubt_begin(op, record);
    } else {
        wf__call_begin(op);
    }
}

/* ---- outcome ---- */

static void outcome(struct wf_op *op, enum wf_wake_kind kind, jv value, struct wf_slice text)
{
    uint64_t seq = op->run->engine->set.journal->outcome(
        op->run->ref, op->path, WF_OP_STEP, kind == WF_WAKE_FAULT ? WF_REC_FAULT : WF_REC_DONE, text, 0);

    if (kind == WF_WAKE_FAULT)
        wf__bounds_release(op);
    wf__op_answer(op, seq, kind, value);
}

void wf__call_outcome(struct wf_op *op, enum wf_wake_kind kind, jv value)
{
    char *text = wf_val_text(&value);

    outcome(op, kind, value, (struct wf_slice){text, strlen(text)});
    free(text);
}

/* The journal gets the bytes of the plugin, which the host has checked, not the same written once more. */
void wf__call_done(struct wf_op *op, const struct wf_answer *answer)
{
    outcome(op, WF_WAKE_DONE, jv_copy(answer->value), (struct wf_slice){answer->output.ptr, answer->output.len});
}

void wf__call_cancelled(struct wf_op *op)
{
    wf__call_outcome(op, WF_WAKE_FAULT,
        wf__error_new("runtime", 0, "Cancelled", "it was cancelled before it began", op->frame->task->ref));
}

void wf__call_later(struct wf_op *op, enum wf_op_state state, int64_t at_ms, void (*fn)(struct wf_timer *))
{
    wf__op_enter_state(op, state);
    wf_timer_start(op->run->engine->set.loop, &op->delay, at_ms, fn);
}

jv wf__call_error(struct wf_op *op, const struct wf_failure *failure)
{
    jv error = wf__error_new(failure->type ? failure->type : "runtime", failure->status, failure->title,
        failure->detail, op->frame->task->ref);
    struct wf_err err = {0};
    jv data;

    if (!failure->data || wf_val_parse(failure->data, strlen(failure->data), &data, &err) != 0)
        return error;
    if (jv_get_kind(data) != JV_KIND_OBJECT) {
        jv_free(data);
        return error;
    }
    return jv_object_merge(data, error);
}

/* ---- further attempts ---- */

/* A fact about an attempt, under the operation's path. A wish: to be told when it is durable. */
static void attempt_fact(struct wf_op *op, const char *word, uint32_t number, struct wf_wish *wish)
{
    char *path = wf_asprintf("%s#%s/%u", op->path, word, number);
    char *text = wf_asprintf("{\"deadline\":%lld}", (long long)op->deadline_ms);

    (void)op->run->engine->set.journal->outcome(
        op->run->ref, path, WF_OP_FACT, WF_REC_DONE, (struct wf_slice){text, strlen(text)}, (uintptr_t)wish);
    free(text);
    free(path);
}

void wf__call_again(struct wf_op *op)
{
    if (op->run->stopping) { /* it stays with what is in the journal, for the next activation */
        wf__op_ask(op);
        return;
    }
    op->attempt++;
    if (!op->unsafe) {
        wf__call_run(op);
        return;
    }
    wf__op_enter_state(op, WF_OPS_STORING);
    op->wish = wish_new(op, NULL, NULL);
    attempt_fact(op, "again", op->attempt - 1, op->wish);
}

static void again(struct wf_timer *timer)
{
    wf__call_again(wf_container_of(timer, struct wf_op, delay));
}

static void answer_retry(struct wf_op *op, const struct wf_answer *answer)
{
    int64_t at = wf_frame_now(op->frame) + (answer->after_ms > 0 ? answer->after_ms : 0);

    jv_free(op->failure);
    op->failure = jv_invalid();
    if (at >= op->deadline_ms || wf__frame_is_leaving(op->frame)) {
        wf__call_outcome(op, WF_WAKE_FAULT, wf__call_error(op, answer->failure));
        return;
    }
    if (op->unsafe)
        attempt_fact(op, "ended", op->attempt, NULL);
    wf__tell_words(op->frame, WF_EV_STEP_RETRY, op->path, op->attempt, 0, answer->failure->detail);
    wf__call_later(op, WF_OPS_DELAYED, at, again);
}

static bool is_timeout(const char *type)
{
    if (!type)
        return false;
    if (!wf_error_type_uri(type)) /* a URI: one of several spellings */
        type = wf_error_type_name(type);
    return type && strcmp(type, "timeout") == 0;
}

static void answer_fail(struct wf_op *op, const struct wf_answer *answer)
{
    jv error = wf__call_error(op, answer->failure);

    /* Without an answer, or past a deadline, nobody knows whether it happened: ask the world before the fault counts. */
    if (op->unsafe && (answer->unsure || is_timeout(answer->failure->type))) {
        op->failure = error;
        wf__doubt_ask(op);
        return;
    }
    wf__call_outcome(op, WF_WAKE_FAULT, error);
}

static void answered(void *arg, const struct wf_answer *answer)
{
    struct wf_op *op = arg;

    op->call = NULL;
    if (answer->kind == WF_ANSWER_RETRY) {
        answer_retry(op, answer);
    } else if (answer->kind == WF_ANSWER_FAIL) {
        answer_fail(op, answer);
    } else {
        wf__call_done(op, answer);
    }
}

/* ---- the call ---- */

static void progress(void *arg, int64_t done, int64_t total, const char *words)
{
    struct wf_op *op = arg;

    wf__tell_words(op->frame, WF_EV_PROGRESS, op->path, done, total, words);
}

/* Remembered values are facts, numbered under the operation's path: they are there again for verify and for a repeat.
 */
static void remember(void *arg, const char *name, struct wf_bytes json, void (*stored)(void *, int), void *token)
{
    struct wf_op *op = arg;
    char *path = wf_asprintf("%s#%zu", op->path, op->nmemos + 1);
    struct wf_buf text;

    wf_buf_init(&text, SIZE_MAX); /* the journal refuses what is too long, with words */
    wf_buf_str(&text, "{\"name\":");
    wf_buf_json_string(&text, name, strlen(name));
    wf_buf_str(&text, ",\"value\":");
    wf_buf_add(&text, json.ptr, json.len);
    wf_buf_char(&text, '}');
    (void)op->run->engine->set.journal->outcome(op->run->ref, path, WF_OP_FACT, WF_REC_DONE,
        (struct wf_slice){text.ptr, text.len}, (uintptr_t)wish_new(NULL, stored, token));
    wf__call_add_memo(op, name, json.ptr, json.len);
    wf_buf_done(&text);
    free(path);
}

void wf__call_add_memo(struct wf_op *op, const char *name, const char *json, size_t len)
{
    op->memos = wf_realloc(op->memos, (op->nmemos + 1) * sizeof *op->memos);
    op->memos[op->nmemos++] = (struct wf_memo){wf_strdup(name), {wf_memdup(json, len), len}};
}

void wf__call_start(
    struct wf_op *op, uint32_t mode, int64_t deadline_ms, void (*done)(void *, const struct wf_answer *))
{
    struct wf_call_request request = {
        .entry = op->entry,
        .mode = !op->undo              ? mode
                : mode == WF_MODE_PLAN ? WF_MODE_PLAN_UNDO
                                       : WF_MODE_UNDO,
        .input = {op->input, strlen(op->input)},
        .run_id = op->run->start.run_id,
        .task = op->frame->task->ref,
        .key = op->key,
        .attempt = op->attempt,
        .deadline_ms = deadline_ms,
        .intent_ms = op->intent_ms,
        .memos = op->memos,
        .nmemos = op->nmemos,
        .done = done,
        .progress = progress,
        .remember = remember,
        .arg = op,
    };

    op->call = wf_call_start(op->run->engine->set.hosting, &request);
}

void wf__call_run(struct wf_op *op)
{
    wf__op_enter_state(op, WF_OPS_RUNNING);
    wf__call_start(op, WF_MODE_RUN, op->deadline_ms, answered);
}
