/* stages.c: the data flow of a task and of a workflow: one function per stage, in the DSL's order. */
#include "run/effect.h"

#include <stdio.h>
#include <string.h>

static const char *const names[WF_STAGES] = {
    "if", "input.schema", "input.from", "run", "output.as", "output.schema", "export.as", "export.schema", "then"};

const char *wf_stage_name(enum wf_stage stage)
{
    return names[stage];
}

static int check(struct wf_frame *frame, const struct wf_schema *schema, const jv *value, jv *ret_error)
{
    struct wf_err err = {0};

    struct wf_err told = {0};

    if (!schema || wf_schema_check(schema, value, &err) == 0)
        return 0;
    wf_err_set(&told, err.code, "%s of %s: %s", wf_stage_name(frame->stage),
        frame->kind == WF_FRAME_TASK ? "the task" : "the workflow", err.msg);
    if (err.hint[0])
        wf_err_hint(&told, "%s", err.hint);
    else if (frame->stage == WF_STAGE_INPUT_SCHEMA && !frame->parent)
        wf_err_hint(&told, "give the input with --input FILE or --set PATH=VALUE");
    *ret_error = wf__error_from(frame, "validation", &told);
    return -1;
}

/* Replaces *value by what the template makes of it. output: what $output is, or NULL. */
static int fill(struct wf_frame *frame, const struct wf_tmpl *tmpl, jv *value, const jv *output, jv *ret_error)
{
    struct wf_vars vars;
    struct wf_err err = {0};
    jv made;

    if (!tmpl)
        return 0;
    wf__vars_init(&vars, frame);
    vars.output = output;
    vars.site = frame->stage;
    if (wf_tmpl_eval(tmpl, value, &vars.env, &made, &err) != 0) {
        *ret_error = wf__error_from(frame, "expression", &err);
        return -1;
    }
    jv_free(*value);
    *value = made;
    return 0;
}

static int stage_if(struct wf_frame *frame, bool *ret_skip, jv *ret_error)
{
    struct wf_vars vars;
    struct wf_err err = {0};
    jv answer;

    if (!frame->task->if_)
        return 0;
    wf__vars_init(&vars, frame);
    if (wf_expr_eval(frame->task->if_, &frame->input, &vars.env, &answer, &err) != 0) {
        *ret_error = wf__error_from(frame, "expression", &err);
        return -1;
    }
    *ret_skip = !wf_val_truthy(&answer);
    jv_free(answer);
    return 0;
}

int wf__stages_before(struct wf_frame *frame, bool *ret_skip, jv *ret_error)
{
    const struct wf_task *task = frame->task;

    frame->stage = WF_STAGE_IF;
    if (stage_if(frame, ret_skip, ret_error) != 0)
        return -1;
    if (*ret_skip)
        return 0;
    frame->started = true;
    wf__tell(frame, WF_EV_TASK_CREATED, NULL);
    wf__tell(frame, WF_EV_TASK_STARTED, NULL);
    frame->stage = WF_STAGE_INPUT_SCHEMA;
    if (check(frame, task->input_schema, &frame->input, ret_error) != 0)
        return -1;
    frame->stage = WF_STAGE_INPUT_FROM;
    return fill(frame, task->input_from, &frame->input, NULL, ret_error);
}

static int stage_export(struct wf_frame *frame, jv *ret_error)
{
    const struct wf_task *task = frame->task;
    jv exported;

    if (!task->export_as)
        return 0;
    frame->stage = WF_STAGE_EXPORT_AS;
    exported = jv_copy(frame->output);
    if (fill(frame, task->export_as, &exported, &frame->output, ret_error) != 0) {
        jv_free(exported);
        return -1;
    }
    frame->stage = WF_STAGE_EXPORT_SCHEMA;
    if (check(frame, task->export_schema, &exported, ret_error) != 0) {
        jv_free(exported);
        return -1;
    }
    jv_free(frame->context->value);
    frame->context->value = exported;
    return 0;
}

int wf__stages_after(struct wf_frame *frame, jv *ret_error)
{
    const struct wf_task *task = frame->task;

    if (fill(frame, task->output_as, &frame->output, NULL, ret_error) != 0)
        return -1;
    frame->stage = WF_STAGE_OUTPUT_SCHEMA;
    if (check(frame, task->output_schema, &frame->output, ret_error) != 0)
        return -1;
    if (stage_export(frame, ret_error) != 0)
        return -1;
    frame->stage = WF_STAGE_THEN;
    return 0;
}

static int workflow_before(struct wf_frame *frame, jv *ret_error)
{
    const struct wf_def *def = frame->inst->def;

    frame->stage = WF_STAGE_INPUT_SCHEMA;
    if (check(frame, def->input_schema, &frame->input, ret_error) != 0)
        return -1;
    frame->stage = WF_STAGE_INPUT_FROM;
    return fill(frame, def->input_from, &frame->input, NULL, ret_error);
}

static int workflow_after(struct wf_frame *frame, jv *ret_error)
{
    const struct wf_def *def = frame->inst->def;

    frame->stage = WF_STAGE_OUTPUT_AS;
    if (fill(frame, def->output_as, &frame->output, NULL, ret_error) != 0)
        return -1;
    frame->stage = WF_STAGE_OUTPUT_SCHEMA;
    return check(frame, def->output_schema, &frame->output, ret_error);
}

int wf__stages_of_workflow(struct wf_frame *frame, bool before, jv *ret_error)
{
    int rc = before ? workflow_before(frame, ret_error) : workflow_after(frame, ret_error);

    if (rc != 0 && !frame->parent) { /* where it is written: /input/schema */
        char instance[32];
        snprintf(instance, sizeof instance, "/%s", wf_stage_name(frame->stage));
        *strchr(instance, '.') = '/';
        *ret_error = jv_object_set(*ret_error, jv_string("instance"), jv_string(instance));
    }
    return rc;
}
