/* kin.c: from one retry to the next, up and down. See kin.h. */
#include "report/kin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define MOST 10000 /* a journal that was tampered with could name ever more */

static bool is_known(const struct wf_kin *kin, const char *id)
{
    for (size_t i = 0; i < kin->count; i++)
        if (strcmp(kin->runs[i].id, id) == 0)
            return true;
    return false;
}

/* The first run of all that this journal still has. id: room for any. */
static void climb(struct wf_state *state, char *id)
{
    struct wf_state_run run, before;
    bool is_retry = wf_state_has(state, id, &run);

    for (size_t steps = 0; is_retry && steps < MOST; steps++) {
        is_retry = wf_state_has(state, wf_val_string(&run.meta, WF_META_RETRY, ""), &before);
        wf_state_run_done(&run);
        if (is_retry) {
            run = before;
            snprintf(id, sizeof run.id, "%s", run.id);
        }
    }
    if (is_retry)
        wf_state_run_done(&run);
}

static void add(struct wf_kin *kin, struct wf_state *state, const char *id, bool is_later)
{
    struct wf_state_run run;

    if (kin->count == MOST || is_known(kin, id) || !wf_state_has(state, id, &run))
        return;
    kin->runs = wf_realloc(kin->runs, (kin->count + 1) * sizeof *kin->runs);
    struct wf_kin_run *added = &kin->runs[kin->count++];
    *added = (struct wf_kin_run){.status = run.status, .held = run.held, .is_later = is_later};
    snprintf(added->id, sizeof added->id, "%s", run.id);
    wf_state_run_done(&run);
}

int wf_kin_read(struct wf_state *state, const char *run_id, struct wf_kin *ret, struct wf_err *err)
{
    struct wf_kin kin = {0};
    char first[sizeof kin.runs->id];
    int rc = 0;

    snprintf(first, sizeof first, "%s", run_id);
    climb(state, first);
    add(&kin, state, first, false);
    for (size_t i = 0; rc == 0 && i < kin.count; i++) {
        struct wf_run_ids later = {0};
        bool is_later = kin.runs[i].is_later || strcmp(kin.runs[i].id, run_id) == 0;
        rc = wf_state_noted(state, kin.runs[i].id, WF_NOTE_RETRIED_BY, &later, err);
        for (size_t k = 0; k < later.count; k++)
            add(&kin, state, later.items[k], is_later);
        wf_run_ids_done(&later);
    }
    if (rc == 0)
        *ret = kin;
    else
        wf_kin_done(&kin);
    return rc;
}

int wf_kin_claim(struct wf_state *state, const char *run_id, struct wf_err *err)
{
    char first[sizeof(struct wf_kin_run){0}.id];

    snprintf(first, sizeof first, "%s", run_id);
    climb(state, first);
    int rc = state->ops->claim(state->backend, first, err);
    if (rc == WF_EHELD) {
        wf_err_set(err, rc, "run %s is being retried or rolled back by another process", run_id);
        wf_err_hint(err, "`wfrun list` shows what it began");
    }
    return rc;
}

void wf_kin_release(struct wf_state *state, const char *run_id)
{
    char first[sizeof(struct wf_kin_run){0}.id];

    snprintf(first, sizeof first, "%s", run_id);
    climb(state, first);
    state->ops->release(state->backend, first);
}

void wf_kin_done(struct wf_kin *kin)
{
    free(kin->runs);
    *kin = (struct wf_kin){0};
}

const struct wf_kin_run *wf_kin_latest(const struct wf_kin *kin)
{
    for (size_t i = kin->count; i > 0; i--)
        if (kin->runs[i - 1].is_later)
            return &kin->runs[i - 1];
    return NULL;
}
