/* vars.c: the runtime arguments of expressions, made when an expression asks for them and not before. */
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

static jv moment(int64_t ms)
{
    char text[WF_TIME_TEXT];
    jv epoch = jv_object(), at = jv_object();

    wf_time_format(ms, text);
    epoch = jv_object_set(epoch, jv_string("seconds"), jv_number((double)(ms / 1000)));
    epoch = jv_object_set(epoch, jv_string("milliseconds"), jv_number((double)ms));
    at = jv_object_set(at, jv_string("iso8601"), jv_string(text));
    return jv_object_set(at, jv_string("epoch"), epoch);
}

static jv make_number(void *arg)
{
    return jv_number((double)*(int64_t *)arg);
}

int64_t wf_frame_now(struct wf_frame *frame)
{
    return wf_loop_now_ms(frame->run->engine->set.loop);
}

bool wf_frame_is_planning(const struct wf_frame *frame)
{
    return frame->run->engine->set.planning;
}

int64_t wf_frame_fact_ms(struct wf_frame *frame, const char *name, int64_t ms)
{
    char *path = wf__op_path(frame, "/%s", name);
    jv value = wf__fact(frame->run, path, make_number, &ms);

    if (jv_get_kind(value) == JV_KIND_NUMBER)
        ms = (int64_t)jv_number_value(value);
    jv_free(value);
    free(path);
    return ms;
}

int64_t wf_frame_fact_now(struct wf_frame *frame, const char *name)
{
    return wf_frame_fact_ms(frame, name, wf_frame_now(frame));
}

static jv task_descriptor(struct wf_frame *frame)
{
    const struct wf_task *task = frame->task;
    jv object = jv_object();

    if (frame->started_ms == 0)
        frame->started_ms = wf_frame_fact_now(frame, "startedAt");
    object = jv_object_set(object, jv_string("name"), jv_string(task->name));
    object = jv_object_set(object, jv_string("reference"), jv_string(task->ref));
    object = jv_object_set(object, jv_string("definition"), wf_node_value(task->node));
    object = jv_object_set(object, jv_string("input"), jv_copy(frame->raw_input));
    object = jv_object_set(object, jv_string("output"), jv_copy(frame->raw_output));
    return jv_object_set(object, jv_string("startedAt"), moment(frame->started_ms));
}

/* Nothing in it changes while the instance lives, and the definition is large. */
static jv workflow_descriptor(struct wf_instance *inst)
{
    jv object;

    if (jv_is_valid(inst->descriptor))
        return jv_copy(inst->descriptor);
    object = jv_object();
    object = jv_object_set(object, jv_string("id"), jv_string(inst->id));
    object = jv_object_set(object, jv_string("definition"), wf_node_value(inst->def->root));
    object = jv_object_set(object, jv_string("input"), jv_copy(inst->raw_input));
    inst->descriptor = jv_object_set(object, jv_string("startedAt"), moment(inst->started_ms));
    return jv_copy(inst->descriptor);
}

static jv runtime_descriptor(void)
{
    jv object = jv_object();

    object = jv_object_set(object, jv_string("name"), jv_string(PACKAGE_NAME));
    object = jv_object_set(object, jv_string("version"), jv_string(PACKAGE_VERSION));
    return jv_object_set(object, jv_string("metadata"), jv_object());
}

static jv var(void *ctx, const char *name)
{
    struct wf_vars *vars = ctx;
    struct wf_frame *frame = vars->frame;

    for (const struct wf_scope *scope = vars->scope; scope; scope = scope->parent)
        if (strcmp(scope->name, name) == 0)
            return jv_copy(scope->value);
    if (strcmp(name, "context") == 0)
        return jv_copy(frame->context->value);
    if (strcmp(name, "input") == 0)
        return jv_copy(frame->input);
    if (strcmp(name, "output") == 0)
        return vars->output ? jv_copy(*vars->output) : jv_null();
    if (strcmp(name, "secrets") == 0)
        return jv_copy(frame->inst->secrets);
    if (strcmp(name, "workflow") == 0)
        return workflow_descriptor(frame->inst);
    if (strcmp(name, "runtime") == 0)
        return runtime_descriptor();
    if (frame->kind != WF_FRAME_TASK)
        return jv_null();
    if (strcmp(name, "task") == 0)
        return task_descriptor(frame);
    if (strcmp(name, "authorization") == 0)
        return jv_copy(frame->authorization);
    return jv_null();
}

/* `now` is a fact: one for each place that asks, so that a replay computes what was computed before. */
static jv now(void *ctx, uint32_t expr_id)
{
    struct wf_vars *vars = ctx;
    char name[60];

    snprintf(name, sizeof name, "now/%u/%zu", expr_id, vars->site);
    return jv_number((double)wf_frame_fact_now(vars->frame, name) / 1000.0);
}

void wf__vars_init(struct wf_vars *vars, struct wf_frame *frame)
{
    *vars = (struct wf_vars){.env = {.var = var, .now = now, .ctx = vars}, .frame = frame, .scope = frame->scope};
}

/* ---- for task files ---- */

int wf_frame_eval_in(struct wf_frame *frame, struct wf_expr *expr, const jv *dot, struct wf_scope *scope, size_t site,
    jv *ret, jv *ret_error)
{
    struct wf_vars vars;
    struct wf_err err = {0};

    wf__vars_init(&vars, frame);
    vars.scope = scope;
    vars.site = site;
    if (wf_expr_eval(expr, dot ? dot : &frame->input, &vars.env, ret, &err) == 0)
        return 0;
    *ret_error = wf__error_from(frame, "expression", &err);
    return -1;
}

int wf_frame_eval(struct wf_frame *frame, struct wf_expr *expr, const jv *dot, jv *ret, jv *ret_error)
{
    return wf_frame_eval_in(frame, expr, dot, frame->scope, 0, ret, ret_error);
}

int wf_frame_fill_in(struct wf_frame *frame, const struct wf_tmpl *tmpl, const jv *dot, struct wf_scope *scope,
    size_t site, jv *ret, jv *ret_error)
{
    struct wf_vars vars;
    struct wf_err err = {0};

    wf__vars_init(&vars, frame);
    vars.scope = scope;
    vars.site = site;
    if (wf_tmpl_eval(tmpl, dot ? dot : &frame->input, &vars.env, ret, &err) == 0)
        return 0;
    *ret_error = wf__error_from(frame, "expression", &err);
    return -1;
}

int wf_frame_fill(struct wf_frame *frame, const struct wf_tmpl *tmpl, const jv *dot, jv *ret, jv *ret_error)
{
    return wf_frame_fill_in(frame, tmpl, dot, frame->scope, 0, ret, ret_error);
}

int wf_frame_duration(struct wf_frame *frame, const struct wf_duration_def *def, struct wf_duration *ret, jv *ret_error)
{
    struct wf_err err = {0};
    jv value;

    if (!def->dynamic) {
        *ret = def->fixed;
        return 0;
    }
    if (wf_frame_fill(frame, def->dynamic, NULL, &value, ret_error) != 0)
        return -1;
    if (jv_get_kind(value) != JV_KIND_STRING)
        wf_err_set(&err, WF_EINVAL, "a duration must be an ISO 8601 text such as PT15M, this expression gave %s",
            jv_kind_name(jv_get_kind(value)));
    else
        (void)wf_duration_parse(jv_string_value(value), ret, &err);
    jv_free(value);
    if (err.code == 0)
        return 0;
    *ret_error = wf__error_from(frame, "configuration", &err);
    return -1;
}
