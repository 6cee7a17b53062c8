/* instance.c: INSTANCE frames: a workflow being run, the run's own or one that a `run: workflow` task started. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

struct wf_frame *wf__instance_new(struct wf_run *run, struct wf_frame *parent, struct wf_label label,
    struct wf_def *def, const char *id, jv input, int64_t started_ms)
{
    struct wf_frame *frame = wf__frame_new(run, parent, WF_FRAME_INSTANCE, label);
    struct wf_instance *inst = wf_calloc(1, sizeof *inst);

    inst->def = wf_def_ref(def);
    snprintf(inst->id, sizeof inst->id, "%s", id);
    inst->raw_input = jv_copy(input);
    inst->started_ms = started_ms;
    inst->secrets = jv_object();
    inst->descriptor = jv_invalid();
    frame->inst = inst;
    wf_scope_unref(frame->scope);
    frame->scope = NULL;
    wf__context_unref(frame->context);
    frame->context = wf__context_new(jv_null());
    jv_free(frame->input);
    frame->input = input;
    return frame;
}

/* $secrets holds exactly the declared ones; one that cannot be read ends the workflow before it did anything. A run that
 * had it once can have it again, and goes on then. */
static int read_secrets(struct wf_frame *frame, jv *ret_error)
{
    struct wf_engine *engine = frame->run->engine;

    for (const char *const *name = frame->inst->def->secrets; name && *name; name++) {
        const char *text = engine->set.secret ? engine->set.secret(engine->set.arg, *name) : NULL;
        struct wf_err err = {0};
        jv value;

        if (!text || wf_val_parse(text, strlen(text), &value, &err) != 0) {
            wf_err_set(&err, WF_ENOTFOUND,
                "the secret `%s` is declared in use.secrets but was not given; pass it with --secrets FILE", *name);
            if (frame->run->resumed)
                wf__run_give_up(frame->run, &err); /* and never mind the error */
            *ret_error = wf__error_from(frame, "authorization", &err);
            if (!frame->parent) {
                char at[40];
                snprintf(at, sizeof at, "/use/secrets/%zd", (ssize_t)(name - frame->inst->def->secrets));
                *ret_error = jv_object_set(*ret_error, jv_string("instance"), jv_string(at));
            }
            return -1;
        }
        frame->inst->secrets = jv_object_set(frame->inst->secrets, jv_string(*name), value);
    }
    return 0;
}

void wf__instance_enter(struct wf_frame *frame)
{
    const struct wf_def *def = frame->inst->def;
    struct wf_frame *list;
    jv error = jv_null();

    frame->started = true;
    wf__tell(frame, WF_EV_WORKFLOW_STARTED, NULL);
    if (read_secrets(frame, &error) != 0 || wf__stages_of_workflow(frame, true, &error) != 0) {
        if (frame->run->lost.code)
            jv_free(error);
        else
            wf__frame_expire(frame, error);
        return;
    }
    if (def->timeout && wf__ask_expiry(frame, def->timeout, "timeout", &error) != 0) {
        wf__frame_expire(frame, error);
        return;
    }
    frame->stage = WF_STAGE_RUN;
    list = wf__frame_new(frame->run, frame, WF_FRAME_LIST, (struct wf_label){"do", -1, NULL});
    list->list = &def->body;
    jv_free(list->input);
    list->input = jv_copy(frame->input);
    wf__enter(list);
}

void wf__instance_resume(struct wf_frame *frame, struct wf_ready *entry)
{
    jv error = jv_null(), output;

    if (entry->wake.kind == WF_WAKE_FAULT) {
        wf__frame_expire(frame, wf_wake_take(&entry->wake));
        return;
    }
    frame->output = wf_wake_take(&entry->wake);
    wf__frame_clear(frame); /* its time-out */
    if (wf__stages_of_workflow(frame, false, &error) != 0) {
        wf__frame_expire(frame, error);
        return;
    }
    wf__tell(frame, WF_EV_WORKFLOW_COMPLETED, &frame->output);
    output = frame->output;
    frame->output = jv_null();
    wf__frame_end(frame, WF_WAKE_DONE, output, WF_FLOW_CONTINUE);
}
