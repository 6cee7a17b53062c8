/* cmd_control.c: `wfrun suspend` and `wfrun cancel`: a word to whoever drives a run. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cmd.h"
#include "cli/control.h"
#include "cli/sandbox.h"
#include "cli/state.h"

static const char *who(void)
{
    const char *user = getenv("USER");
    return user && *user ? user : "unknown";
}

jv wf_control_json(const char *reason)
{
    jv json = wf_val_set(jv_object(), "by", jv_string(who()));
    return reason ? wf_val_set(json, "reason", jv_string(reason)) : json;
}

int wf_control_send(struct wf_state *state, const char *run_id, enum wf_control_kind kind, const char *path, jv json,
    struct wf_err *err)
{
    char *text = wf_val_text(&json);
    const struct wf_control control = {kind, path, {text, strlen(text)}};
    int rc = state->ops->control(state->backend, run_id, &control, err);
    free(text);
    jv_free(json);
    return rc;
}

/* Nobody goes on in its world any more. */
static void forget_rehearsal(struct wf_config *config, const struct wf_state_run *run)
{
    jv sandbox = wf_val_get(&run->meta, "sandbox");
    wf_sandbox_forget(config, run->id, &sandbox);
    jv_free(sandbox);
}

static int control(struct wf_invocation *inv, enum wf_control_kind kind)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    int status = 0;
    if (wf_state_open(inv->config, false, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_state_find(&state, inv->opts.args[0], &run, &err) < 0) {
        wf_state_close(&state);
        return wf_complain(&err, wf_exit_of(&err));
    }
    if (wf_state_is_final(run.status)) {
        fprintf(stderr, "wfrun: run %s is over already: %s\n", run.id, wf_run_status_name(run.status));
        status = WF_EXIT_FAULT;
    } else if (wf_control_send(
                   &state, run.id, kind, NULL, wf_control_json(wf_opts_last(&inv->opts, WF_OPT_REASON)), &err) < 0) {
        status = wf_complain(&err, wf_exit_of(&err));
    } else if (run.held) {
        fprintf(stderr, "wfrun: run %s was told to %s\n", run.id, inv->cmd->name);
    } else {
        if (kind == WF_CONTROL_CANCEL)
            forget_rehearsal(inv->config, &run);
        fprintf(stderr, "wfrun: run %s is %s\n", run.id, kind == WF_CONTROL_CANCEL ? "cancelled" : "suspended");
    }
    wf_state_run_done(&run);
    wf_state_close(&state);
    return status;
}

static int exec_suspend(struct wf_invocation *inv)
{
    return control(inv, WF_CONTROL_SUSPEND);
}

static int exec_cancel(struct wf_invocation *inv)
{
    return control(inv, WF_CONTROL_CANCEL);
}

const struct wf_cmd wf_cmd_suspend = {
    .name = "suspend",
    .args = "RUN",
    .summary = "Stop a run so that `resume` can continue it",
    .details = "Steps under way end first; no new one begins.",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON),
    .min_args = 1,
    .max_args = 1,
    .exec = exec_suspend,
};

const struct wf_cmd wf_cmd_cancel = {
    .name = "cancel",
    .args = "RUN",
    .summary = "End a run for good",
    .details = "A step that spends money or cannot be repeated ends first; everything else is cut off.",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON),
    .min_args = 1,
    .max_args = 1,
    .exec = exec_cancel,
};
