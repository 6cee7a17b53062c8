/* finished.c: the end of a run, told again from the journal. */
#include "cli/finished.h"

#include <stdlib.h>

#include "cli/drive.h"

/* The definition as the run began with it, for its report and for an error's place. NULL: it no longer loads. */
static struct wf_def *load(struct wf_drive *drive, struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_diags diags;
    struct wf_def *def = NULL;
    struct wf_err err = {0};
    char *text = NULL;
    size_t len = 0;
    if (state->ops->get_definition(state->backend, run->definition, &text, &len, &err) < 0)
        return NULL;
    wf_diags_init(&diags);
    if (wf_def_load(wf_val_string(&run->meta, "file", "(journal)"), text, len, wf_catalog_steps(drive->world.catalog),
            &diags, &def) < 0)
        def = NULL;
    wf_diags_done(&diags);
    free(text);
    return def;
}

int wf_finished_report(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_drive drive;
    int status = wf_drive_init(&drive, inv);
    if (status)
        return status;
    snprintf(drive.run_id, sizeof drive.run_id, "%s", run->id);
    drive.status = run->status;
    drive.value = jv_is_valid(run->output) ? jv_copy(run->output) : jv_null();
    if (run->status == WF_RUN_FAULTED || drive.form == WF_FORM_TABLE || drive.summary)
        drive.def = load(&drive, state, run);
    wf_drive_read_notes(&drive, state->ops, state->backend);
    status = wf_drive_report(&drive);
    wf_drive_done(&drive);
    return status;
}
