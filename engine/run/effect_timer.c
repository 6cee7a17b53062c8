/* effect_timer.c: timers: waits, delays of retries, time-outs. */
#include <stdio.h>
#include <string.h>

#include "run/effect.h"

void wf_ask_timer(struct wf_frame *frame, size_t slot, struct wf_label label, int64_t wake_ms)
{
    struct wf_op *op = wf__op_new(frame, WF_OP_TIMER, slot, wf__label_path(frame, label));

    op->wake_ms = wake_ms;
    wf__op_ask(op);
}

void wf_cancel_timer(struct wf_frame *frame, size_t slot)
{
    for (struct wf_op *op = frame->ops; op; op = op->next) {
        if (op->kind == WF_OP_TIMER && op->slot == slot && !op->expiry) {
            wf__op_drop(op);
            return;
        }
    }
}

int wf__ask_expiry(struct wf_frame *frame, const struct wf_duration_def *after, const char *word, jv *ret_error)
{
    struct wf_duration duration;
    struct wf_op *op;

    if (wf_frame_duration(frame, after, &duration, ret_error) != 0)
        return -1;
    op = wf__op_new(frame, WF_OP_TIMER, SIZE_MAX, wf__op_path(frame, "/%s", word));
    op->expiry = true;
    op->wake_ms = wf_frame_now(frame) + wf_duration_ms(duration);
    wf__op_ask(op);
    return 0;
}

/* The wake time of the first asking is kept with the intent, so that a resumed run waits until then and no longer. */
void wf__timer_live(struct wf_op *op, const struct wf_record *record)
{
    struct wf_run *run = op->run;
    const struct wf_backend_ops *journal = run->engine->set.journal;
    struct wf_err err = {0};
    jv intent;

    if (record->state == WF_REC_INTENT && wf_val_parse(record->intent.ptr, record->intent.len, &intent, &err) == 0) {
        op->wake_ms = (int64_t)wf_val_number(&intent, "wake", (double)op->wake_ms);
        jv_free(intent);
    } else {
        char text[60];
        int len = snprintf(text, sizeof text, "{\"wake\":%lld}", (long long)op->wake_ms);
        journal->intent(run->ref, op->path, WF_OP_TIMER, (struct wf_slice){text, (size_t)len}, 0);
    }
    op->armed = true;
    wf__op_enter_state(op, WF_OPS_RUNNING);
    journal->timer(run->ref, op->path, op->wake_ms);
}

void wf__timer_fired(struct wf_op *op)
{
    uint64_t seq = op->run->engine->set.journal->outcome(
        op->run->ref, op->path, WF_OP_TIMER, WF_REC_DONE, (struct wf_slice){"null", 4}, 0);

    op->armed = false;
    wf__op_answer(op, seq, WF_WAKE_DONE, jv_null());
}
