/* each.c: every task of a list, and of the lists in them. */
#include "def/def.h"

static void visit(const struct wf_task *task, void (*each)(void *arg, const struct wf_task *), void *arg)
{
    each(arg, task);
    switch (task->kind) {
    case WF_TASK_DO:
        wf_task_each(&task->do_, each, arg);
        break;
    case WF_TASK_FOR:
        wf_task_each(&task->for_.body, each, arg);
        break;
    case WF_TASK_FORK:
        wf_task_each(&task->fork.branches, each, arg);
        break;
    case WF_TASK_TRY:
        wf_task_each(&task->try_.body, each, arg);
        wf_task_each(&task->try_.handler, each, arg);
        break;
    default:
        break;
    }
}

void wf_task_each(const struct wf_task_list *list, void (*each)(void *arg, const struct wf_task *), void *arg)
{
    for (size_t i = 0; i < list->count; i++)
        visit(list->tasks[i], each, arg);
}
