/* cmd_run.c: `wfrun run`: begin a run and drive it to its end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/detach.h"
#include "cli/plan_make.h"
#include "cli/rollback.h"
#include "cli/state_file.h"
#include "cli/terms.h"
#include "report/plan_print.h"
#include "report/term.h"
#include "run/run.h"

#define PLAN_VALID_MS INT64_C(86400000)

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

/* What asks for approvals is planned first: what is approved is the plan, and then nothing else is done. */
static int plan_first(struct wf_drive *drive, const char *file, jv terms, jv input, struct wf_plan_file *ret)
{
    size_t columns, rows;
    int status = wf_plan_make(drive, file, terms, input, PLAN_VALID_MS, ret);
    if (status)
        return status;
    wf_drive_after_plan(drive);
    if (drive->summary) {
        wf_term_size(STDERR_FILENO, &columns, &rows);
        wf_plan_print_tree(stderr, &ret->plan, columns, wf_term_colour(stderr));
    }
    status = wf_plan_check_budget(&ret->plan);
    if (status)
        wf_plan_file_done(ret);
    return status;
}

/* The run's definition, input, terms and stand-ins. *ret_plan: the plan that it does, when it has to have one. */
static int prepare(
    struct wf_drive *drive, const char *file, jv *ret_terms, jv *ret_input, struct wf_plan_file *ret_plan)
{
    struct wf_err err = {0};
    jv approval;
    int status = wf_drive_load(drive, file);
    if (!status)
        status = wf_drive_input(drive->inv, ret_input);
    if (!status && wf_terms_of(drive->def, drive->inv->config, ret_terms, &err) < 0)
        status = wf_complain(&err, WF_EXIT_USAGE);
    if (!status)
        status = wf_drive_sandbox(drive);
    if (status)
        return status;
    approval = wf_val_get(ret_terms, "approval");
    if (jv_is_valid(approval))
        status = plan_first(drive, file, jv_copy(*ret_terms), jv_copy(*ret_input), ret_plan);
    jv_free(approval);
    if (!status && ret_plan->canonical)
        *ret_terms = wf_val_set(*ret_terms, "plan", jv_string(ret_plan->digest_text));
    return status;
}

static int run(struct wf_drive *drive, int channel)
{
    const char *file = drive->inv->opts.args[0];
    struct wf_plan_file plan = {.plan = jv_invalid()};
    jv input = jv_null(), terms = jv_null();
    int status = prepare(drive, file, &terms, &input, &plan);
    if (!status)
        status = wf_drive_open(drive, file);
    if (!status && plan.canonical)
        status = wf_plan_keep(drive, &plan);
    wf_plan_file_done(&plan);
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
    .opts = WF_OPTS_DRIVE | WF_OPTS_SANDBOX | WF_OPTS_TERMS | WF_OPT_BIT(WF_OPT_INPUT) | WF_OPT_BIT(WF_OPT_SET) |
            WF_OPT_BIT(WF_OPT_EPHEMERAL) | WF_OPT_BIT(WF_OPT_DETACH) | WF_OPT_BIT(WF_OPT_RUN_ID) |
            WF_OPT_BIT(WF_OPT_AUTO_APPROVE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
