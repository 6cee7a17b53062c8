/* rollback_after.c: what follows a run that was cancelled or killed: the compensation that its workflow declares, or words
 * about what stays done. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/rollback.h"
#include "report/pinned.h"
#include "report/undo_list.h"
#include "run/run.h"

#define SHOWN 10

void wf_rollback_tell_left(struct wf_state *state, const char *run_id)
{
    struct wf_undo_list list;
    struct wf_err err = {0};
    if (wf_undo_list_read(state, run_id, &list, &err) < 0) {
        wf_complain(&err, 0);
        return;
    }
    size_t left = wf_undo_list_count(&list, WF_UNDO_WILL), shown = 0;
    if (left)
        fprintf(stderr, "wfrun: what run %s did stays done:\n", run_id);
    for (size_t i = 0; i < list.nops && shown < SHOWN; i++) {
        const struct wf_undo_op *op = &list.ops[i];
        if (op->fate != WF_UNDO_WILL)
            continue;
        const char *label = list.groups[op->group].label;
        fprintf(stderr, "  %s %s%s%s%s\n", op->step, *label ? label : "", *label ? ": " : "", op->place,
            op->record->state == WF_REC_INTENT ? " (nobody knows whether it happened)" : "");
        shown++;
    }
    if (left > shown)
        fprintf(stderr, "  ... and %zu more\n", left - shown);
    if (left)
        fprintf(stderr, "  to take it back: wfrun rollback %s\n", run_id);
    wf_undo_list_done(&list);
}

static void find_kill(void *arg, const char *key, struct wf_slice json)
{
    bool *is_killed = arg;
    jv value;
    if (strcmp(key, WF_NOTE_CANCELLED) != 0 || wf_val_parse(json.ptr, json.len, &value, NULL) != 0)
        return;
    jv kill = wf_val_get(&value, "kill");
    *is_killed = jv_get_kind(kill) == JV_KIND_TRUE;
    jv_free(kill);
    jv_free(value);
}

bool wf_rollback_follows(struct wf_state *state, const char *run_id, bool declared)
{
    struct wf_err err = {0};
    bool is_killed = false;
    (void)state->ops->notes(state->backend, run_id, find_kill, &is_killed, &err);
    if (declared && !is_killed) {
        fprintf(stderr, "wfrun: the workflow of run %s declares that a cancelled run is rolled back\n", run_id);
        return true;
    }
    if (declared)
        fprintf(stderr, "wfrun: run %s was killed: its workflow declares a rollback, which was not done\n", run_id);
    wf_rollback_tell_left(state, run_id);
    return false;
}

bool wf_rollback_is_declared(struct wf_drive *drive)
{
    char none[] = "";
    if (drive->ephemeral || !drive->ended || drive->failure.code || drive->status != WF_RUN_CANCELLED)
        return false;
    struct wf_state state = {.ops = &wf_journal_sqlite, .backend = wf_engine_backend(drive->engine), .file = none};
    drive->keep_world = wf_rollback_follows(&state, drive->run_id, drive->def && drive->def->rolls_back);
    return drive->keep_world;
}

bool wf_rollback_is_pinned(struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_pinned pinned;
    wf_pinned_init(&pinned, state->ops, state->backend);
    const struct wf_pinned_def *def = wf_pinned_get(&pinned, run->definition, NULL);
    bool declared = def && def->def && def->def->rolls_back;
    wf_pinned_done(&pinned);
    return declared;
}
