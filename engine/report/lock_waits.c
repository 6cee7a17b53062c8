/* lock_waits.c: the notes of the runs that are driven, matched by the key of the lock. See lock_waits.h. */
#include "report/lock_waits.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/run.h"

/* A run that is driven, and may have what others wait for. */
struct driven {
    char *id;
    int64_t owner;
};

struct reading {
    struct wf_lock_waits *waits;
    struct driven *runs;
    size_t nruns;
    const struct driven *of; /* whose notes are read */
};

/* False: the note is none of a lock, or it was taken back. */
static bool read_lock(const char *key, struct wf_slice json, jv *ret)
{
    if (strncmp(key, WF_NOTE_LOCK, strlen(WF_NOTE_LOCK)) != 0 || wf_val_parse(json.ptr, json.len, ret, NULL) != 0)
        return false;
    if (jv_get_kind(*ret) == JV_KIND_OBJECT)
        return true;
    jv_free(*ret);
    return false;
}

static bool is_held(const jv *note)
{
    jv held = wf_val_get(note, "held");
    bool yes = jv_get_kind(held) == JV_KIND_TRUE;

    jv_free(held);
    return yes;
}

static void take_wait(void *arg, const char *key, struct wf_slice json)
{
    struct wf_lock_waits *waits = ((struct reading *)arg)->waits;
    jv note;

    if (!read_lock(key, json, &note))
        return;
    if (!is_held(&note)) {
        waits->items = wf_realloc(waits->items, (waits->count + 1) * sizeof *waits->items);
        waits->items[waits->count++] = (struct wf_lock_wait){.path = wf_strdup(key + strlen(WF_NOTE_LOCK)),
            .key = wf_strdup(wf_val_string(&note, "key", "")),
            .since_ms = (int64_t)wf_val_number(&note, "since", 0)};
    }
    jv_free(note);
}

static void take_holder(void *arg, const char *key, struct wf_slice json)
{
    const struct reading *reading = arg;
    jv note;

    if (!read_lock(key, json, &note))
        return;
    for (size_t i = 0; i < reading->waits->count && is_held(&note); i++) {
        struct wf_lock_wait *wait = &reading->waits->items[i];
        if (wait->holder || strcmp(wait->key, wf_val_string(&note, "key", "")) != 0)
            continue;
        wait->holder = wf_strdup(reading->of->id);
        wait->holder_path = wf_strdup(key + strlen(WF_NOTE_LOCK));
        wait->holder_owner = reading->of->owner;
        wait->held_since_ms = (int64_t)wf_val_number(&note, "since", 0);
    }
    jv_free(note);
}

static void take_run(void *arg, const struct wf_run_row *row)
{
    struct reading *reading = arg;

    if (!row->held)
        return;
    reading->runs = wf_realloc(reading->runs, (reading->nruns + 1) * sizeof *reading->runs);
    reading->runs[reading->nruns++] = (struct driven){wf_strdup(row->run_id), row->owner};
}

static int find_holders(struct wf_state *state, struct reading *reading, struct wf_err *err)
{
    const struct wf_query running = {.status = WF_RUN_RUNNING};
    int rc = state->ops->query(state->backend, &running, take_run, reading, err);

    for (size_t i = 0; i < reading->nruns; i++) {
        reading->of = &reading->runs[i];
        if (rc == 0)
            rc = state->ops->notes(state->backend, reading->of->id, take_holder, reading, err);
        free(reading->runs[i].id);
    }
    free(reading->runs);
    return rc;
}

int wf_lock_waits_read(
    struct wf_state *state, const struct wf_state_run *run, struct wf_lock_waits *ret, struct wf_err *err)
{
    struct reading reading = {.waits = ret};
    int rc = 0;

    *ret = (struct wf_lock_waits){0};
    if (run->held)
        rc = state->ops->notes(state->backend, run->id, take_wait, &reading, err);
    if (rc == 0 && ret->count)
        rc = find_holders(state, &reading, err);
    if (rc < 0)
        wf_lock_waits_done(ret);
    return rc;
}

void wf_lock_waits_done(struct wf_lock_waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        struct wf_lock_wait *wait = &waits->items[i];
        free(wait->path);
        free(wait->key);
        free(wait->holder);
        free(wait->holder_path);
    }
    free(waits->items);
    *waits = (struct wf_lock_waits){0};
}
