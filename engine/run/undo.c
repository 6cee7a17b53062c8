/* undo.c: a call with `metadata.wfrun.mode: undo`: its `with` names an operation of an earlier run; the step's undo gets
 * what that operation was given and what came of it. Undo looks before it acts, so it is repeated as a read is. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

/* Records that are asked for one by one are read once. Borrowed; NULL with words. */
static const struct wf_past *past_of(struct wf_engine *engine, const char *run_id, struct wf_err *err)
{
    struct wf_past *past;

    for (size_t i = 0; i < engine->npasts; i++)
        if (strcmp(engine->pasts[i]->run_id, run_id) == 0)
            return engine->pasts[i];
    if (wf_past_read(engine->set.journal, engine->backend, run_id, &past, err) != 0)
        return NULL;
    engine->pasts = wf_realloc(engine->pasts, (engine->npasts + 1) * sizeof(struct wf_past *));
    engine->pasts[engine->npasts++] = past;
    return past;
}

static const struct wf_record *find(struct wf_op *op, const jv *with, struct wf_err *err)
{
    const char *run_id = wf_val_string(with, "run", ""), *path = wf_val_string(with, "path", "");
    const struct wf_past *past = past_of(op->run->engine, run_id, err);
    const struct wf_record *record = past ? wf_past_find(past, path) : NULL;

    if (!past)
        return NULL;
    if (!record || record->state != WF_REC_DONE || !record->intent.ptr)
        wf_err_set(err, WF_EINVAL, "%s of the run %s is no effect that is done", path, run_id);
    else if (wf_slice_is_masked(record->intent))
        wf_err_set(err, WF_EINVAL, "the input of %s held a secret, which is not kept; undo it by hand", path);
    else
        return record;
    return NULL;
}

/* {"input":...,"output":...} of the operation; NULL: its step is another one. */
static char *undo_input(const struct wf_op *op, const struct wf_record *record, struct wf_err *err)
{
    jv intent, input;
    char *text, *undo = NULL;

    if (wf_val_parse(record->intent.ptr, record->intent.len, &intent, err) != 0)
        return NULL;
    if (strcmp(wf_val_string(&intent, "step", ""), op->entry->type->name) != 0) {
        wf_err_set(err, WF_EINVAL, "%s was not done by the step %s", record->path, op->entry->type->name);
    } else {
        input = wf_val_get(&intent, "input");
        text = wf_val_text(&input);
        undo = wf_asprintf("{\"input\":%s,\"output\":%.*s}", text, (int)record->outcome.len, record->outcome.ptr);
        free(text);
        jv_free(input);
    }
    jv_free(intent);
    return undo;
}

int wf__undo_load(struct wf_op *op)
{
    const struct wf_record *record = NULL;
    struct wf_err err = {0};
    char *input = NULL;
    jv with;

    if (wf_val_parse(op->input, strlen(op->input), &with, &err) == 0) {
        record = find(op, &with, &err);
        jv_free(with);
    }
    if (record) {
        free(op->undoes);
        op->undoes = wf_strdup(record->path);
        input = undo_input(op, record, &err);
    }
    if (!input) {
        wf__call_outcome(op, WF_WAKE_FAULT, wf_frame_error(op->frame, "configuration", "%s", err.msg));
        return -1;
    }
    free(op->input);
    op->input = input;
    return 0;
}
