/* finished.c: the end of a run, told again from the journal. */
#include "cli/finished.h"

#include "cli/drive.h"
#include "report/report_model.h"

/* The definitions as the run began with them, for its report and for an error's place; of one that no longer loads there is
 * no more than the output. */
static void recall(struct wf_drive *drive, const struct wf_report *report)
{
    if (report->main_def && report->main_def->def)
        drive->def = wf_def_ref(report->main_def->def);
    if (!report->reporter)
        return;
    drive->sub = wf_def_ref((struct wf_def *)(uintptr_t)report->reporter);
    drive->sub_output = jv_copy(drive->value);
}

int wf_finished_report(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_drive drive;
    struct wf_report *report = NULL;
    struct wf_err err = {0};
    int status = wf_drive_init(&drive, inv);
    if (status)
        return status;
    snprintf(drive.run_id, sizeof drive.run_id, "%s", run->id);
    drive.status = run->status;
    drive.value = jv_is_valid(run->output) ? jv_copy(run->output) : jv_null();
    bool shown = run->status == WF_RUN_FAULTED || drive.form == WF_FORM_TABLE || drive.summary;
    if (shown && wf_report_new(state, run, &report, &err) == 0)
        recall(&drive, report);
    wf_drive_read_notes(&drive, state->ops, state->backend);
    status = wf_drive_report(&drive);
    wf_drive_done(&drive);
    wf_report_free(report); /* last: what definitions name of steps is its own */
    return status;
}
