/* state.c: asks the journal about runs. */
#include "report/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "run/run.h"

/* ---- one run ---- */

static jv parse(struct wf_slice text)
{
    jv value = jv_invalid();
    struct wf_err err = {0};
    if (text.ptr && wf_val_parse(text.ptr, text.len, &value, &err) < 0)
        value = jv_invalid();
    return value;
}

static void found(void *arg, const struct wf_run_row *row)
{
    struct wf_state_run *run = arg;
    *run = (struct wf_state_run){
        .namespace_ = wf_strdup(row->namespace_),
        .name = wf_strdup(row->name),
        .version = wf_strdup(row->version),
        .status = row->status,
        .held = row->held,
        .imported = row->imported,
        .owner = row->owner,
        .started_ms = row->started_ms,
        .updated_ms = row->updated_ms,
        .records = row->records,
        .input = parse(row->start.input),
        .meta = parse(row->start.meta),
        .output = parse(row->output),
    };
    memcpy(run->definition, row->start.definition, sizeof run->definition);
    snprintf(run->id, sizeof run->id, "%s", row->run_id);
}

int wf_state_find(struct wf_state *state, const char *id, struct wf_state_run *ret, struct wf_err *err)
{
    struct wf_state_run run = {0};
    const struct wf_query query = {.run_id = id, .status = -1};
    int rc = state->ops->query(state->backend, &query, found, &run, err);
    if (rc == WF_ENOTFOUND && !err->hint[0])
        wf_err_hint(err, "`wfrun list` shows the runs");
    if (rc < 0)
        return rc;
    if (!run.id[0]) {
        rc = wf_err_set(err, WF_ENOTFOUND, "there is no run %s in %s", id, state->file);
        wf_err_hint(err, "`wfrun list` shows the runs");
        return rc;
    }
    *ret = run;
    return 0;
}

bool wf_state_has(struct wf_state *state, const char *id, struct wf_state_run *ret)
{
    struct wf_err none = {0};

    if (wf_state_find(state, id, ret, &none) < 0)
        return false;
    if (strcmp(ret->id, id) == 0)
        return true;
    wf_state_run_done(ret);
    return false;
}

void wf_state_run_done(struct wf_state_run *run)
{
    free(run->namespace_);
    free(run->name);
    free(run->version);
    jv_free(run->input);
    jv_free(run->meta);
    jv_free(run->output);
}

bool wf_run_id_is_valid(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(id);
    return len > 0 && len <= 100 && strspn(id, allowed) == len;
}

bool wf_state_is_final(enum wf_run_status status)
{
    return status == WF_RUN_COMPLETED || status == WF_RUN_FAULTED || status == WF_RUN_CANCELLED;
}

/* ---- what is in doubt ---- */

static void doubt_note(void *arg, const char *key, struct wf_slice json)
{
    struct wf_doubts *doubts = arg;
    if (strncmp(key, "in-doubt ", 9) != 0)
        return;
    jv note = parse(json);
    if (jv_get_kind(note) == JV_KIND_OBJECT) {
        doubts->items = wf_realloc(doubts->items, (doubts->count + 1) * sizeof *doubts->items);
        doubts->items[doubts->count++] = (struct wf_doubt){
            .path = wf_strdup(wf_val_string(&note, "path", key + 9)),
            .task = wf_strdup(wf_val_string(&note, "task", "")),
            .step = wf_strdup(wf_val_string(&note, "step", "")),
            .key = wf_strdup(wf_val_string(&note, "key", "")),
            .why = wf_strdup(wf_val_string(&note, "why", "")),
            .since_ms = (int64_t)wf_val_number(&note, "since", 0),
        };
    }
    jv_free(note);
}

int wf_state_doubts(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id,
    struct wf_doubts *ret, struct wf_err *err)
{
    *ret = (struct wf_doubts){0};
    return ops->notes(backend, run_id, doubt_note, ret, err);
}

void wf_doubts_done(struct wf_doubts *doubts)
{
    for (size_t i = 0; i < doubts->count; i++) {
        free(doubts->items[i].path);
        free(doubts->items[i].task);
        free(doubts->items[i].step);
        free(doubts->items[i].key);
        free(doubts->items[i].why);
    }
    free(doubts->items);
    *doubts = (struct wf_doubts){0};
}

void wf_doubts_print(FILE *file, const struct wf_doubts *doubts, const char *run_id, bool is_over)
{
    for (size_t i = 0; i < doubts->count; i++) {
        const struct wf_doubt *doubt = &doubts->items[i];
        char since[WF_TIME_TEXT];
        wf_time_format(doubt->since_ms, since);
        fprintf(file, "in doubt: %s of task %s, begun %s\n  why: %s\n", doubt->step, doubt->task, since, doubt->why);
        fprintf(file, "  find out whether it happened (its request id is %s)%s\n", doubt->key,
            is_over ? "; the run is over: put it right by hand" : ", then type one of");
        if (is_over)
            continue;
        fprintf(file, "    wfrun resolve %s '%s' --done --output JSON --reason TEXT\n", run_id, doubt->path);
        fprintf(file, "    wfrun resolve %s '%s' --not-done --reason TEXT\n", run_id, doubt->path);
        fprintf(file, "    wfrun resolve %s '%s' --skip --reason TEXT\n", run_id, doubt->path);
    }
    if (doubts->count && !is_over)
        fprintf(file, "  and then: wfrun resume %s\n", run_id);
}

/* ---- what failed and was put up with ---- */

struct wanted_note {
    const char *key;
    jv json;
};

static void take_note(void *arg, const char *key, struct wf_slice json)
{
    struct wanted_note *wanted = arg;
    if (strcmp(key, wanted->key) != 0)
        return;
    jv_free(wanted->json);
    wanted->json = parse(json);
}

jv wf_state_note(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id, const char *key)
{
    struct wanted_note wanted = {key, jv_invalid()};
    struct wf_err err = {0};
    if (ops->notes(backend, run_id, take_note, &wanted, &err) < 0) {
        jv_free(wanted.json);
        return jv_invalid();
    }
    return wanted.json;
}

size_t wf_state_failed_items(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id)
{
    jv note = wf_state_note(ops, backend, run_id, WF_NOTE_FAILED_ITEMS);
    size_t count = jv_get_kind(note) == JV_KIND_NUMBER ? (size_t)jv_number_value(note) : 0;
    jv_free(note);
    return count;
}

/* ---- runs that the notes of another one name ---- */

struct naming {
    const char *key;
    struct wf_run_ids *ids;
};

static void take_id(void *arg, const char *key, struct wf_slice json)
{
    const struct naming *naming = arg;
    struct wf_run_ids *ids = naming->ids;
    size_t len = strlen(naming->key);

    (void)json;
    if (strncmp(key, naming->key, len) != 0)
        return;
    ids->items = wf_realloc(ids->items, (ids->count + 1) * sizeof *ids->items);
    ids->items[ids->count++] = wf_strdup(key + len);
}

int wf_state_noted(
    struct wf_state *state, const char *run_id, const char *key, struct wf_run_ids *ret, struct wf_err *err)
{
    *ret = (struct wf_run_ids){0};
    int rc = state->ops->notes(state->backend, run_id, take_id, &(struct naming){key, ret}, err);
    if (rc < 0)
        wf_run_ids_done(ret);
    return rc;
}

void wf_run_ids_done(struct wf_run_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        free(ids->items[i]);
    free(ids->items);
    *ids = (struct wf_run_ids){0};
}
