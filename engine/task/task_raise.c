/* task_raise.c: `raise`: faults with the error that is written. */
#include "task/types.h"

static int member(struct wf_frame *frame, const struct wf_tmpl *tmpl, const char *name, jv *error_object, jv *ret_error)
{
    jv value;

    if (!tmpl)
        return 0;
    if (wf_frame_fill(frame, tmpl, NULL, &value, ret_error) != 0)
        return -1;
    *error_object = wf_val_set(*error_object, name, value);
    return 0;
}

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    const struct wf_error_def *def = &task->raise;
    jv object = jv_object(), error;

    object = wf_val_set(object, "instance", jv_string(task->ref));
    if (member(frame, def->type, "type", &object, &error) != 0 ||
        member(frame, def->status, "status", &object, &error) != 0 ||
        member(frame, def->title, "title", &object, &error) != 0 ||
        member(frame, def->detail, "detail", &object, &error) != 0 ||
        member(frame, def->instance, "instance", &object, &error) != 0) {
        jv_free(object);
        return wf_fault(error);
    }
    return wf_fault(object);
}

const struct wf_task_type wf__task_raise = {.kind = WF_TASK_RAISE, .enter = enter};
