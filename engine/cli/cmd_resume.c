/* cmd_resume.c: `wfrun resume`: go on with a run that was interrupted, suspended, or in doubt and is resolved. */
#include <string.h>

#include "cli/control.h"
#include "cli/drive.h"
#include "cli/finished.h"
#include "cli/rollback.h"
#include "cli/state_file.h"
#include "run/run.h"

/* To resume a parked run is the word that its pauses wait for. After a crash the person has not been told of them. */
static int go_on(struct wf_drive *drive, const struct wf_state_run *run, struct wf_err *err)
{
    struct wf_state state = {.ops = &wf_journal_sqlite, .backend = wf_engine_backend(drive->engine)};
    return run->status != WF_RUN_WAITING || run->held ? 0 : wf_control_go_on(&state, drive->run_id, err);
}

static int resume(struct wf_drive *drive, const struct wf_state_run *run)
{
    struct wf_err err = {0};
    drive->accepted = true;
    wf_signals_watch(false);
    wf_signals_defer();
    int status = wf_drive_again(drive, &run->meta);
    if (!status)
        status = wf_drive_open(drive, wf_val_string(&run->meta, "file", NULL));
    if (status)
        return status;
    if (go_on(drive, run, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_engine_resume(drive->engine, drive->run_id, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    return wf_drive_go(drive);
}

static int exec(struct wf_invocation *inv)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    struct wf_drive drive;
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int rc = wf_state_find(&state, inv->opts.args[0], &run, &err);
    if (rc < 0) {
        wf_state_close(&state);
        return wf_complain(&err, wf_exit_of(&err));
    }
    int status;
    if (wf_state_is_final(run.status)) {
        fprintf(stderr, "wfrun: run %s is over already: %s\n", run.id, wf_run_status_name(run.status));
        status = wf_finished_report(inv, &state, &run);
        wf_state_close(&state);
    } else {
        wf_state_close(&state);
        wf_drive_keep_settings(inv, &run.meta);
        status = wf_drive_init(&drive, inv);
        if (!status) {
            snprintf(drive.run_id, sizeof drive.run_id, "%s", run.id);
            status = resume(&drive, &run);
            bool roll_back = wf_rollback_is_declared(&drive);
            wf_drive_done(&drive);
            if (roll_back)
                wf_rollback(inv, run.id, true); /* it says what it did; the run itself was cancelled */
        }
    }
    wf_state_run_done(&run);
    return status;
}

const struct wf_cmd wf_cmd_resume = {
    .name = "resume",
    .args = "RUN",
    .summary = "Continue a run that was interrupted, suspended or in doubt",
    .details =
        "RUN is an id or the beginning of one. The run goes on with the definition, input and settings it began with;\n"
        "flags given here count before those. A gate between waves that is a pause opens. A run that is over answers "
        "as it did\n"
        "when it ended.",
    .opts = WF_OPTS_DRIVE | WF_OPT_BIT(WF_OPT_AUTO_APPROVE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
