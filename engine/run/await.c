/* await.c: what waits for a word from a person: the gate between two waves, an approval of effects.
 *
 *     asked for ─┬─ journal has the decision ──> ANSWERED, as in every replay
 *                └─ none ──> intent (since when), note `waiting PATH`, AWAITING: the run parks as waiting once nothing
 *                            else can move
 *     WF_CONTROL_DECIDE ──> its JSON is the outcome, whether it was asked for in this activation yet or not
 *
 * A pause ends with the first word. An approval may need several, and a time-out is a denial: see approval.c. What is
 * waited for is an operation of its own (a gate), or a scope that the effects of a run or an item wait for. */
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

/* ---- the note that people see ---- */

/* intent: what is waited for; NULL: it is over. */
static void note(struct wf_run *run, const char *path, const jv *intent)
{
    char *key = wf_asprintf("waiting %s", path);
    jv json = intent ? wf_val_set(wf__approval_given(run, path, jv_copy(*intent)), "path", jv_string(path)) : jv_null();
    char *text = wf_val_text(&json);

    run->engine->set.journal->note(run->ref, key, (struct wf_slice){text, strlen(text)});
    jv_free(json);
    free(text);
    free(key);
}

static jv read_intent(const struct wf_record *record)
{
    jv intent;

    return wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) == 0 ? intent : jv_object();
}

static bool is_approval(const jv *intent)
{
    return strcmp(wf_val_string(intent, "for", ""), needs[WF_AWAIT_APPROVAL]) == 0;
}

/* ---- decided ---- */

static void decide(struct wf_run *run, const char *path, jv decision)
{
    struct wf_op *op = wf__op_find(run, path);
    char *text = wf_val_text(&decision);
    uint64_t seq = run->engine->set.journal->outcome(
        run->ref, path, WF_OP_EVENT, WF_REC_DONE, (struct wf_slice){text, strlen(text)}, 0);

    free(text);
    note(run, path, NULL);
    if (op && op->state == WF_OPS_AWAITING)
        wf__op_answer(op, seq, WF_WAKE_DONE, jv_copy(decision));
    else if (!op)
        wf__permit_decided(run, path, &decision);
    jv_free(decision);
}

static bool is_word(const jv *word)
{
    const char *decision = wf_val_string(word, "decision", "");

    return strcmp(decision, "go") == 0 || strcmp(decision, "no") == 0;
}

void wf__await_decide(struct wf_run *run, const char *path, struct wf_slice json)
{
    struct wf_record record;
    jv word, intent;

    run->engine->set.journal->lookup(run->ref, path, &record);
    if (record.state != WF_REC_INTENT || record.kind != WF_OP_EVENT ||
        wf_val_parse(json.ptr, json.len, &word, NULL) != 0)
        return; /* nobody waits for it, or not any more */
    intent = read_intent(&record);
    if (!is_word(&word)) {
        jv_free(word);
    } else if (!is_approval(&intent)) {
        decide(run, path, word);
    } else {
        jv decision = wf__approval_word(run, path, &intent, word);
        if (jv_is_valid(decision))
            decide(run, path, decision);
        else
            note(run, path, &intent);
    }
    jv_free(intent);
}

/* ---- asked for ---- */

static jv intent_new(struct wf_run *run, const char *path, const char *task, enum wf_await need, const char *what)
{
    jv intent = wf_val_set(wf_val_set(jv_object(), "for", jv_string(needs[need])), "what", jv_string(what));

    intent = wf_val_set(intent, "task", jv_string(task));
    intent = wf_val_set(intent, "since", jv_number((double)wf_loop_now_ms(run->engine->set.loop)));
    return need == WF_AWAIT_APPROVAL ? wf__approval_describe(run, path, intent) : intent;
}

enum wf_rec_state wf__await_scope(
    struct wf_frame *frame, const char *path, enum wf_await need, const char *what, const struct wf_record *record)
{
    struct wf_run *run = frame->run;
    jv intent =
        record->state == WF_REC_NONE ? intent_new(run, path, frame->task->ref, need, what) : read_intent(record);
    jv decision;

    if (record->state == WF_REC_NONE) {
        char *text = wf_val_text(&intent);
        run->engine->set.journal->intent(run->ref, path, WF_OP_EVENT, (struct wf_slice){text, strlen(text)}, 0);
        free(text);
    }
    decision = is_approval(&intent) ? wf__approval_decision(run, path, &intent) : jv_invalid();
    if (jv_is_valid(decision)) {
        decide(run, path, decision);
        jv_free(intent);
        return WF_REC_DONE;
    }
    note(run, path, &intent);
    wf__tell_words(frame, WF_EV_WAITING, path, 0, 0, wf_val_string(&intent, "what", ""));
    jv_free(intent);
    return WF_REC_INTENT;
}

void wf__await_live(struct wf_op *op, const struct wf_record *record)
{
    struct wf_run *run = op->run;

    if (record->state == WF_REC_DONE) { /* the word came after it was asked for, and before it began */
        wf__op_answer(op, record->seq, WF_WAKE_DONE, jv_invalid());
        return;
    }
    wf__op_enter_state(op, WF_OPS_AWAITING);
    if (run->engine->set.planning)
        decide(run, op->path, wf_val_set(jv_object(), "decision", jv_string("go")));
    else
        (void)wf__await_scope(op->frame, op->path, op->need, op->what, record);
    wf__run_schedule(run);
}

void wf__await_drop(struct wf_op *op)
{
    if (op->state == WF_OPS_AWAITING && !op->run->over)
        note(op->run, op->path, NULL);
    free(op->what);
}
