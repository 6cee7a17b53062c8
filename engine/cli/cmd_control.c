/* cmd_control.c: `wfrun suspend`, `wfrun cancel` and `wfrun kill`: a word to whoever drives a run. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/cmd.h"
#include "cli/control.h"
#include "cli/rollback.h"
#include "cli/sandbox.h"
#include "cli/state_file.h"
#include "run/run.h"

/* Nobody goes on in its world any more. */
static void forget_rehearsal(struct wf_config *config, const struct wf_state_run *run)
{
    jv sandbox = wf_val_get(&run->meta, "sandbox");
    wf_sandbox_forget(config, run->id, &sandbox);
    jv_free(sandbox);
}

enum word { SUSPEND, CANCEL, KILL };

static jv word_json(const struct wf_invocation *inv, enum word word)
{
    jv json = wf_control_json(wf_opts_last(&inv->opts, WF_OPT_REASON));
    return word == KILL ? wf_val_set(json, "kill", jv_true()) : json;
}

/* Nobody drove the run: it is suspended or over now. True: it is to be rolled back. */
static bool settle(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run, enum word word)
{
    const char *key = word == SUSPEND ? WF_NOTE_SUSPENDED : WF_NOTE_CANCELLED;
    struct wf_err err = {0};
    jv json = word_json(inv, word);
    char *text = wf_val_text(&json);
    if (state->ops->annotate(state->backend, run->id, key, (struct wf_slice){text, strlen(text)}, &err) < 0)
        wf_complain(&err, 0);
    free(text);
    jv_free(json);
    if (word == SUSPEND)
        return false;
    bool follows = wf_rollback_follows(state, run->id, wf_rollback_is_pinned(state, run));
    if (!follows)
        forget_rehearsal(inv->config, run);
    return follows;
}

/* What nobody knows to have happened cannot be taken back, and after the end nobody could say it any more. */
static int refuse_doubt(struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_doubts doubts;
    struct wf_err err = {0};
    if (wf_state_doubts(state->ops, state->backend, run->id, &doubts, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    wf_doubts_print(stderr, &doubts, run->id, false);
    fprintf(stderr,
        "wfrun: not cancelled, because something of it is in doubt; `wfrun kill %s` leaves it so for good\n", run->id);
    wf_doubts_done(&doubts);
    return WF_EXIT_IN_DOUBT;
}

static int say(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run, enum word word,
    bool *ret_roll_back)
{
    static const char *const done[] = {"suspended", "cancelled", "killed"};
    struct wf_err err = {0};
    enum wf_control_kind kind = word == SUSPEND ? WF_CONTROL_SUSPEND : WF_CONTROL_CANCEL;
    if (wf_state_is_final(run->status)) {
        fprintf(stderr, "wfrun: run %s is over already: %s\n", run->id, wf_run_status_name(run->status));
        return WF_EXIT_FAULT;
    }
    if (word == CANCEL && run->status == WF_RUN_IN_DOUBT && !run->held)
        return refuse_doubt(state, run);
    if (wf_control_send(state, run->id, kind, NULL, word_json(inv, word), &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (!run->held) {
        fprintf(stderr, "wfrun: run %s is %s\n", run->id, done[word]);
        *ret_roll_back = settle(inv, state, run, word);
        return WF_EXIT_OK;
    }
    fprintf(stderr, "wfrun: run %s was told to %s\n", run->id,
        word == KILL ? "end, and nothing of it is taken back" : inv->cmd->name);
    if (word == KILL)
        wf_rollback_tell_left(state, run->id);
    return WF_EXIT_OK;
}

static int control(struct wf_invocation *inv, enum word word)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    bool roll_back = false;
    if (wf_state_open(inv->config, false, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_state_find(&state, inv->opts.args[0], &run, &err) < 0) {
        wf_state_close(&state);
        return wf_complain(&err, wf_exit_of(&err));
    }
    int status = say(inv, &state, &run, word, &roll_back);
    wf_state_close(&state);
    if (roll_back)
        status = wf_rollback(inv, run.id, true);
    wf_state_run_done(&run);
    return status;
}

static int exec_suspend(struct wf_invocation *inv)
{
    return control(inv, SUSPEND);
}

static int exec_cancel(struct wf_invocation *inv)
{
    return control(inv, CANCEL);
}

static int exec_kill(struct wf_invocation *inv)
{
    return control(inv, KILL);
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
    .summary = "End a run for good, and roll it back where its workflow says so",
    .details = "A step that spends money or cannot be repeated ends first; everything else is cut off. With `onCancel: "
               "rollback`\n"
               "in the workflow's metadata, the process that drove the run then takes back what it did.",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON),
    .min_args = 1,
    .max_args = 1,
    .exec = exec_cancel,
};

const struct wf_cmd wf_cmd_kill = {
    .name = "kill",
    .args = "RUN",
    .summary = "End a run for good; what it did stays done",
    .details = "As cancel, but nothing is taken back, whatever the workflow says; what stays is named.",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON),
    .min_args = 1,
    .max_args = 1,
    .exec = exec_kill,
};
