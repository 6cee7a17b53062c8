/* cmd_run.c: `wfrun run`: begin a run and drive it to its end. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/detach.h"
#include "cli/drive.h"
#include "cli/rollback.h"
#include "cli/terms.h"
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

static int let_go(struct wf_drive *drive, int channel)
{
    struct wf_err err = {0};
    char *file = wf_state_file(drive->inv->config), *log = wf_asprintf("%s-%s.log", file, drive->run_id);
    int rc = wf_detach_started(channel, log, &err);
    free(log);
    free(file);
    return rc < 0 ? wf_complain(&err, WF_EXIT_FAULT) : 0;
}

static int find_terms(struct wf_drive *drive, jv *ret)
{
    struct wf_err err = {0};
    return wf_terms_of(drive->def, drive->inv->config, ret, &err) < 0 ? wf_complain(&err, WF_EXIT_USAGE) : 0;
}

static int run(struct wf_drive *drive, int channel)
{
    const char *file = drive->inv->opts.args[0];
    jv input = jv_null();
    jv terms = jv_null();
    int status = wf_drive_load(drive, file);
    if (!status)
        status = wf_drive_input(drive->inv, &input);
    if (!status)
        status = find_terms(drive, &terms);
    if (!status)
        status = wf_drive_sandbox(drive);
    if (!status)
        status = wf_drive_open(drive, file);
    if (status) {
        jv_free(terms);
        jv_free(input);
        return status;
    }
    wf_signals_defer();
    status = wf_drive_begin(drive, wf_drive_meta(drive, file, terms), input);
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
            WF_OPT_BIT(WF_OPT_PROGRESS) | WF_OPT_BIT(WF_OPT_MAX_COST) | WF_OPT_BIT(WF_OPT_MAX_ITEM_COST),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
