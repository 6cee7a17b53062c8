/* news.c: tells the observer what happens. During a replay everything is marked as told before. What people ask about a
 * loop later on (how many, what they are called, which are over) is kept in the journal: reports need no replay. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"

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

void wf__tell_quote(struct wf_frame *frame, const char *path, const struct wf_quote *quote)
{
    struct wf_event event = about(frame, WF_EV_PLANNED);

    event.path = path;
    event.quote = quote;
    send(frame->run, &event);
}

/* A note, and the same in every activation. */
static void note_loop(struct wf_frame *frame, size_t total, const jv *labels)
{
    struct wf_run *run = frame->run;
    char *list = jv_is_valid(*labels) ? wf_val_text(labels) : NULL, *path = wf__op_path(frame, "%s", "");
    char *key = wf_asprintf("loop %s", path);
    char *text = wf_mask_apply(wf_asprintf("{\"total\":%zu,\"labels\":%s}", total, list ? list : "null"));

    if (!run->over)
        run->engine->set.journal->note(run->ref, key, (struct wf_slice){text, strlen(text)});
    free(text);
    free(key);
    free(path);
    free(list);
}

void wf_tell_loop(struct wf_frame *frame, size_t total, const jv *labels)
{
    note_loop(frame, total, labels);
    wf__tell_words(frame, WF_EV_LOOP_STARTED, wf__frame_path(frame), 0, (int64_t)total, NULL);
}

static void tell_iteration(struct wf_frame *frame, size_t index, bool started, const char *label, bool failed)
{
    struct wf_event event = about(frame, started ? WF_EV_ITERATION_STARTED : WF_EV_ITERATION_ENDED);

    event.path = wf__frame_path(frame);
    event.index = index;
    event.words = label;
    event.done = !failed;
    send(frame->run, &event);
}

void wf_tell_iteration(struct wf_frame *frame, size_t index, const char *label)
{
    tell_iteration(frame, index, true, label, false);
}

static jv copy_value(void *arg)
{
    return jv_copy(*(const jv *)arg);
}

void wf_tell_iteration_ended(struct wf_frame *frame, size_t index, bool failed, bool keep)
{
    if (keep) {
        char *path = wf__op_path(frame, "/for/%zu#ended", index);
        jv fact = wf_val_set(jv_object(), "failed", jv_bool(failed));
        jv_free(wf__fact(frame->run, path, copy_value, &fact));
        jv_free(fact);
        free(path);
    }
    tell_iteration(frame, index, false, NULL, failed);
}

void wf_keep_failed(struct wf_frame *frame, size_t index, jv error)
{
    char *path = wf__op_path(frame, "/for/%zu#failed", index);

    jv_free(wf__fact(frame->run, path, copy_value, &error));
    jv_free(error);
    free(path);
}

void wf_count_failed(struct wf_frame *frame, size_t items)
{
    frame->run->failed_items += items;
}

void wf_tell_retried(struct wf_frame *frame)
{
    wf__tell(frame, WF_EV_TASK_RETRIED, NULL);
}
