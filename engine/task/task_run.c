/* task_run.c: `run: workflow`: another definition, with an id and a context of its own. */
#include "task/types.h"

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    jv input = jv_copy(*wf_frame_input(frame)), error;

    if (task->run.input) {
        jv_free(input);
        if (wf_frame_fill(frame, task->run.input, NULL, &input, &error) != 0)
            return wf_fault(error);
    }
    if (wf_ask_workflow(frame, 0, input, &error) != 0)
        return wf_fault(error);
    return wf_wait();
}

/* Its fault is this task's fault: the instance that the error names is in another document. */
static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    jv value = wf_wake_take(wake);

    if (wake->kind == WF_WAKE_DONE)
        return wf_done(value);
    return wf_fault(wf_val_set(value, "instance", jv_string(wf_frame_task(frame)->ref)));
}

const struct wf_task_type wf__task_run = {.kind = WF_TASK_RUN, .enter = enter, .resume = resume};
