/* rollback.c: from the list of what a run has done to the run that takes it back. See rollback.h. */
#include "cli/rollback.h"
#include "cli/state_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/diag_print.h"
#include "cli/prompt.h"
#include "cli/undo_def.h"
#include "cli/undo_look.h"
#include "cli/undo_print.h"
#include "report/undo_list.h"
#include "run/run.h"

/* ---- may it be rolled back? ---- */

static int refuse_doubt(struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_doubts doubts;
    struct wf_err err = {0};
    fprintf(
        stderr, "wfrun: run %s cannot be rolled back yet: nobody knows whether an operation of it happened\n", run->id);
    if (run->status != WF_RUN_IN_DOUBT) {
        fprintf(stderr, "  find out with: wfrun resume %s\n", run->id);
    } else if (wf_state_doubts(state->ops, state->backend, run->id, &doubts, &err) == 0) {
        wf_doubts_print(stderr, &doubts, run->id, false);
        wf_doubts_done(&doubts);
    }
    return WF_EXIT_IN_DOUBT;
}

/* A retry that is not over would go on as if what it began with were still done. */
static int check_later(const struct wf_state_run *run, const struct wf_kin *kin)
{
    for (size_t i = 0; i < kin->count; i++) {
        const struct wf_kin_run *later = &kin->runs[i];
        if (!later->is_later || wf_state_is_final(later->status))
            continue;
        fprintf(stderr,
            "wfrun: run %s cannot be rolled back: its retry %s goes on with what it did (%s)\n"
            "  hint: %s, or take back what both did: wfrun rollback %s\n",
            run->id, later->id, later->held ? "running" : wf_run_status_name(later->status),
            later->held ? "wait for its end" : "end it (wfrun cancel)", later->id);
        return later->held ? WF_EXIT_HELD : WF_EXIT_WAITING;
    }
    return 0;
}

/* What was done after a retry is not this run's to take back. */
static void tell_later(const struct wf_state_run *run, const struct wf_kin *kin)
{
    const struct wf_kin_run *latest = wf_kin_latest(kin);
    if (latest)
        fprintf(stderr, "wfrun: run %s was retried; to take back what its retries did, too: wfrun rollback %s\n",
            run->id, latest->id);
}

static int check(struct wf_state *state, const struct wf_state_run *run, const struct wf_undo_list *list)
{
    const char *of = wf_val_string(&run->meta, "rollback", NULL);
    if (of) {
        fprintf(stderr, "wfrun: run %s is a rollback; to do again what it took back: wfrun retry %s\n", run->id, of);
        return WF_EXIT_USAGE;
    }
    if (run->imported) {
        fprintf(stderr,
            "wfrun: run %s was imported: it can be looked at, and its work is changed where its own journal is\n",
            run->id);
        return WF_EXIT_USAGE;
    }
    if (run->held) {
        fprintf(stderr, "wfrun: run %s is being driven by another process; wait for its end, or: wfrun kill %s\n",
            run->id, run->id);
        return WF_EXIT_HELD;
    }
    if (list->unfinished) {
        fprintf(stderr, "wfrun: run %s is being rolled back already; to go on: wfrun resume %s\n", run->id,
            list->unfinished);
        return WF_EXIT_WAITING;
    }
    int status = check_later(run, &list->kin);
    if (status)
        return status;
    if (run->status == WF_RUN_IN_DOUBT || (list->doubtful && !wf_state_is_final(run->status)))
        return refuse_doubt(state, run);
    return 0;
}

/* ---- the drive ---- */

static char *meta_text(const struct wf_drive *drive, const struct wf_state_run *run)
{
    jv meta = wf_val_set(jv_object(), "rollback", jv_string(run->id));
    meta = wf_val_set(meta, "settings", wf_config_kept(drive->inv->config));
    if (wf_drive_locked_by(&run->meta))
        meta = wf_val_set(meta, "lock", jv_string(wf_drive_locked_by(&run->meta)));
    if (drive->sandbox) {
        meta = wf_val_set(meta, "sandbox", wf_sandbox_describe(drive->sandbox));
        meta = wf_val_set(meta, "world", jv_string(drive->world_id));
    }
    char *text = wf_val_text(&meta);
    jv_free(meta);
    return text;
}

/* A run that is parked must not go on once something of it was taken back. */
static int end_run(struct wf_state *state, const struct wf_state_run *run, const char *by, struct wf_err *err)
{
    char *key = wf_asprintf(WF_NOTE_ROLLED_BACK_BY "%s", by);
    jv json = wf_control_json(NULL);
    char *text = wf_val_text(&json);
    int rc = 0;
    if (!wf_state_is_final(run->status))
        rc = wf_control_send(state, run->id, WF_CONTROL_CANCEL, NULL, jv_copy(json), err);
    if (rc == 0)
        rc = state->ops->annotate(state->backend, run->id, key, (struct wf_slice){text, strlen(text)}, err);
    jv_free(json);
    free(text);
    free(key);
    return rc;
}

static int load(struct wf_drive *drive, const struct wf_undo_list *list)
{
    char *text = wf_undo_def_text(list);
    struct wf_diags diags;
    wf_diags_init(&diags);
    int rc = wf_def_load("rollback", text, strlen(text), wf_catalog_steps(drive->world.catalog), &diags, &drive->def);
    if (rc < 0)
        wf_diags_print(stderr, &diags, text, strlen(text));
    wf_diags_done(&diags);
    free(text);
    return rc < 0 ? WF_EXIT_BUG : 0;
}

