/* news.c: tells the observer what happens. During a replay everything is marked as told before. */
#include "run/frame.h"

static void send(struct wf_run *run, struct wf_event *event)
{
    struct wf_engine *engine = run->engine;

    if (!engine->set.event)
        return;
    event->replayed = run->replaying;
    event->at_ms = wf_loop_now_ms(engine->set.loop);
    engine->set.event(engine->set.arg, event);
}

static bool is_call(const struct wf_frame *frame)
{
    return frame->kind == WF_FRAME_TASK && frame->task->kind == WF_TASK_CALL;
}

static struct wf_event about(struct wf_frame *frame, enum wf_event_kind kind)
{
    return (struct wf_event){
        .kind = kind,
        .run_id = frame->inst->id,
        .def = frame->inst->def,
        .task = frame->kind == WF_FRAME_TASK ? frame->task : NULL,
        .path = is_call(frame) ? wf__frame_path(frame) : NULL,
    };
}

void wf__tell(struct wf_frame *frame, enum wf_event_kind kind, const jv *value)
{
    struct wf_event event = about(frame, kind);

    event.value = value;
    send(frame->run, &event);
}

void wf__tell_end(struct wf_frame *frame, const jv *error)
{
    if (!frame->started || frame->run->over) /* a run that parks goes on another day */
        return;
    if (frame->kind == WF_FRAME_TASK)
        wf__tell(frame, error ? WF_EV_TASK_FAULTED : WF_EV_TASK_CANCELLED, error);
    else if (frame->kind == WF_FRAME_INSTANCE)
        wf__tell(frame, error ? WF_EV_WORKFLOW_FAULTED : WF_EV_WORKFLOW_CANCELLED, error);
}

void wf__tell_run(struct wf_run *run, enum wf_event_kind kind, const jv *value)
{
    if (run->root)
        wf__tell(run->root, kind, value);
}

void wf__tell_words(
    struct wf_frame *frame, enum wf_event_kind kind, const char *path, int64_t done, int64_t total, const char *words)
{
    struct wf_event event = about(frame, kind);

    event.path = path;
    event.done = done;
    event.total = total;
    event.words = words;
    send(frame->run, &event);
}

void wf_tell_loop(struct wf_frame *frame, size_t total)
{
    wf__tell_words(frame, WF_EV_LOOP_STARTED, wf__frame_path(frame), 0, (int64_t)total, NULL);
}

void wf_tell_iteration(struct wf_frame *frame, size_t index, bool started, const char *label, bool failed)
{
    struct wf_event event = about(frame, started ? WF_EV_ITERATION_STARTED : WF_EV_ITERATION_ENDED);

    event.path = wf__frame_path(frame);
    event.index = index;
    event.words = label;
    event.done = !failed;
    send(frame->run, &event);
}

void wf_tell_retried(struct wf_frame *frame)
{
    wf__tell(frame, WF_EV_TASK_RETRIED, NULL);
}
