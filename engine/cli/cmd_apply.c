/* cmd_apply.c: `wfrun apply`: does what a plan says, once, and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "cli/plan_make.h"
#include "cli/state_file.h"
#include "cli/terms.h"
#include "run/run.h"

/* A word about the run that used the plan already; WF_EXIT_PLAN. 0: nobody has. */
static int check_unused(struct wf_invocation *inv, const char *run_id)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    int status = 0;
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return err.code == WF_ENOTFOUND ? 0 : wf_complain(&err, wf_exit_of(&err)); /* no journal yet */
    if (wf_state_find(&state, run_id, &run, &err) == 0) {
        fprintf(stderr, "wfrun: the plan was used already, by run %s, which is %s\n", run.id,
            wf_run_status_name(run.status));
        if (!wf_state_is_final(run.status))
            fprintf(stderr, "  hint: to go on with it: wfrun resume %s\n", run.id);
        wf_state_run_done(&run);
        status = WF_EXIT_PLAN;
    } else if (err.code != WF_ENOTFOUND) {
        status = wf_complain(&err, wf_exit_of(&err));
    }
    wf_state_close(&state);
    return status;
}

/* What the definition and this machine ask for counts, whatever the file says: anybody can write a file. */
static int terms_of(struct wf_drive *drive, const struct wf_plan_file *file, jv *ret)
{
    static const char *const parts[] = {"budget", "approval"};
    jv terms = jv_object(), planned = wf_val_get(&file->plan, "terms"), now;
    struct wf_err err = {0};
    int rc = wf_terms_of(drive->def, drive->inv->config, &now, &err);
    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++) {
        jv part = wf_val_get(&now, parts[i]);
        if (!jv_is_valid(part))
            part = wf_val_get(&planned, parts[i]);
        if (jv_is_valid(part))
            terms = wf_val_set(terms, parts[i], part);
    }
    if (rc == 0)
        jv_free(now);
    jv_free(planned);
    terms = wf_val_set(terms, "plan", jv_string(file->digest_text));
    *ret = file->signer ? wf_val_set(terms, "signed", jv_string(file->signer)) : terms;
    return rc < 0 ? wf_complain(&err, WF_EXIT_USAGE) : 0;
}

static int apply(struct wf_drive *drive, const struct wf_plan_file *file)
{
    jv definition = wf_val_get(&file->plan, "definition"), terms = jv_object();
    const char *path = wf_val_string(&definition, "file", "");
    int status = wf_drive_load(drive, path);
    if (!status && wf_opts_has(&drive->inv->opts, WF_OPT_SANDBOX))
        status = wf_drive_sandbox(drive);
    else if (!status)
        status = wf_drive_again(drive, &file->plan);
    if (!status)
        status = wf_drive_open(drive, path);
    if (!status)
        status = wf_plan_check(drive, file);
    if (!status)
        status = wf_plan_keep(drive, file);
    if (!status) {
        jv_free(terms);
        status = terms_of(drive, file, &terms);
    }
    if (!status) {
        wf_signals_defer();
        status = wf_drive_begin(drive, wf_drive_meta(drive, path, jv_copy(terms)), wf_val_get(&file->plan, "input"));
    }
    if (!status && drive->mode != WF_PROGRESS_QUIET && drive->mode != WF_PROGRESS_JSON)
        fprintf(stderr, "wfrun: run %s\n", drive->run_id);
    jv_free(terms);
    jv_free(definition);
    return status ? status : wf_drive_go(drive);
}

static int exec(struct wf_invocation *inv)
{
    struct wf_plan_file file;
    struct wf_drive drive;
    struct wf_err err = {0};
    char run_id[WF_UUID_TEXT];
    if (wf_plan_file_read(inv->opts.args[0], wf_config_list(inv->config, WF_OPT_TRUSTED_KEY), &file, &err) < 0)
        return wf_complain(&err, err.code == WF_EMISMATCH ? WF_EXIT_PLAN : WF_EXIT_INVALID);
    wf_drive_keep_settings(inv, &file.plan);
    wf_plan_file_run_id(&file, run_id);
    int status = check_unused(inv, run_id);
    if (!status)
        status = wf_drive_init(&drive, inv);
    if (!status) {
        snprintf(drive.run_id, sizeof drive.run_id, "%s", run_id);
        wf_signals_watch(false);
        status = apply(&drive, &file);
        wf_drive_done(&drive);
    }
    wf_plan_file_done(&file);
    return status;
}

const struct wf_cmd wf_cmd_apply = {
    .name = "apply",
    .args = "PLAN",
    .summary = "Do what a plan says, once, and nothing else",
    .details =
        "PLAN is a file that `wfrun plan --out` wrote. Each effect is looked at once more before it is had: one whose\n"
        "facts have changed since, or that the plan does not have, is a fault of its task. A plan that was used, is "
        "too\n"
        "old, was changed, or was made from other definitions or plugins is refused with exit status 8. A rehearsal's\n"
        "plan is applied to a rehearsal that begins in the same way. With --trusted-key a plan that is not signed, or "
        "with\n"
        "another key, is refused with 8 too.",
    .opts = WF_OPTS_DRIVE | WF_OPTS_SANDBOX | WF_OPT_BIT(WF_OPT_TRUSTED_KEY) | WF_OPT_BIT(WF_OPT_AUTO_APPROVE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