static int go(
    struct wf_drive *drive, struct wf_state *state, const struct wf_state_run *run, const struct wf_undo_list *list)
{
    struct wf_err err = {0};
    wf_signals_defer();
    int status = load(drive, list);
    if (!status && end_run(state, run, drive->run_id, &err) < 0)
        status = wf_complain(&err, wf_exit_of(&err));
    if (!status)
        status = wf_drive_open(drive, NULL);
    if (status)
        return status;
    char *meta = meta_text(drive, run);
    int rc = wf_engine_start(drive->engine, drive->def, drive->run_id, wf_undo_def_input(list),
        (struct wf_slice){meta, strlen(meta)}, NULL, &err);
    free(meta);
    if (rc < 0)
        return wf_complain(&err, wf_exit_of(&err));
    drive->accepted = true;
    if (drive->summary)
        fprintf(stderr, "wfrun: run %s\n", drive->run_id);
    return wf_drive_go(drive);
}

/* ---- asking ---- */

static int agree(const struct wf_invocation *inv, const struct wf_undo_list *list)
{
    if (wf_opts_has(&inv->opts, WF_OPT_YES))
        return 0;
    char *question =
        wf_asprintf("Undo %zu operations of run %s?", wf_undo_list_count(list, WF_UNDO_WILL), list->past->run_id);
    int answer = wf_prompt_word(question, "yes");
    free(question);
    if (answer == 1)
        return 0;
    if (answer == 0)
        fputs("wfrun: nothing was undone\n", stderr);
    else
        fputs("wfrun: rollback: nothing was undone: there is no terminal to ask on; to do what is shown, add --yes\n",
            stderr);
    return WF_EXIT_USAGE;
}

/* There is nothing for a run to do. */
static int tell_rest(struct wf_drive *drive, const struct wf_undo_list *list)
{
    struct wf_err err = {0};
    size_t left = wf_undo_list_count(list, WF_UNDO_CANNOT);
    jv input = wf_undo_def_input(list), value = wf_val_set(jv_object(), "run", jv_string(list->past->run_id));
    value = wf_val_set(value, "undone", jv_number(0));
    value = wf_val_set(value, "left", jv_number((double)left));
    value = wf_val_set(value, "operations", wf_val_get(&input, "rest"));
    int rc = wf_output_write(stdout, drive->form, &value, NULL, &err);
    jv_free(value);
    jv_free(input);
    if (rc < 0)
        return wf_complain(&err, WF_EXIT_FAULT);
    return left ? WF_EXIT_ITEMS_FAILED : WF_EXIT_OK;
}

static int roll_back(struct wf_drive *drive, struct wf_state *state, const struct wf_state_run *run,
    struct wf_undo_list *list, bool agreed)
{
    int status = wf_drive_world(drive, run);
    if (status)
        return status;
    wf_undo_list_judge(list, drive->world.hosting);
    wf_undo_look(list, &drive->world);
    if (wf_signals_came())
        return wf_signals_leave();
    if (drive->mode != WF_PROGRESS_QUIET && drive->mode != WF_PROGRESS_JSON) {
        wf_undo_print(stderr, list);
        tell_later(run, &list->kin);
    }
    if (agreed)
        drive->form = WF_FORM_NONE;
    if (!wf_undo_list_count(list, WF_UNDO_WILL))
        return tell_rest(drive, list);
    status = agreed ? 0 : agree(drive->inv, list);
    return status ? status : go(drive, state, run, list);
}

/* ---- public ---- */

static int with_run(
    struct wf_invocation *inv, struct wf_state *state, struct wf_state_run *run, struct wf_undo_list *list, bool agreed)
{
    struct wf_err err = {0};
    struct wf_drive drive;
    char id[sizeof drive.run_id];
    int status = 0;
    if (wf_undo_list_choose(list, inv->opts.values[WF_OPT_ITEM].items, inv->opts.values[WF_OPT_ITEM].count, &err) < 0)
        status = wf_complain(&err, WF_EXIT_USAGE);
    if (!status)
        status =
            wf_drive_successor(state, agreed ? NULL : wf_opts_last(&inv->opts, WF_OPT_RUN_ID), run->id, "rollback", id);
    if (status)
        return status;
    wf_drive_keep_settings(inv, &run->meta);
    status = wf_drive_init(&drive, inv);
    if (status)
        return status;
    snprintf(drive.run_id, sizeof drive.run_id, "%s", id);
    status = roll_back(&drive, state, run, list, agreed);
    wf_drive_done(&drive);
    return status;
}

int wf_rollback(struct wf_invocation *inv, const char *run_id, bool agreed)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_undo_list list;
    struct wf_err err = {0}, claimed = {0};
    int status;
    if (wf_state_open(inv->config, false, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_state_find(&state, run_id, &run, &err) < 0) {
        wf_state_close(&state);
        return wf_complain(&err, wf_exit_of(&err));
    }
    (void)wf_kin_claim(&state, run.id, &claimed); /* before the look: it must not be old */
    if (wf_undo_list_read(&state, run.id, &list, &err) < 0) {
        status = wf_complain(&err, wf_exit_of(&err));
    } else {
        status = check(&state, &run, &list);
        if (!status && claimed.code)
            status = wf_complain(&claimed, wf_exit_of(&claimed));
        if (!status)
            status = with_run(inv, &state, &run, &list, agreed);
        wf_undo_list_done(&list);
    }
    wf_state_run_done(&run);
    wf_state_close(&state);
    return status;
}
