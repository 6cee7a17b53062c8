/* interrupt.c: cutting off what runs: losers of a race, siblings of a fault, whatever a time-out or a cancel ends.
 *
 * An effect that must not be repeated blindly (spend, irreversible, a write that is not idempotent) is never cut off
 * between its intent and its outcome: its frame and those above it stay, without any wake, until it has ended. */
#include "run/effect.h"

static struct wf_frame *deepest(struct wf_frame *frame)
{
    while (frame->first_child)
        frame = frame->first_child;
    return frame;
}

static void drop_ops(struct wf_frame *frame)
{
    struct wf_op *next;

    for (struct wf_op *op = frame->ops; op; op = next) {
        next = op->next;
        if (op->unsafe && op->state == WF_OPS_DELAYED && !op->run->over)
            wf__call_cancelled(op);
        else if (!wf__op_is_held(op))
            wf__op_drop(op);
    }
}

/* Post-order: children are gone, or held, before their parent is looked at. */
void wf__interrupt(struct wf_frame *top)
{
    struct wf_frame *next;

    for (struct wf_frame *frame = deepest(top); frame; frame = next) {
        next = frame == top ? NULL : frame->next ? deepest(frame->next) : frame->parent;
        frame->interrupted = true;
        drop_ops(frame);
        if (frame->children == 0 && !frame->ops) {
            wf__tell_end(frame, NULL);
            wf__frame_drop(frame);
        }
    }
}

void wf__frame_clear(struct wf_frame *frame)
{
    struct wf_frame *next;

    drop_ops(frame);
    for (struct wf_frame *child = frame->first_child; child; child = next) {
        next = child->next;
        wf__interrupt(child);
    }
}

void wf_cancel_children(struct wf_frame *frame)
{
    struct wf_frame *next;

    for (struct wf_frame *child = frame->first_child; child; child = next) {
        next = child->next;
        wf__interrupt(child);
    }
}

size_t wf_children(const struct wf_frame *frame)
{
    return frame->children;
}

void wf__frame_expire(struct wf_frame *frame, jv error)
{
    frame->ending = error;
    wf__frame_clear(frame);
    wf__frame_settle(frame);
}
