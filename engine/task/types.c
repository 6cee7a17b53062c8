/* types.c: the only list of task types, in the order of enum wf_task_kind. */
#include "task/types.h"

const struct wf_task_type *wf_task_type(enum wf_task_kind kind)
{
    static const struct wf_task_type *const types[WF_TASK_KINDS] = {
        [WF_TASK_CALL] = &wf__task_call,
        [WF_TASK_DO] = &wf__task_do,
        [WF_TASK_FOR] = &wf__task_for,
        [WF_TASK_FORK] = &wf__task_fork,
        [WF_TASK_RAISE] = &wf__task_raise,
        [WF_TASK_RUN] = &wf__task_run,
        [WF_TASK_SET] = &wf__task_set,
        [WF_TASK_SWITCH] = &wf__task_switch,
        [WF_TASK_TRY] = &wf__task_try,
        [WF_TASK_WAIT] = &wf__task_wait,
    };

    return types[kind];
}
