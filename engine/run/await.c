/* await.c: an operation that waits for a word from a person: the gate between two waves, an approval.
 *
 *     asked for ─┬─ journal has the word ──> ANSWERED, as in every replay
 *                └─ none ──> intent (since when), note `waiting PATH`, AWAITING: the run parks as waiting once nothing
 *                            else can move
 *     WF_CONTROL_DECIDE ──> its JSON is the outcome, whether the operation was asked for in this activation yet or not
 *
 * The first word counts. Who may give it, and how many must, is for whoever asks to see to. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

static const char *const needs[] = {[WF_AWAIT_PAUSE] = "pause", [WF_AWAIT_APPROVAL] = "approval"};

void wf_ask_decision(struct wf_frame *frame, size_t slot, struct wf_label label, enum wf_await need, const char *what)
{
    struct wf_op *op = wf__op_new(frame, WF_OP_EVENT, slot, wf__label_path(frame, label));

    op->need = need;
    op->what = wf_strdup(what);
    wf__op_ask(op);
}

static jv describe(const struct wf_op *op)
{
    return wf_val_set(wf_val_set(jv_object(), "for", jv_string(needs[op->need])), "what", jv_string(op->what));
}

/* since_ms 0: it waits no more. */
static void note(struct wf_run *run, const char *path, const struct wf_op *op, int64_t since_ms)
{
    char *key = wf_asprintf("waiting %s", path);
    jv json = jv_null();
    char *text;

    if (since_ms > 0) {
        json = wf_val_set(describe(op), "path", jv_string(path));
        json = wf_val_set(json, "task", jv_string(op->frame->task->ref));
        json = wf_val_set(json, "since", jv_number((double)since_ms));
    }
    text = wf_val_text(&json);
    run->engine->set.journal->note(run->ref, key, (struct wf_slice){text, strlen(text)});
    jv_free(json);
    free(text);
    free(key);
}

void wf__await_live(struct wf_op *op, const struct wf_record *record)
{
    struct wf_run *run = op->run;
    int64_t since_ms = record->intent_ms;

    if (record->state == WF_REC_DONE) { /* the word came after it was asked for, and before it began */
        wf__op_answer(op, record->seq, WF_WAKE_DONE, jv_invalid());
        return;
    }
    if (record->state == WF_REC_NONE) {
        jv json = describe(op);
        char *text = wf_val_text(&json);
        since_ms = wf_frame_now(op->frame);
        run->engine->set.journal->intent(run->ref, op->path, WF_OP_EVENT, (struct wf_slice){text, strlen(text)}, 0);
        free(text);
        jv_free(json);
    }
    wf__op_enter_state(op, WF_OPS_AWAITING);
    note(run, op->path, op, since_ms);
    wf__tell_words(op->frame, WF_EV_WAITING, op->path, 0, 0, op->what);
    wf__run_schedule(run);
}

void wf__await_drop(struct wf_op *op)
{
    if (op->state == WF_OPS_AWAITING && !op->run->over)
        note(op->run, op->path, op, 0);
    free(op->what);
}

static bool is_decision(const jv *word)
{
    const char *decision = wf_val_string(word, "decision", "");

    return strcmp(decision, "go") == 0 || strcmp(decision, "no") == 0;
}

void wf__await_decide(struct wf_run *run, const char *path, struct wf_slice json)
{
    const struct wf_backend_ops *journal = run->engine->set.journal;
    struct wf_op *op = wf__op_find(run, path);
    struct wf_record record;
    struct wf_err err = {0};
    uint64_t seq;
    jv word;

    journal->lookup(run->ref, path, &record);
    if (record.state != WF_REC_INTENT || record.kind != WF_OP_EVENT ||
        wf_val_parse(json.ptr, json.len, &word, &err) != 0)
        return; /* nobody waits for it, or not any more */
    if (!is_decision(&word)) {
        jv_free(word);
        return;
    }
    seq = journal->outcome(run->ref, path, WF_OP_EVENT, WF_REC_DONE, json, 0);
    note(run, path, NULL, 0);
    if (op && op->state == WF_OPS_AWAITING)
        wf__op_answer(op, seq, WF_WAKE_DONE, word);
    else
        jv_free(word);
}
