/* doubt.c: an effect whose intent is in the journal and whose outcome is not. Did it happen?
 *
 *     resolved by a person ────────────────────> as they said
 *     read, none, idempotent write ────────────> run again
 *     its last attempt answered retry ─────────> run again
 *     no verify ───────────────────────────────> parked, until a person says
 *     verify: yes ─────────────────────────────> its output is the outcome
 *             no, the first call may still land ─> ask again when its deadline has passed
 *             no ──────────────────────────────> run again, with the same key; a fault when it is not wanted any more
 *             unknown, or it fails ────────────> parked
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

/* A call whose deadline has passed may still be on its way for a moment: threads are slow, and clocks differ. */
#define LANDING_MS 500

static void answered(void *arg, const struct wf_answer *answer);

/* ---- parked ---- */

static void note(struct wf_op *op, const char *why)
{
    char *key = wf_asprintf("in-doubt %s", op->path);
    struct wf_buf text;

    wf_buf_init(&text, WF_RECORD_MAX);
    if (why) {
        wf_buf_str(&text, "{\"path\":");
        wf_buf_json_string(&text, op->path, strlen(op->path));
        wf_buf_str(&text, ",\"task\":");
        wf_buf_json_string(&text, op->frame->task->ref, strlen(op->frame->task->ref));
        wf_buf_printf(&text, ",\"step\":\"%s\",\"key\":\"%s\",\"since\":%lld,\"why\":", op->entry->type->name, op->key,
            (long long)op->intent_ms);
        wf_buf_json_string(&text, why, strlen(why));
        wf_buf_char(&text, '}');
    } else {
        wf_buf_str(&text, "null");
    }
    op->run->engine->set.journal->note(op->run->ref, key, (struct wf_slice){text.ptr, text.len});
    wf_buf_done(&text);
    free(key);
}

static void doubt_park(struct wf_op *op, const char *why)
{
    wf__op_enter_state(op, WF_OPS_DOUBT);
    note(op, why);
    wf__tell_words(op->frame, WF_EV_IN_DOUBT, op->path, 0, 0, why);
    wf__run_schedule(op->run);
}

/* ---- resolutions of people: facts under the operation's path ---- */

static bool fact_exists(struct wf_run *run, const char *path)
{
    struct wf_record record;

    run->engine->set.journal->lookup(run->ref, path, &record);
    return record.state == WF_REC_DONE;
}

static char *fact_path(const char *op_path, const char *word, unsigned number)
{
    return wf_asprintf("%s#%s/%u", op_path, word, number);
}

static unsigned count_facts(struct wf_run *run, const char *op_path, const char *word)
{
    for (unsigned number = 1;; number++) {
        char *path = fact_path(op_path, word, number);
        bool exists = fact_exists(run, path);
        free(path);
        if (!exists)
            return number - 1;
    }
}

static void add_fact(struct wf_run *run, const char *op_path, const char *word, struct wf_slice json)
{
    char *path = fact_path(op_path, word, count_facts(run, op_path, word) + 1);

    (void)run->engine->set.journal->outcome(run->ref, path, WF_OP_FACT, WF_REC_DONE, json, 0);
    free(path);
}

/* The resolution that nobody has acted on yet; invalid: none. */
static jv unused_resolution(struct wf_op *op)
{
    unsigned given = count_facts(op->run, op->path, "resolved"), used = count_facts(op->run, op->path, "repeated");
    struct wf_record record;
    struct wf_err err = {0};
    char *path;
    jv value = jv_invalid();

    if (given <= used)
        return value;
    path = fact_path(op->path, "resolved", given);
    op->run->engine->set.journal->lookup(op->run->ref, path, &record);
    free(path);
    if (wf_val_parse(record.outcome.ptr, record.outcome.len, &value, &err) != 0)
        return jv_invalid();
    return value;
}

/* It did not happen: what now? */
static void repeat(struct wf_op *op)
{
    jv error = op->failure;

    op->failure = jv_invalid();
    if (jv_is_valid(error)) {
        wf__call_outcome(op, WF_WAKE_FAULT, error);
    } else if (wf__frame_is_leaving(op->frame)) {
        wf__call_cancelled(op);
    } else {
        op->deadline_ms = wf_frame_now(op->frame) + op->span_ms;
        wf__call_again(op);
    }
}

static void act_on(struct wf_op *op, jv resolution)
{
    const char *as = wf_val_string(&resolution, "as", "");

    note(op, NULL);
    if (strcmp(as, "not-done") == 0) {
        while (count_facts(op->run, op->path, "repeated") < count_facts(op->run, op->path, "resolved"))
            add_fact(op->run, op->path, "repeated", (struct wf_slice){"null", 4});
        jv_free(op->failure);
        op->failure = jv_invalid(); /* a person has the last word: it runs again, where verify's "no" is a fault */
        repeat(op);
    } else {
        jv output = strcmp(as, "skip") == 0 ? jv_copy(op->frame->input) : wf_val_get(&resolution, "output");
        wf__call_outcome(op, WF_WAKE_DONE, jv_is_valid(output) ? output : jv_null());
    }
    jv_free(resolution);
}

void wf__doubt_resolve(struct wf_run *run, const char *path, struct wf_slice json)
{
    struct wf_op *op = wf__op_find(run, path);

    add_fact(run, path, "resolved", json);
    if (op && op->state == WF_OPS_DOUBT && !run->stopping) {
        jv resolution = unused_resolution(op);
        if (jv_is_valid(resolution))
            act_on(op, resolution);
    }
}

