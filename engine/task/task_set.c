/* task_set.c: `set`: the output is the data that was written, its expressions evaluated. */
#include "task/types.h"

static struct wf_verdict enter(struct wf_frame *frame)
{
    jv value, error;

    if (wf_frame_fill(frame, wf_frame_task(frame)->set, NULL, &value, &error) != 0)
        return wf_fault(error);
    return wf_done(value);
}

const struct wf_task_type wf__task_set = {.kind = WF_TASK_SET, .enter = enter};
