/* cmd_resume.c: `wfrun resume`: go on with a run that was interrupted, suspended, or in doubt and is resolved. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/drive.h"
#include "cli/finished.h"
#include "run/run.h"

/* The stand-ins of the rehearsal again, with the state they had. */
static int restart_sandbox(struct wf_drive *drive, const jv *meta)
{
    jv sandbox = wf_val_get(meta, "sandbox");
    if (jv_get_kind(sandbox) != JV_KIND_OBJECT) {
        jv_free(sandbox);
        return 0;
    }
    jv programs = wf_val_get(&sandbox, "programs");
    size_t count = jv_get_kind(programs) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(programs)) : 0;
    char **names = wf_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        jv name = jv_array_get(jv_copy(programs), (int)i);
        names[i] = wf_strdup(jv_get_kind(name) == JV_KIND_STRING ? jv_string_value(name) : "");
        jv_free(name);
    }
    char *state = wf_sandbox_state(drive->inv->config, drive->run_id);
    struct wf_err err = {0};
    const struct wf_sandbox_plan plan = {
        .profile = wf_val_string(&sandbox, "profile", "none"),
        .seed = wf_val_string(&sandbox, "seed", NULL),
        .real_clock = strcmp(wf_val_string(&sandbox, "clock", "virtual"), "real") == 0,
        .state = state,
    };
    int rc =
        wf_sandbox_start(&drive->world, drive->inv->config, &plan, (const char *const *)names, &drive->sandbox, &err);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(state);
    jv_free(programs);
    jv_free(sandbox);
    if (wf_signals_came())
        return wf_signals_leave();
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

/* To resume a parked run is the word that its pauses wait for. After a crash the person has not been told of them. */
static int go_on(struct wf_drive *drive, const struct wf_state_run *run, struct wf_err *err)
{
    struct wf_state state = {.ops = &wf_journal_sqlite, .backend = wf_engine_backend(drive->engine)};
    return run->status != WF_RUN_WAITING || run->held ? 0 : wf_waits_go_on(&state, drive->run_id, err);
}

static int resume(struct wf_drive *drive, const struct wf_state_run *run)
{
    struct wf_err err = {0};
    drive->accepted = true;
    wf_signals_watch(false);
    wf_signals_defer();
    int status = restart_sandbox(drive, &run->meta);
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
        jv kept = wf_val_get(&run.meta, "settings");
        if (jv_is_valid(kept))
            wf_config_set_kept(inv->config, &kept);
        jv_free(kept);
        status = wf_drive_init(&drive, inv);
        if (!status) {
            snprintf(drive.run_id, sizeof drive.run_id, "%s", run.id);
            status = resume(&drive, &run);
            wf_drive_done(&drive);
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
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_EVENTS) | WF_OPT_BIT(WF_OPT_STATE) |
            WF_OPT_BIT(WF_OPT_CONNECT_TO) | WF_OPT_BIT(WF_OPT_CACERT) | WF_OPT_BIT(WF_OPT_SECRETS) |
            WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_REGISTER) | WF_OPT_BIT(WF_OPT_PROGRESS),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
