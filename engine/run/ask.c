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

static struct wf_frame *child_new(struct wf_frame *frame, enum wf_frame_kind kind, size_t slot, struct wf_label label,
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
    struct wf_frame *child = child_new(frame, WF_FRAME_LIST, slot, label, input, scope, rule);

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
    task_child(child_new(frame, WF_FRAME_TASK, slot, label, input, scope, rule), task);
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
    child =
        child_new(frame, WF_FRAME_TASK, slot, (struct wf_label){"function", -1, NULL}, with, NULL, WF_CONTEXT_BRANCH);
    child->depth++;
    jv_free(child->context->value);
    child->context->value = jv_null();
    task_child(child, function->task);
    return 0;
}

/* ---- sub-workflows ------------------------------------------------------------------------------------------------
 */

static jv make_digest(void *arg)
{
    const struct wf_def *def = arg;
    char text[WF_SHA256_TEXT];

    wf_sha256_text(def->sha256, text);
    return jv_string(text);
}

static bool digest_read(const jv *text, uint8_t ret[WF_SHA256_SIZE])
{
    char hex[WF_SHA256_TEXT] = "";

    if (jv_get_kind(*text) == JV_KIND_STRING)
        snprintf(hex, sizeof hex, "%s", jv_string_value(*text));
    for (size_t i = 0; i < WF_SHA256_SIZE; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        ret[i] = (uint8_t)byte;
    }
    return true;
}

/* The definition that was found first stays the one of this run, whatever is registered at a resume. Borrowed. */
static struct wf_def *find_def(struct wf_frame *frame, struct wf_err *err)
{
    const struct wf_task *task = frame->task;
    struct wf_engine *engine = frame->run->engine;
    char *path = wf__op_path(frame, "/definition");
    struct wf_record record;
    struct wf_def *def = NULL, *kept;
    uint8_t sha256[WF_SHA256_SIZE];
    jv digest;

    engine->set.journal->lookup(frame->run->ref, path, &record);
    if (record.state != WF_REC_DONE && engine->set.find_def)
        def = engine->set.find_def(engine->set.arg, task->run.namespace_, task->run.name, task->run.version);
    if (record.state != WF_REC_DONE && !def) {
        wf_err_set(err, WF_ENOTFOUND, "no workflow %s/%s%s%s is registered; name its file or folder with --register",
            task->run.namespace_, task->run.name, task->run.version ? ":" : "",
            task->run.version ? task->run.version : "");
        free(path);
        return NULL;
    }
    if (def && wf__engine_keep(engine, def, err) != 0) {
        wf_def_unref(def);
        free(path);
        return NULL;
    }
    digest = wf__fact(frame->run, path, make_digest, def);
    kept = digest_read(&digest, sha256) ? wf__engine_def(engine, sha256, err) : NULL;
    jv_free(digest);
    wf_def_unref(def);
    free(path);
    return kept;
}

int wf_ask_workflow(struct wf_frame *frame, size_t slot, jv input, jv *ret_error)
{
    struct wf_err err = {0};
    struct wf_def *def;
    struct wf_frame *child;
    char id[WF_UUID_TEXT];

    if (is_too_deep(frame, ret_error)) {
        jv_free(input);
        return -1;
    }
    def = find_def(frame, &err);
    if (!def) {
        jv_free(input);
        *ret_error = wf__error_from(frame, "configuration", &err);
        return -1;
    }
    wf_uuid_named(frame->run->start.run_id, wf__frame_path(frame), id);
    child = wf__instance_new(frame->run, frame, (struct wf_label){"workflow", -1, NULL}, def, id, input,
        wf_frame_fact_now(frame, "workflow/startedAt"));
    child->slot = slot;
    child->depth++;
    wf__enter(child);
    return 0;
}
