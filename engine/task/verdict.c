/* verdict.c: the verdicts of tasks. */
#include "task/task.h"

struct wf_verdict wf_done(jv value)
{
    return (struct wf_verdict){.kind = WF_V_DONE, .value = value};
}

struct wf_verdict wf_flow(jv value, struct wf_flow flow)
{
    return (struct wf_verdict){.kind = WF_V_FLOW, .value = value, .flow = flow};
}

struct wf_verdict wf_wait(void)
{
    return (struct wf_verdict){.kind = WF_V_WAIT, .value = jv_null()};
}

struct wf_verdict wf_fault(jv error)
{
    return (struct wf_verdict){.kind = WF_V_FAULT, .value = error};
}

struct wf_verdict wf_pass_on(struct wf_wake *wake)
{
    jv value = wf_wake_take(wake);

    return wake->kind == WF_WAKE_DONE ? wf_done(value) : wf_fault(value);
}
