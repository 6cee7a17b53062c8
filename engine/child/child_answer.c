/* child_answer.c: the one answer of a call, as a frame. wfrun checks what is in it. */
#include <string.h>

#include "child/child.h"

#define WORDS_MAX ((size_t)64 * 1024) /* title, detail, why */

/* A struct of the plugin's, of which we may read `size` bytes. */
#define COPY_SIZED(to, from) memcpy((to), (from), (from)->size < sizeof *(to) ? (from)->size : sizeof *(to))

static struct wf_wire_text words(const char *text)
{
    return (struct wf_wire_text){text, text ? strnlen(text, WORDS_MAX) : 0};
}

/* Of what is too large only the size crosses (n[3]); wfrun refuses it by that. */
static struct wf_wire_text value(struct wf_wire *frame, struct wf_bytes bytes)
{
    if (bytes.ptr && bytes.len > WF_MAX_VALUE) {
        frame->n[3] = (int64_t)bytes.len;
        bytes = (struct wf_bytes){NULL, 0};
    }
    return (struct wf_wire_text){bytes.ptr, bytes.ptr ? bytes.len : 0};
}

static void give(struct wf_step *step, struct wf_wire *frame)
{
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return; /* too late */
    if (call->answered)
        wf_child_log(WF_LOG_WARN, "a second answer of the step %s was refused (%s)", call->type->name, call->task);
    if (call->open) {
        call->open = false;
        call->answered = true;
        frame->call = call->number;
        wf_child_send(frame);
        wf_child_call_ended();
    }
    wf_child_leave();
}

void wf_child_succeed(struct wf_step *step, struct wf_bytes output)
{
    struct wf_wire frame = {.kind = WF_WIRE_SUCCEED, .count = 1};

    frame.text[0] = value(&frame, output);
    give(step, &frame);
}

static void add_failure(struct wf_wire *frame, const struct wf_failure *given)
{
    struct wf_failure failure = {0};

    if (given)
        COPY_SIZED(&failure, given);
    frame->n[0] = failure.status;
    frame->count = 4;
    frame->text[0] = words(failure.type);
    frame->text[1] = words(failure.title);
    frame->text[2] = words(failure.detail);
    if (failure.data && strlen(failure.data) <= WF_MAX_VALUE)
        frame->text[3] = wf_wire_text(failure.data);
}

void wf_child_fail(struct wf_step *step, const struct wf_failure *failure)
{
    struct wf_wire frame = {.kind = WF_WIRE_FAIL};

    add_failure(&frame, failure);
    give(step, &frame);
}

void wf_child_retry(struct wf_step *step, int64_t after_ms, const struct wf_failure *failure)
{
    struct wf_wire frame = {.kind = WF_WIRE_RETRY};

    add_failure(&frame, failure);
    frame.n[1] = after_ms;
    give(step, &frame);
}

void wf_child_verdict(struct wf_step *step, uint32_t verdict, struct wf_bytes output, const char *why)
{
    struct wf_wire frame = {.kind = WF_WIRE_VERDICT, .n = {verdict}, .count = 2};

    frame.text[0] = value(&frame, output);
    frame.text[1] = words(why);
    give(step, &frame);
}

void wf_child_planned(struct wf_step *step, const struct wf_planned *given)
{
    struct wf_planned planned = {0};
    struct wf_wire frame = {.kind = WF_WIRE_PLANNED, .count = 4};

    if (given)
        COPY_SIZED(&planned, given);
    frame.n[0] = planned.action;
    frame.n[1] = planned.cost_micros;
    frame.n[2] = planned.until_ms;
    frame.text[0] = words(planned.words);
    frame.text[1] = words(planned.currency);
    frame.text[2] = value(&frame, planned.output);
    if (planned.facts.len <= WF_MAX_VALUE)
        frame.text[3] = (struct wf_wire_text){planned.facts.ptr, planned.facts.ptr ? planned.facts.len : 0};
    give(step, &frame);
}
