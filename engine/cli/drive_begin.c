/* drive_begin.c: what run, plan and apply have in common before a run begins: its definition, input, stand-ins, meta. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/diag_print.h"
#include "cli/drive.h"
#include "cli/input.h"
#include "cli/state_file.h"
#include "run/run.h"

int wf_drive_lock(struct wf_drive *drive, const char *path)
{
    struct wf_err err = {0};
    return wf_world_lock(&drive->world, path, &err) < 0 ? wf_complain(&err, WF_EXIT_INVALID) : 0;
}

int wf_drive_load(struct wf_drive *drive, const char *path)
{
    struct wf_diags diags;
    char *text = NULL;
    size_t len = 0;
    int status = wf_drive_lock(drive, path);
    if (status)
        return status;
    wf_diags_init(&diags);
    status = wf_world_load(&drive->world, path, &diags, &drive->def, &text, &len);
    if (status || drive->mode != WF_PROGRESS_QUIET)
        wf_diags_print(stderr, &diags, text, len);
    wf_diags_done(&diags);
    free(text);
    return status;
}

int wf_drive_input(const struct wf_invocation *inv, jv *ret)
{
    const char *path = wf_opts_last(&inv->opts, WF_OPT_INPUT);
    struct wf_err err = {0};
    jv input = jv_null();
    if (path) {
        struct wf_diags diags;
        wf_diags_init(&diags);
        int rc = wf_input_read(path, &diags, &input);
        wf_diags_print(stderr, &diags, NULL, 0);
        wf_diags_done(&diags);
        if (rc < 0)
            return WF_EXIT_INVALID;
    }
    for (size_t i = 0; i < inv->opts.values[WF_OPT_SET].count; i++) {
        if (wf_input_set(&input, inv->opts.values[WF_OPT_SET].items[i], &err) < 0) {
            jv_free(input);
            return wf_complain(&err, WF_EXIT_USAGE);
        }
    }
    *ret = input;
    return 0;
}

/* Who says how the rehearsal shall be wants one: the real thing would be a costly surprise. */
static int refuse_half_a_rehearsal(const struct wf_opts *opts, struct wf_err *err)
{
    static const enum wf_opt_id ids[] = {WF_OPT_SANDBOX_SEED, WF_OPT_SANDBOX_CLOCK};
    for (size_t i = 0; i < 2; i++) {
        if (!wf_opts_has(opts, ids[i]))
            continue;
        wf_err_set(err, WF_EINVAL, "--%s without --sandbox: this would be a real run", wf_opt(ids[i])->name);
        wf_err_hint(err, "add --sandbox to rehearse, or leave --%s out", wf_opt(ids[i])->name);
        return WF_EINVAL;
    }
    return 0;
}

int wf_drive_sandbox(struct wf_drive *drive)
{
    struct wf_config *config = drive->inv->config;
    struct wf_sandbox_plan plan;
    struct wf_err err = {0};
    int rc = wf_sandbox_plan(config, &plan, &err);
    if (rc == 0)
        rc = refuse_half_a_rehearsal(&drive->inv->opts, &err);
    if (rc <= 0)
        return rc < 0 ? wf_complain(&err, WF_EXIT_USAGE) : 0;
    char *state = NULL;
    if (!drive->ephemeral) {
        char *file = wf_state_file(config);
        rc = wf_state_make_folder(file, &err);
        state = wf_sandbox_state(config, drive->run_id);
        free(file);
    }
    plan.state = state;
    wf_signals_defer();
    if (rc >= 0)
        rc = wf_sandbox_start(&drive->world, config, &plan, NULL, &drive->sandbox, &err);
    free(state);
    if (wf_signals_came())
        return wf_signals_leave();
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

jv wf_drive_meta(const struct wf_drive *drive, const char *file, jv terms)
{
    char *real = realpath(file, NULL);
    jv meta = wf_val_set(jv_object(), "file", jv_string(real ? real : file));
    meta = wf_val_set(meta, "by", jv_string(wf_user_name()));
    meta = wf_val_set(meta, "settings", wf_config_kept(drive->inv->config));
    if (drive->sandbox)
        meta = wf_val_set(meta, "sandbox", wf_sandbox_describe(drive->sandbox));
    free(real);
    return wf_val_set(meta, "terms", terms);
}

int wf_drive_begin(struct wf_drive *drive, jv meta, jv input)
{
    struct wf_err err = {0};
    char *text = wf_val_text(&meta);
    int rc = wf_engine_start(
        drive->engine, drive->def, drive->run_id, input, (struct wf_slice){text, strlen(text)}, NULL, &err);
    free(text);
    jv_free(meta);
    drive->accepted = rc == 0;
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}
