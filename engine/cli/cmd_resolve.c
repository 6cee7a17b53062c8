/* cmd_resolve.c: `wfrun resolve`: a person says what became of an operation in doubt. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/control.h"
#include "cli/input.h"
#include "cli/state_file.h"
#include "def/yaml.h"

/* What --done, --not-done or --skip says; exactly one. NULL after a word to standard error. */
static const char *verdict(const struct wf_opts *opts)
{
    bool done = wf_opts_has(opts, WF_OPT_DONE), not_done = wf_opts_has(opts, WF_OPT_NOT_DONE),
         skip = wf_opts_has(opts, WF_OPT_SKIP);
    if (done + not_done + skip != 1)
        fputs("wfrun: resolve: say exactly one of --done, --not-done and --skip\n", stderr);
    else if (!wf_opts_last(opts, WF_OPT_REASON) || !*wf_opts_last(opts, WF_OPT_REASON))
        fputs("wfrun: resolve: --reason TEXT is needed; it is kept with the run\n", stderr);
    else if (!done && wf_opts_has(opts, WF_OPT_RESULT))
        fputs("wfrun: resolve: --output goes with --done only\n", stderr);
    else
        return done ? "done" : not_done ? "not-done" : "skip";
    return NULL;
}

static int read_output(const char *text, jv *ret, struct wf_err *err)
{
    char *read = NULL;
    size_t len = strlen(text);
    if (text[0] == '@') {
        if (wf_yaml_read_file(text + 1, &read, &len, err) < 0)
            return WF_EINVAL;
        text = read;
    }
    int rc = wf_val_parse(text, len, ret, err);
    free(read);
    return rc;
}

/* The operation that is meant: the one given, or the only one. */
static const char *choose(const struct wf_doubts *doubts, const char *given, const struct wf_state_run *run)
{
    for (size_t i = 0; i < doubts->count; i++)
        if (given ? strcmp(doubts->items[i].path, given) == 0 : doubts->count == 1)
            return doubts->items[i].path;
    if (!doubts->count)
        fprintf(stderr, "wfrun: nothing of run %s is in doubt; it is %s\n", run->id, wf_run_status_name(run->status));
    else if (given)
        fprintf(stderr, "wfrun: %s is not in doubt; these are:\n", given);
    else
        fprintf(stderr, "wfrun: %zu operations are in doubt; say which:\n", doubts->count);
    for (size_t i = 0; i < doubts->count; i++)
        fprintf(stderr, "  %s\n", doubts->items[i].path);
    return NULL;
}

static int resolve(struct wf_invocation *inv, struct wf_state *state, const struct wf_state_run *run, jv json)
{
    struct wf_doubts doubts;
    struct wf_err err = {0};
    int status = WF_EXIT_USAGE;
    if (wf_state_doubts(state->ops, state->backend, run->id, &doubts, &err) < 0) {
        jv_free(json);
        return wf_complain(&err, wf_exit_of(&err));
    }
    if (wf_state_is_final(run->status) && doubts.count) {
        fprintf(stderr, "wfrun: run %s is over (%s): a verdict changes nothing any more\n", run->id,
            wf_run_status_name(run->status));
        jv_free(json);
        wf_doubts_done(&doubts);
        return WF_EXIT_USAGE;
    }
    const char *path = choose(&doubts, inv->opts.nargs > 1 ? inv->opts.args[1] : NULL, run);
    if (!path) {
        jv_free(json);
    } else if (wf_control_send(state, run->id, WF_CONTROL_RESOLVE, path, json, &err) < 0) {
        status = wf_complain(&err, wf_exit_of(&err));
    } else {
        status = WF_EXIT_OK;
        fprintf(stderr, "wfrun: noted. To go on: wfrun resume %s\n", run->id);
    }
    wf_doubts_done(&doubts);
    return status;
}

static int exec(struct wf_invocation *inv)
{
    const char *as = verdict(&inv->opts), *text = wf_opts_last(&inv->opts, WF_OPT_RESULT);
    struct wf_err err = {0};
    struct wf_state state;
    struct wf_state_run run;
    jv output = jv_null();
    if (!as)
        return WF_EXIT_USAGE;
    if (text && read_output(text, &output, &err) < 0) {
        fprintf(stderr, "wfrun: resolve --output: %s\n", err.msg);
        return WF_EXIT_INVALID;
    }
    jv json = wf_val_set(wf_control_json(wf_opts_last(&inv->opts, WF_OPT_REASON)), "as", jv_string(as));
    json = wf_val_set(json, "output", output);
    if (wf_state_open(inv->config, false, &state, &err) < 0) {
        jv_free(json);
        return wf_complain(&err, wf_exit_of(&err));
    }
    int status;
    if (wf_state_find(&state, inv->opts.args[0], &run, &err) < 0) {
        jv_free(json);
        status = wf_complain(&err, wf_exit_of(&err));
    } else {
        status = resolve(inv, &state, &run, json);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return status;
}

const struct wf_cmd wf_cmd_resolve = {
    .name = "resolve",
    .args = "RUN [PATH]",
    .summary = "Say what became of an operation in doubt",
    .details =
        "PATH may be left out when only one operation is in doubt; `wfrun show RUN` lists them. The reason is kept.",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_REASON) | WF_OPT_BIT(WF_OPT_DONE) |
            WF_OPT_BIT(WF_OPT_NOT_DONE) | WF_OPT_BIT(WF_OPT_SKIP) | WF_OPT_BIT(WF_OPT_RESULT),
    .min_args = 1,
    .max_args = 2,
    .exec = exec,
};
