/* ask.c: what tasks see of their frame, and their wishes for children: lists, tasks, functions, sub-workflows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/effect.h"

const struct wf_task *wf_frame_task(const struct wf_frame *frame)
{
    return frame->task;
}

const jv *wf_frame_input(const struct wf_frame *frame)
{
    return &frame->input;
}

void *wf_frame_state(struct wf_frame *frame)
{
    return frame->state;
}

void wf_frame_authorize(struct wf_frame *frame, const char *scheme, jv parameter)
{
    jv_free(frame->authorization);
    frame->authorization = wf_val_set(jv_object(), "scheme", jv_string(scheme));
    frame->authorization = wf_val_set(frame->authorization, "parameter", parameter);
}

struct wf_frame *wf__child_new(struct wf_frame *frame, enum wf_frame_kind kind, size_t slot, struct wf_label label,
    jv input, struct wf_scope *scope, enum wf_context_rule rule)
{
    struct wf_frame *child = wf__frame_new(frame->run, frame, kind, label);

    child->slot = slot;
    wf_scope_unref(child->scope);
    child->scope = wf__scope_ref(scope);
    if (rule == WF_CONTEXT_BRANCH) {
        wf__context_unref(child->context);
        child->context = wf__context_new(jv_copy(frame->context->value));
    }
    jv_free(child->input);
    child->input = input;
    return child;
}

void wf_ask_list(struct wf_frame *frame, size_t slot, struct wf_label label, const struct wf_task_list *list, jv input,
    struct wf_scope *scope, enum wf_context_rule rule)
{
    struct wf_frame *child = wf__child_new(frame, WF_FRAME_LIST, slot, label, input, scope, rule);

    child->list = list;
    wf__enter(child);
}

static void task_child(struct wf_frame *child, const struct wf_task *task)
{
    child->task = task;
    child->visit = 1;
    jv_free(child->raw_input);
    child->raw_input = jv_copy(child->input);
    wf__enter(child);
}

void wf_ask_task(struct wf_frame *frame, size_t slot, struct wf_label label, const struct wf_task *task, jv input,
    struct wf_scope *scope, enum wf_context_rule rule)
{
    task_child(wf__child_new(frame, WF_FRAME_TASK, slot, label, input, scope, rule), task);
}

/* A recursion without end shall not eat the memory. */
static bool is_too_deep(struct wf_frame *frame, jv *ret_error)
{
    if (frame->depth < WF__DEPTH_MAX)
        return false;
    *ret_error = wf_frame_error(frame, "runtime",
        "workflows and functions are nested %d deep, which is the limit; does one of them call itself without end?",
        WF__DEPTH_MAX);
    return true;
}

/* A function sees nothing of its caller: no variables, a context of its own. */
int wf_ask_function(struct wf_frame *frame, size_t slot, const struct wf_function *function, jv with, jv *ret_error)
{
    struct wf_frame *child;

    if (is_too_deep(frame, ret_error)) {
        jv_free(with);
        return -1;
    }
    child = wf__child_new(
        frame, WF_FRAME_TASK, slot, (struct wf_label){"function", -1, NULL}, with, NULL, WF_CONTEXT_BRANCH);
    child->depth++;
    jv_free(child->context->value);
    child->context->value = jv_null();
    task_child(child, function->task);
    return 0;
}

/* ---- sub-workflows ---- */

/* Which definition, and the versions of its steps; null: none was found. */
static jv make_choice(void *arg)
{
    const struct wf_def *def = arg;
    char text[WF_SHA256_TEXT];

    if (!def)
        return jv_null();
    wf_sha256_text(def->sha256, text);
    return wf_val_set(wf_val_set(jv_object(), "sha256", jv_string(text)), "steps", wf__pin_steps(def));
}

/* What an earlier activation chose. NULL: it cannot be had any more, with the reason in err. Borrowed. */
static struct wf_def *chosen_def(struct wf_frame *frame, const jv *choice, struct wf_err *err)
{
    struct wf_def *def = NULL;
    uint8_t sha256[WF_SHA256_SIZE];
    jv steps = wf_val_get(choice, "steps");

    if (wf_sha256_read(wf_val_string(choice, "sha256", ""), sha256))
        def = wf__engine_def(frame->run->engine, sha256, err);
    else
        wf_err_set(err, WF_ECORRUPT, "the journal's record of the workflow of %s is damaged", frame->task->ref);
    if (def && wf__pin_check(&steps, def, err) != 0)
        def = NULL;
    jv_free(steps);
    return def;
}

/* The definition that was found first stays the one of this run, whatever is registered at a resume. Borrowed. NULL and
 * no reason in err: there is none. */
static struct wf_def *find_def(struct wf_frame *frame, struct wf_err *err)
{
    const struct wf_task *task = frame->task;
    struct wf_engine *engine = frame->run->engine;
    char *path = wf__op_path(frame, "/definition");
    struct wf_record record;
    struct wf_def *found = NULL, *def = NULL;
    jv choice;

    engine->set.journal->lookup(frame->run->ref, path, &record);
    if (record.state != WF_REC_DONE && engine->set.find_def)
        found = engine->set.find_def(engine->set.arg, task->run.namespace_, task->run.name, task->run.version);
    if (!found || wf__engine_keep(engine, found, err) == 0) {
        choice = wf__fact(frame->run, path, make_choice, found);
        if (jv_get_kind(choice) != JV_KIND_NULL)
            def = chosen_def(frame, &choice, err);
        jv_free(choice);
    }
    wf_def_unref(found);
    free(path);
    return def;
}

int wf_ask_workflow(struct wf_frame *frame, size_t slot, jv input, jv *ret_error)
{
    const struct wf_task *task = frame->task;
    struct wf_err err = {0};
    struct wf_def *def;
    struct wf_frame *child;
    char id[WF_UUID_TEXT];

    if (is_too_deep(frame, ret_error)) {
        jv_free(input);
        return -1;
    }
    def = find_def(frame, &err);
    if (!def && err.code) { /* not for the workflow to catch: with the right plugins the run goes on */
        jv_free(input);
        wf__run_give_up(frame->run, &err);
        return 0;
    }
    if (!def) {
        jv_free(input);
        *ret_error = wf_frame_error(frame, "configuration",
            "no workflow %s/%s%s%s is registered; name its file or folder with --register", task->run.namespace_,
            task->run.name, task->run.version ? ":" : "", task->run.version ? task->run.version : "");
        return -1;
    }
    wf_uuid_named(frame->run->space, wf__frame_path(frame), id);
    child = wf__instance_new(frame->run, frame, (struct wf_label){"workflow", -1, NULL}, def, id, input,
        wf_frame_fact_now(frame, "workflow/startedAt"));
    child->slot = slot;
    child->depth++;
    wf__enter(child);
    return 0;
}
