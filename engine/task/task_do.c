/* task_do.c: `do`: one task after the other. */
#include "task/types.h"

static struct wf_verdict enter(struct wf_frame *frame)
{
    wf_ask_list(frame, 0, (struct wf_label){"do", -1, NULL}, &wf_frame_task(frame)->do_,
        jv_copy(*wf_frame_input(frame)), wf_scope_of(frame), WF_CONTEXT_SHARED);
    return wf_wait();
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    (void)frame;
    return wf_pass_on(wake);
}

const struct wf_task_type wf__task_do = {.kind = WF_TASK_DO, .enter = enter, .resume = resume};
