/* types.h: the task types, one file each; private to task/. */
#ifndef WF_TASK_TYPES_H
#define WF_TASK_TYPES_H

#include "task/task.h"

extern const struct wf_task_type wf__task_call, wf__task_do, wf__task_for, wf__task_fork, wf__task_raise, wf__task_run,
    wf__task_set, wf__task_switch, wf__task_try, wf__task_wait;

#endif