/* ---- asking the world ---- */

static void ask_again(struct wf_timer *timer)
{
    wf__doubt_ask(wf_container_of(timer, struct wf_op, delay));
}

void wf__doubt_ask(struct wf_op *op)
{
    if (!op->entry->type->verify) {
        doubt_park(op, "it began and its end was not seen, and the step has no way to ask whether it happened");
        return;
    }
    wf__op_enter_state(op, WF_OPS_ASKING);
    op->asked_ms = wf_frame_now(op->frame);
    wf__call_start(op, WF_MODE_VERIFY, op->asked_ms + op->span_ms, answered);
}

/* A "no" counts only when it was asked for once the call could no longer land. */
static void verdict_no(struct wf_op *op)
{
    int64_t landed_ms = op->deadline_ms + LANDING_MS;

    if (op->asked_ms < landed_ms)
        wf__call_later(op, WF_OPS_ASK_LATER, landed_ms, ask_again);
    else
        repeat(op);
}

static void answered(void *arg, const struct wf_answer *answer)
{
    struct wf_op *op = arg;

    op->call = NULL;
    if (answer->kind == WF_ANSWER_VERDICT && answer->verdict == WF_VERDICT_YES)
        wf__call_done(op, answer);
    else if (answer->kind == WF_ANSWER_VERDICT && answer->verdict == WF_VERDICT_NO)
        verdict_no(op);
    else if (answer->kind == WF_ANSWER_VERDICT)
        doubt_park(op, answer->why ? answer->why : "the step cannot tell whether it happened");
    else if (answer->kind == WF_ANSWER_RETRY)
        wf__call_later(op, WF_OPS_ASK_LATER, wf_frame_now(op->frame) + answer->after_ms, ask_again);
    else if (answer->kind == WF_ANSWER_FAIL && answer->failure->detail)
        doubt_park(op, answer->failure->detail);
    else
        doubt_park(op, "asking whether it happened failed");
}

/* ---- found at activation ---- */

static void load_memos(struct wf_op *op)
{
    for (;;) {
        char *path = wf_asprintf("%s#%zu", op->path, op->nmemos + 1);
        struct wf_record record;
        struct wf_err err = {0};
        jv memo, value;
        char *text;

        op->run->engine->set.journal->lookup(op->run->ref, path, &record);
        free(path);
        if (record.state != WF_REC_DONE || wf_val_parse(record.outcome.ptr, record.outcome.len, &memo, &err) != 0)
            return;
        value = wf_val_get(&memo, "value");
        text = wf_val_text(&value);
        wf__call_add_memo(op, wf_val_string(&memo, "name", ""), text, strlen(text));
        free(text);
        jv_free(value);
        jv_free(memo);
    }
}

/* The same step of the same major version, asked for the same: else the definition or the plugin has changed. */
const char *wf__call_mismatch(const struct wf_op *op, const jv *intent)
{
    const char *version = op->entry->plugin->version;
    char *masked = wf__call_masked_input(op);
    jv then = wf_val_get(intent, "input"), now;
    struct wf_err err = {0};
    bool same = wf_val_parse(masked, strlen(masked), &now, &err) == 0 && jv_equal(then, now);

    free(masked);
    if (strcmp(wf_val_string(intent, "step", ""), op->entry->type->name) != 0)
        return "the journal has another step under this task's path; resume with the wfrun that began the run";
    if (strncmp(wf_val_string(intent, "version", ""), version, strcspn(version, ".") + 1) != 0)
        return "the plugin has another major version than the one that began this step";
    return same ? NULL : "the step would now be called with other data than when it began";
}

/* Which attempt was the last to begin, and until when it may land. True: it ended, and nothing happened. */
static bool load_attempts(struct wf_op *op)
{
    unsigned further = count_facts(op->run, op->path, "again");
    struct wf_record record;
    struct wf_err err = {0};
    char *path = fact_path(op->path, "again", further);
    jv fact;
    bool ended;

    op->attempt = further + 1;
    op->run->engine->set.journal->lookup(op->run->ref, path, &record);
    if (further > 0 && wf_val_parse(record.outcome.ptr, record.outcome.len, &fact, &err) == 0) {
        op->deadline_ms = (int64_t)wf_val_number(&fact, "deadline", (double)op->deadline_ms);
        jv_free(fact);
    }
    free(path);
    path = fact_path(op->path, "ended", op->attempt);
    ended = fact_exists(op->run, path);
    free(path);
    return ended;
}

void wf__doubt_begin(struct wf_op *op, const struct wf_record *record)
{
    struct wf_err err = {0};
    const char *wrong;
    jv intent, resolution;
    bool ended;

    load_memos(op);
    op->intent_ms = record->intent_ms;
    if (wf_val_parse(record->intent.ptr, record->intent.len, &intent, &err) != 0)
        intent = jv_object();
    op->deadline_ms = (int64_t)wf_val_number(&intent, "deadline", (double)op->intent_ms);
    op->span_ms = op->deadline_ms - op->intent_ms;
    ended = load_attempts(op);
    wrong = wf__call_mismatch(op, &intent);
    jv_free(intent);
    resolution = unused_resolution(op);
    if (jv_is_valid(resolution)) {
        act_on(op, resolution);
    } else if (wrong) {
        doubt_park(op, wrong);
    } else if (!op->unsafe || ended) {
        repeat(op);
    } else {
        wf__doubt_ask(op);
    }
}
