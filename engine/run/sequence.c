/* sequence.c: LIST frames: one task after the other, as their flow directives say. */
#include <stdlib.h>

#include "base/alloc.h"
#include "run/frame.h"

static void begin(struct wf_frame *list, size_t pos, jv input)
{
    struct wf_frame *task = wf__frame_new(list->run, list, WF_FRAME_TASK, (struct wf_label){NULL, -1, NULL});

    list->pos = pos;
    task->task = list->list->tasks[pos];
    task->slot = pos;
    task->visit = list->visits ? ++list->visits[pos] : 1;
    jv_free(task->input);
    jv_free(task->raw_input);
    task->raw_input = jv_copy(input);
    task->input = input;
    wf__enter(task);
}

void wf__list_enter(struct wf_frame *list)
{
    jv input = list->input;

    list->input = jv_null();
    if (list->list->count == 0)
        wf__frame_end(list, WF_WAKE_DONE, input, WF_FLOW_CONTINUE);
    else
        begin(list, 0, input);
}

/* From the first jump on, visits are counted: the second one of a task has another path than the first. */
static void jump(struct wf_frame *list, size_t target, jv input)
{
    if (!list->visits) {
        list->visits = wf_calloc(list->list->count, sizeof *list->visits);
        for (size_t i = 0; i <= list->pos; i++)
            list->visits[i] = 1;
    }
    begin(list, target, input);
}

void wf__list_resume(struct wf_frame *list, struct wf_ready *entry)
{
    jv value = wf_wake_take(&entry->wake);

    if (entry->wake.kind != WF_WAKE_DONE)
        wf__frame_end(list, entry->wake.kind, value, WF_FLOW_CONTINUE);
    else if (entry->flow == WF_FLOW_TASK)
        jump(list, list->flow.target, value);
    else if (entry->flow == WF_FLOW_END)
        wf__frame_end(list, WF_WAKE_DONE, value, WF_FLOW_END);
    else if (entry->flow == WF_FLOW_EXIT || list->pos + 1 == list->list->count)
        wf__frame_end(list, WF_WAKE_DONE, value, WF_FLOW_CONTINUE);
    else
        list->visits ? jump(list, list->pos + 1, value) : begin(list, list->pos + 1, value);
}
