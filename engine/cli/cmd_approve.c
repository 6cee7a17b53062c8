/* cmd_approve.c: `wfrun approve` and `wfrun reject`: a word on what a run waits for. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/approve.h"
#include "cli/control.h"
#include "cli/state_file.h"

/* The wait that is meant: the one given, or the only one that needs an approval. NULL after words. */
static const struct wf_wait_item *choose(
    const struct wf_waits *waits, const char *given, const struct wf_state_run *run)
{
    const struct wf_wait_item *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < waits->count; i++) {
        const struct wf_wait_item *item = &waits->items[i];
        if (!wf_wait_is_approval(item) || (given && strcmp(item->path, given) != 0))
            continue;
        found = item;
        count++;
    }
    if (count == 1)
        return found;
    if (!count && given)
        fprintf(stderr, "wfrun: %s of run %s waits for no approval\n", given, run->id);
    else if (!count)
        fprintf(stderr, "wfrun: nothing of run %s waits for an approval; it is %s\n", run->id,
            wf_run_status_name(run->status));
    else
        fprintf(stderr, "wfrun: %zu approvals are waited for; say which, or --all:\n", count);
    for (size_t i = 0; count > 1 && i < waits->count; i++)
        if (wf_wait_is_approval(&waits->items[i]))
            fprintf(stderr, "  '%s'  %s\n", waits->items[i].path, waits->items[i].what);
    return NULL;
}

/* Nobody drives the run, so nobody counts the word yet: what waits shows it until then. */
static int show_word(struct wf_state *state, const struct wf_state_run *run, const struct wf_wait_item *item, bool go,
    struct wf_err *err)
{
    jv note = jv_copy(item->note);
    if (go) {
        jv given = wf_val_get(&note, "given");
        note = wf_val_set(note, "given", jv_array_append(given, jv_string(wf_user_name())));
    } else {
        char *words = wf_asprintf("rejected by %s", wf_user_name());
        note = wf_val_set(note, "denied", jv_string(words));
        free(words);
    }
    char *text = wf_val_text(&note), *key = wf_asprintf("waiting %s", item->path);
    int rc = state->ops->annotate(state->backend, run->id, key, (struct wf_slice){text, strlen(text)}, err);
    free(key);
    free(text);
    jv_free(note);
    return rc;
}

static int give(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run,
    const struct wf_wait_item *item, bool go)
{
    struct wf_err err = {0};
    const char *why = wf_approve_in_vain(item, go);
    if (why) {
        fprintf(stderr, "wfrun: %s cannot %s %s: %s\n", wf_user_name(), inv->cmd->name, run->id, why);
        return WF_EXIT_PLAN;
    }
    int rc = wf_approve_speak(
        state, run->id, item, go, wf_opts_last(&inv->opts, WF_OPT_AS), wf_opts_last(&inv->opts, WF_OPT_REASON), &err);
    if (rc == 0 && !run->held)
        rc = show_word(state, run, item, go, &err);
    if (rc < 0)
        return wf_complain(&err, wf_exit_of(&err));
    fprintf(stderr, "wfrun: %s by %s: %s\n", go ? "approved" : "rejected", wf_user_name(), item->what);
    return WF_EXIT_OK;
}

/* What was given changed what comes next. */
static void print_next(struct wf_state *state, const struct wf_state_run *run)
{
    struct wf_waits waits;
    struct wf_err err = {0};
    if (run->held || wf_waits_read(state->ops, state->backend, run->id, &waits, &err) < 0)
        return;
    char *command = wf_waits_command(&waits, run->id);
    if (strncmp(command, "approve", 7) == 0)
        wf_waits_print(stderr, &waits);
    else
        fprintf(stderr, "wfrun: to go on: wfrun %s\n", command);
    free(command);
    wf_waits_done(&waits);
}

/* One that cannot be given stops none of the others: typed again after a crash, it gives what is missing. */
static int give_all(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run,
    const struct wf_waits *waits, bool go)
{
    int status = WF_EXIT_OK;
    for (size_t i = 0; i < waits->count && (!status || status == WF_EXIT_PLAN); i++) {
        int one = wf_wait_is_approval(&waits->items[i]) ? give(inv, state, run, &waits->items[i], go) : WF_EXIT_OK;
        status = one ? one : status;
    }
    return status;
}

static int speak(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run, bool go)
{
    struct wf_waits waits;
    struct wf_err err = {0};
    int status = WF_EXIT_OK;
    if (wf_state_is_final(run->status)) { /* what it waited for when it was ended counts no more */
        fprintf(stderr, "wfrun: nothing of run %s waits for an approval; it is %s\n", run->id,
            wf_run_status_name(run->status));
        return WF_EXIT_USAGE;
    }
    if (wf_waits_read(state->ops, state->backend, run->id, &waits, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_opts_has(&inv->opts, WF_OPT_ALL)) {
        status = give_all(inv, state, run, &waits, go);
    } else {
        const struct wf_wait_item *item = choose(&waits, inv->opts.nargs > 1 ? inv->opts.args[1] : NULL, run);
        status = item ? give(inv, state, run, item, go) : WF_EXIT_USAGE;
    }
    wf_waits_done(&waits);
    if (!status)
        print_next(state, run);
    return status;
}

static int exec(struct wf_invocation *inv, bool go)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    int status;
    if (wf_state_open(inv->config, false, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (wf_state_find(&state, inv->opts.args[0], &run, &err) < 0) {
        status = wf_complain(&err, wf_exit_of(&err));
    } else {
        status = speak(inv, &state, &run, go);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return status;
}

static int exec_approve(struct wf_invocation *inv)
{
    return exec(inv, true);
}

static int exec_reject(struct wf_invocation *inv)
{
    if (!wf_opts_last(&inv->opts, WF_OPT_REASON) || !*wf_opts_last(&inv->opts, WF_OPT_REASON)) {
        fputs("wfrun: reject: --reason TEXT is needed; it is kept with the run\n", stderr);
        return WF_EXIT_USAGE;
    }
    return exec(inv, false);
}

#define OPTS (WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON) | WF_OPT_BIT(WF_OPT_AS) | WF_OPT_BIT(WF_OPT_ALL))

const struct wf_cmd wf_cmd_approve = {
    .name = "approve",
    .args = "RUN [PATH]",
    .summary = "Say yes to what a run waits for",
    .details =
        "PATH may be left out when one approval is waited for; `wfrun show RUN` lists them. The word of the user of "
        "the\n"
        "operating system is kept in the journal, bound to the digest of what was asked for. A word that does not "
        "count\n"
        "(who began the run where four eyes are asked for, the same person twice, too late) is refused with status 8.",
    .opts = OPTS,
    .min_args = 1,
    .max_args = 2,
    .exec = exec_approve,
};

const struct wf_cmd wf_cmd_reject = {
    .name = "reject",
    .args = "RUN [PATH]",
    .summary = "Say no to what a run waits for",
    .details =
        "As `approve`. Of the whole run it is the end; of an item, that item's effects fault and the others go on.",
    .opts = OPTS,
    .min_args = 1,
    .max_args = 2,
    .exec = exec_reject,
};
