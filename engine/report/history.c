/* history.c: records of the journal in readable form. */
#include "report/history.h"

#include "base/clock.h"

static const char *const kinds[] = {"step", "timer", "event", "child", "emit", "fact"};
static const char *const states[] = {"none", "begun", "done", "fault"};

static jv parse(struct wf_slice text)
{
    jv value = jv_invalid();
    struct wf_err err = {0};
    return text.ptr && wf_val_parse(text.ptr, text.len, &value, &err) == 0 ? value : jv_invalid();
}

static jv put(jv object, const char *key, jv value)
{
    if (jv_is_valid(value))
        return wf_val_set(object, key, value);
    jv_free(value);
    return object;
}

static jv time_text(int64_t ms)
{
    char text[WF_TIME_TEXT];
    if (!ms)
        return jv_invalid();
    wf_time_format(ms, text);
    return jv_string(text);
}

static void add(void *arg, const struct wf_record *record)
{
    jv *list = arg, item = wf_val_set(jv_object(), "path", jv_string(record->path));
    item = wf_val_set(item, "kind", jv_string(kinds[record->kind]));
    item = wf_val_set(item, "state", jv_string(states[record->state]));
    if (record->seq)
        item = wf_val_set(item, "seq", jv_number((double)record->seq));
    item = put(item, "intended", time_text(record->intent_ms));
    item = put(item, "ended", time_text(record->outcome_ms));
    if (record->intent_ms && record->outcome_ms)
        item = wf_val_set(item, "ms", jv_number((double)(record->outcome_ms - record->intent_ms)));
    jv intent = parse(record->intent);
    if (jv_get_kind(intent) == JV_KIND_OBJECT)
        for (const char *const *key = (const char *const[]){"step", "effect", "key", "input", NULL}; *key; key++)
            item = put(item, *key, wf_val_get(&intent, *key));
    jv_free(intent);
    item = put(item, record->state == WF_REC_FAULT ? "error" : "output", parse(record->outcome));
    *list = jv_array_append(*list, item);
}

int wf_history_read(struct wf_state *state, const char *run_id, jv *ret, struct wf_err *err)
{
    jv list = jv_array();
    int rc = state->ops->history(state->backend, run_id, add, &list, err);
    if (rc < 0)
        jv_free(list);
    else
        *ret = list;
    return rc;
}
