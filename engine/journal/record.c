/* record.c: the words and limits of what is stored. See record.h. */
#include "journal/record.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* These words are in every file that was ever written: append, never change. */
static const char *const kinds[] = {
    [WF_OP_STEP] = "step",
    [WF_OP_TIMER] = "timer",
    [WF_OP_EVENT] = "event",
    [WF_OP_CHILD] = "child",
    [WF_OP_EMIT] = "emit",
    [WF_OP_FACT] = "fact",
};
static const char *const states[] = {
    [WF_REC_INTENT] = "intent",
    [WF_REC_DONE] = "done",
    [WF_REC_FAULT] = "fault",
};
static const char *const statuses[] = {
    [WF_RUN_RUNNING] = "running",
    [WF_RUN_WAITING] = "waiting",
    [WF_RUN_SUSPENDED] = "suspended",
    [WF_RUN_IN_DOUBT] = "in doubt",
    [WF_RUN_CANCELLED] = "cancelled",
    [WF_RUN_FAULTED] = "faulted",
    [WF_RUN_COMPLETED] = "completed",
};
static const char *const controls[] = {
    [WF_CONTROL_CANCEL] = "cancel",
    [WF_CONTROL_SUSPEND] = "suspend",
    [WF_CONTROL_RESOLVE] = "resolve",
    [WF_CONTROL_DECIDE] = "decide",
};

const char *wf_run_status_name(enum wf_run_status status)
{
    return statuses[status];
}

const char *wf__kind_word(enum wf_op_kind kind)
{
    return kinds[kind];
}

const char *wf__state_word(enum wf_rec_state state)
{
    return states[state];
}

const char *wf__status_word(enum wf_run_status status)
{
    return statuses[status];
}

const char *wf__control_word(enum wf_control_kind kind)
{
    return controls[kind];
}

static int find(const char *const *words, size_t count, const char *what, const char *text, struct wf_err *err)
{
    for (size_t i = 0; text && i < count; i++) {
        if (words[i] && strcmp(words[i], text) == 0)
            return (int)i;
    }
    wf_err_set(err, WF_EMISMATCH, "the journal holds a record whose %s is `%.40s`, which this wfrun does not know",
        what, text ? text : "(nothing)");
    wf_err_hint(err, "use the wfrun that wrote it, or a newer one");
    return WF_EMISMATCH;
}

int wf__kind_read(const char *text, enum wf_op_kind *ret, struct wf_err *err)
{
    int i = find(kinds, COUNT(kinds), "kind", text, err);

    if (i >= 0)
        *ret = (enum wf_op_kind)i;
    return i < 0 ? i : 0;
}

int wf__state_read(const char *text, enum wf_rec_state *ret, struct wf_err *err)
{
    int i = find(states, COUNT(states), "state", text, err);

    if (i >= 0)
        *ret = (enum wf_rec_state)i;
    return i < 0 ? i : 0;
}

int wf__status_read(const char *text, enum wf_run_status *ret, struct wf_err *err)
{
    int i = find(statuses, COUNT(statuses), "run status", text, err);

    if (i >= 0)
        *ret = (enum wf_run_status)i;
    return i < 0 ? i : 0;
}

int wf__control_read(const char *text, enum wf_control_kind *ret, struct wf_err *err)
{
    int i = find(controls, COUNT(controls), "control", text, err);

    if (i >= 0)
        *ret = (enum wf_control_kind)i;
    return i < 0 ? i : 0;
}

int wf__row_check(const struct wf__row *row, struct wf_err *err)
{
    size_t len = strlen(row->path);

    if (len == 0 || len > WF_PATH_MAX)
        return wf_err_set(err, WF_ELIMIT, "the operation path %.60s... has %zu bytes; a path has 1 to %d", row->path,
            len, WF_PATH_MAX);
    if (row->json.len > WF_RECORD_MAX)
        return wf_err_set(err, WF_ELIMIT, "the %s record of %s has %zu bytes; a record has at most %zu",
            wf__state_word(row->state), row->path, row->json.len, WF_RECORD_MAX);
    return 0;
}

int wf__run_id_check(const char *run_id, struct wf_err *err)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = run_id ? strlen(run_id) : 0;

    if (len >= 1 && len <= 100 && strspn(run_id, allowed) == len)
        return 0;
    return wf_err_set(err, WF_EINVAL, "`%.120s` is no run id: 1 to 100 letters, digits, dots, underscores or hyphens",
        run_id ? run_id : "");
}

int wf__seed_row(const struct wf_seed *seed, uint64_t *seq, struct wf__row *ret, struct wf_err *err)
{
    if (seed->state == WF_REC_NONE)
        return wf_err_set(err, WF_EINVAL, "the record of %s is neither an intent nor an outcome", seed->path);
    *ret = (struct wf__row){
        seed->path, seed->kind, seed->state, 0, seed->at_ms, seed->json, seed->digest ? seed->digest->hex : NULL};
    if (seed->state != WF_REC_INTENT)
        ret->seq = ++*seq;
    return wf__row_check(ret, err);
}

int wf__refuse_row(const char *path, struct wf_err *err)
{
    return wf_err_set(err, WF_EINVAL, "the records do not follow each other: %.200s has two of a kind", path);
}

int wf__refuse_taken(const char *run_id, struct wf_err *err)
{
    wf_err_set(err, WF_EINVAL, "there is a run %s already", run_id);
    wf_err_hint(err, "choose another --run-id");
    return WF_EINVAL;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

int wf__start_check_same(const struct wf_start *old, const struct wf_start *again, struct wf_err *err)
{
    const char *what = NULL;

    if (!same_text(old->name, again->name) || !same_text(old->namespace_, again->namespace_))
        what = "workflow";
    else if (memcmp(old->definition, again->definition, WF_SHA256_SIZE) != 0)
        what = "definition";
    else if (old->input.len != again->input.len ||
             (old->input.len > 0 && memcmp(old->input.ptr, again->input.ptr, old->input.len) != 0))
        what = "input";
    if (!what)
        return 0;
    wf_err_set(err, WF_EINVAL, "the run %s exists already, with another %s", again->run_id, what);
    wf_err_hint(err, "continue it with `wfrun resume %s`, or choose another --run-id", again->run_id);
    return WF_EINVAL;
}

bool wf__control_is_kept(enum wf_control_kind kind)
{
    return kind == WF_CONTROL_RESOLVE || kind == WF_CONTROL_DECIDE;
}

bool wf__status_is_final(enum wf_run_status status)
{
    return status == WF_RUN_CANCELLED || status == WF_RUN_FAULTED || status == WF_RUN_COMPLETED;
}

int wf__refuse_final(const char *run_id, enum wf_run_status status, struct wf_err *err)
{
    if (!wf__status_is_final(status))
        return 0;
    wf_err_set(err, WF_EINVAL, "the run %s has ended: it is %s", run_id, wf_run_status_name(status));
    wf_err_hint(err, "see what it did with `wfrun show %s`", run_id);
    return WF_EINVAL;
}

int wf__refuse_imported(const char *run_id, struct wf_err *err)
{
    wf_err_set(err, WF_EINVAL, "the run %s was imported: it can be looked at, and never goes on here", run_id);
    wf_err_hint(err, "it goes on where its own journal is");
    return WF_EINVAL;
}
