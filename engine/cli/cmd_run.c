/* cmd_run.c: `wfrun run`: begin a run and drive it to its end. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/detach.h"
#include "cli/diag_print.h"
#include "cli/drive.h"
#include "cli/input.h"
#include "cli/rollback.h"
#include "run/run.h"

/* --run-id or a new UUID. */
static int choose_id(const struct wf_opts *opts, char ret_id[101])
{
    const char *given = wf_opts_last(opts, WF_OPT_RUN_ID);
    char uuid[WF_UUID_TEXT];
    if (given && !wf_run_id_is_valid(given)) {
        fprintf(stderr, "wfrun: --run-id %s: an id has 1 to 100 of letters, digits, dot, hyphen, underscore\n", given);
        return WF_EXIT_USAGE;
    }
    wf_uuid_random(uuid);
    snprintf(ret_id, 101, "%s", given ? given : uuid);
    return 0;
}

static int load(struct wf_drive *drive, const char *path)
{
    struct wf_diags diags;
    char *text = NULL;
    size_t len = 0;
    wf_diags_init(&diags);
    int status = wf_world_load(&drive->world, path, &diags, &drive->def, &text, &len);
    if (status || drive->mode != WF_PROGRESS_QUIET)
        wf_diags_print(stderr, &diags, text, len);
    wf_diags_done(&diags);
    free(text);
    return status;
}

static int read_input(const struct wf_invocation *inv, jv *ret)
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

static int start_sandbox(struct wf_drive *drive)
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

/* What `wfrun resume` must know, and what a report tells. */
static char *meta_text(const struct wf_drive *drive, const char *file)
{
    char *real = realpath(file, NULL);
    jv meta = wf_val_set(jv_object(), "file", jv_string(real ? real : file));
    meta = wf_val_set(meta, "by", jv_string(wf_user_name()));
    meta = wf_val_set(meta, "settings", wf_config_kept(drive->inv->config));
    if (drive->sandbox)
        meta = wf_val_set(meta, "sandbox", wf_sandbox_describe(drive->sandbox));
    char *text = wf_val_text(&meta);
    jv_free(meta);
    free(real);
    return text;
}

static int begin(struct wf_drive *drive, const char *file, jv input)
{
    struct wf_err err = {0};
    char *meta = meta_text(drive, file);
    int rc = wf_engine_start(
        drive->engine, drive->def, drive->run_id, input, (struct wf_slice){meta, strlen(meta)}, NULL, &err);
    free(meta);
    drive->accepted = rc == 0;
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

static int let_go(struct wf_drive *drive, int channel)
{
    struct wf_err err = {0};
    char *file = wf_state_file(drive->inv->config), *log = wf_asprintf("%s-%s.log", file, drive->run_id);
    int rc = wf_detach_started(channel, log, &err);
    free(log);
    free(file);
    return rc < 0 ? wf_complain(&err, WF_EXIT_FAULT) : 0;
}

static int run(struct wf_drive *drive, int channel)
{
    const char *file = drive->inv->opts.args[0];
    jv input = jv_null();
    int status = load(drive, file);
    if (!status)
        status = read_input(drive->inv, &input);
    if (!status)
        status = start_sandbox(drive);
    if (!status)
        status = wf_drive_open(drive, file);
    if (status) {
        jv_free(input);
        return status;
    }
    wf_signals_defer();
    status = begin(drive, file, input);
    if (!status && channel >= 0)
        status = let_go(drive, channel);
    if (status)
        return status;
    if (!drive->ephemeral && channel < 0 && drive->mode != WF_PROGRESS_QUIET && drive->mode != WF_PROGRESS_JSON)
        fprintf(stderr, "wfrun: run %s\n", drive->run_id);
    return wf_drive_go(drive);
}

static int exec(struct wf_invocation *inv)
{
    struct wf_drive drive;
    char id[sizeof drive.run_id];
    bool ephemeral = wf_config_on(inv->config, WF_OPT_EPHEMERAL), detach = wf_opts_has(&inv->opts, WF_OPT_DETACH);
    int channel = -1;
    if (choose_id(&inv->opts, id))
        return WF_EXIT_USAGE;
    if (detach && ephemeral) {
        fputs("wfrun: --detach does not go with --ephemeral: nobody could find such a run again\n", stderr);
        return WF_EXIT_USAGE;
    }
    int status = detach ? wf_detach(id, &channel) : -1;
    if (status >= 0)
        return status;
    status = wf_drive_init(&drive, inv);
    if (status)
        return status;
    snprintf(drive.run_id, sizeof drive.run_id, "%s", id);
    drive.ephemeral = ephemeral;
    wf_signals_watch(ephemeral);
    status = run(&drive, channel);
    bool roll_back = wf_rollback_is_declared(&drive);
    wf_drive_done(&drive);
    if (roll_back)
        wf_rollback(inv, id, true); /* it says what it did; the run itself was cancelled */
    return status;
}

const struct wf_cmd wf_cmd_run = {
    .name = "run",
    .args = "WORKFLOW.yaml",
    .summary = "Run a workflow; `wfrun WORKFLOW.yaml` is the same",
    .details =
        "The workflow's output goes to standard output and nothing else does. On a fault the last line of standard\n"
        "error is the error object as one line of JSON. Without --ephemeral the run is durable: `wfrun resume`\n"
        "continues it after a crash, a signal or a suspension.",
    .opts = WF_OPT_BIT(WF_OPT_INPUT) | WF_OPT_BIT(WF_OPT_SET) | WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_EVENTS) |
            WF_OPT_BIT(WF_OPT_SANDBOX) | WF_OPT_BIT(WF_OPT_SANDBOX_SEED) | WF_OPT_BIT(WF_OPT_SANDBOX_CLOCK) |
            WF_OPT_BIT(WF_OPT_EPHEMERAL) | WF_OPT_BIT(WF_OPT_DETACH) | WF_OPT_BIT(WF_OPT_STATE) |
            WF_OPT_BIT(WF_OPT_RUN_ID) | WF_OPT_BIT(WF_OPT_CONNECT_TO) | WF_OPT_BIT(WF_OPT_CACERT) |
            WF_OPT_BIT(WF_OPT_SECRETS) | WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_REGISTER) |
            WF_OPT_BIT(WF_OPT_PROGRESS),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
