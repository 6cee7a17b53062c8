/* events.c: engine events as CloudEvents of the specification. Source: DSL reference, "Lifecycle events". */
#include "cli/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"

struct wf_events {
    FILE *file;
    char *path;
    bool failed;
};

/* What happened, as the type's middle and as the member that says when. */
static const struct {
    const char *what, *when;
} words[] = {
    [WF_EV_WORKFLOW_STARTED] = {"workflow.started", "startedAt"},
    [WF_EV_WORKFLOW_SUSPENDED] = {"workflow.suspended", "suspendedAt"},
    [WF_EV_WORKFLOW_RESUMED] = {"workflow.resumed", "resumedAt"},
    [WF_EV_WORKFLOW_CANCELLED] = {"workflow.cancelled", "cancelledAt"},
    [WF_EV_WORKFLOW_FAULTED] = {"workflow.faulted", "faultedAt"},
    [WF_EV_WORKFLOW_COMPLETED] = {"workflow.completed", "completedAt"},
    [WF_EV_TASK_CREATED] = {"task.created", "createdAt"},
    [WF_EV_TASK_STARTED] = {"task.started", "startedAt"},
    [WF_EV_TASK_RETRIED] = {"task.retried", "retriedAt"},
    [WF_EV_TASK_CANCELLED] = {"task.cancelled", "cancelledAt"},
    [WF_EV_TASK_FAULTED] = {"task.faulted", "faultedAt"},
    [WF_EV_TASK_COMPLETED] = {"task.completed", "completedAt"},
};

int wf_events_open(const char *path, struct wf_events **ret, struct wf_err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stderr : fopen(path, "ae");
    if (!file)
        return wf_err_set(err, WF_EINVAL, "--events %s: %m", path);
    if (file != stderr)
        setvbuf(file, NULL, _IOLBF, BUFSIZ); /* whole lines, so that others can follow */
    struct wf_events *events = wf_calloc(1, sizeof *events);
    events->file = file;
    events->path = wf_strdup(path);
    *ret = events;
    return 0;
}

void wf_events_close(struct wf_events *events)
{
    if (!events)
        return;
    if (events->file != stderr)
        fclose(events->file);
    free(events->path);
    free(events);
}

static void member(struct wf_buf *buf, const char *name, const char *text)
{
    wf_buf_printf(buf, "\"%s\":", name);
    wf_buf_json_string(buf, text, strlen(text));
    wf_buf_char(buf, ',');
}

static void instance_name(struct wf_buf *buf, const char *member_name, const struct wf_event *event)
{
    char *name = wf_asprintf("%s-%s.%s", event->def->name, event->run_id, event->def->namespace_);
    member(buf, member_name, name);
    free(name);
}

static void add_definition(struct wf_buf *buf, const struct wf_def *def)
{
    wf_buf_str(buf, "\"definition\":{");
    member(buf, "name", def->name);
    member(buf, "namespace", def->namespace_);
    member(buf, "version", def->version);
    buf->ptr[--buf->len] = '\0'; /* the last comma */
    wf_buf_str(buf, "},");
}

static void add_data(struct wf_buf *buf, const struct wf_event *event, const char *time)
{
    wf_buf_str(buf, "\"data\":{");
    if (event->task) {
        instance_name(buf, "workflow", event);
        member(buf, "task", event->task->ref);
        member(buf, "name", event->task->name);
    } else {
        instance_name(buf, "name", event);
        if (event->kind == WF_EV_WORKFLOW_STARTED)
            add_definition(buf, event->def);
    }
    if (event->value) {
        bool fault = event->kind == WF_EV_TASK_FAULTED || event->kind == WF_EV_WORKFLOW_FAULTED;
        wf_buf_printf(buf, "\"%s\":", fault ? "error" : "output");
        wf_val_write(event->value, buf);
        wf_buf_char(buf, ',');
    }
    member(buf, words[event->kind].when, time);
    buf->ptr[--buf->len] = '\0';
    wf_buf_str(buf, "}}");
}

void wf_events_write(struct wf_events *events, const struct wf_event *event)
{
    if (event->replayed || (size_t)event->kind >= sizeof words / sizeof *words || !event->def)
        return;
    char time[WF_TIME_TEXT], id[WF_UUID_TEXT];
    struct wf_buf buf;
    wf_buf_init(&buf, 2 * WF_VAL_MAX_BYTES);
    wf_time_format(event->at_ms, time);
    wf_uuid_random(id);
    wf_buf_printf(&buf, "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"io.serverlessworkflow.%s.v1\",", id,
        words[event->kind].what);
    wf_buf_printf(&buf, "\"source\":\"urn:wfrun:run:%s\",\"time\":\"%s\",\"datacontenttype\":\"application/json\",",
        event->run_id, time);
    add_data(&buf, event, time);
    char *line = wf_mask_apply(wf_buf_take(&buf));
    if ((fputs(line, events->file) < 0 || fputc('\n', events->file) == EOF) && !events->failed) {
        events->failed = true;
        wf_log(WF_LOGL_ERROR, "life-cycle events are lost from now on: %s: %m", events->path);
    }
    free(line);
}
