/* task_wait.c: `wait`: sleeps; the output is the input. */
#include "task/types.h"

static struct wf_verdict enter(struct wf_frame *frame)
{
    struct wf_duration duration;
    jv error;

    if (wf_frame_duration(frame, &wf_frame_task(frame)->wait, &duration, &error) != 0)
        return wf_fault(error);
    if (wf_frame_is_planning(frame)) /* a plan tells what comes after; nobody waits for it */
        return wf_done(jv_copy(*wf_frame_input(frame)));
    wf_ask_timer(frame, 0, (struct wf_label){"wait", -1, NULL}, wf_duration_from(duration, wf_frame_now(frame)));
    return wf_wait();
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    (void)wake;
    return wf_done(jv_copy(*wf_frame_input(frame)));
}

const struct wf_task_type wf__task_wait = {.kind = WF_TASK_WAIT, .enter = enter, .resume = resume};
