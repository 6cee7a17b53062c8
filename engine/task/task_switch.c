/* task_switch.c: `switch`: the first case that is true says where to go; a case without `when` if no other is. */
#include "task/types.h"

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    const struct wf_switch_case *otherwise = NULL;
    jv answer, error;

    for (size_t i = 0; i < task->switch_.count; i++) {
        const struct wf_switch_case *branch = &task->switch_.cases[i];
        bool taken;

        if (!branch->when) {
            otherwise = branch;
            continue;
        }
        if (wf_frame_eval(frame, branch->when, NULL, &answer, &error) != 0)
            return wf_fault(error);
        taken = wf_val_truthy(&answer);
        jv_free(answer);
        if (taken)
            return wf_flow(jv_copy(*wf_frame_input(frame)), branch->then);
    }
    if (otherwise)
        return wf_flow(jv_copy(*wf_frame_input(frame)), otherwise->then);
    return wf_done(jv_copy(*wf_frame_input(frame)));
}

const struct wf_task_type wf__task_switch = {.kind = WF_TASK_SWITCH, .enter = enter};
