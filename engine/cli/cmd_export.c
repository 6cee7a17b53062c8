/* cmd_export.c: `wfrun export`: a run in one file, for an auditor or another machine. */
#include <stdlib.h>

#include "base/whole_file.h"
#include "cli/bundle_file.h"
#include "cli/state_file.h"

static int check_idle(const struct wf_bundle *bundle)
{
    if (!bundle->held)
        return WF_EXIT_OK;
    fprintf(stderr,
        "wfrun: run %s is being driven by another process\n"
        "  hint: `wfrun wait %s`, or `wfrun suspend %s`, then export it\n",
        bundle->start.run_id, bundle->start.run_id, bundle->start.run_id);
    return WF_EXIT_HELD;
}

static int put(struct wf_invocation *inv, struct wf_bundle *bundle, struct wf_err *err)
{
    const char *path = wf_opts_last(&inv->opts, WF_OPT_TO);
    struct wf_buf text;
    wf_bundle_redact(bundle, wf_config_list(inv->config, WF_OPT_REDACT));
    wf_buf_init(&text, SIZE_MAX / 4);
    int rc = wf_bundle_write(bundle, &text, err);
    if (rc == 0)
        rc = wf_whole_file_write(path, WF_WHOLE_FOR_OWNER, text.ptr, text.len, err);
    if (rc == 0 && path)
        fprintf(stderr, "wfrun: %s written: run %s, %zu records, %zu texts redacted\n", path, bundle->start.run_id,
            bundle->nrows, wf_bundle_redacted(bundle));
    wf_buf_done(&text);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_bundle *bundle;
    struct wf_state state;
    struct wf_err err = {0};
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int status = WF_EXIT_OK, rc = wf_bundle_of_run(&state, inv->opts.args[0], &bundle, &err);
    wf_state_close(&state);
    if (rc < 0)
        return wf_complain(&err, wf_exit_of(&err));
    status = check_idle(bundle);
    if (!status && put(inv, bundle, &err) < 0)
        status = wf_complain(&err, wf_exit_of(&err));
    wf_bundle_free(bundle);
    return status;
}

const struct wf_cmd wf_cmd_export = {
    .name = "export",
    .args = "RUN",
    .summary = "Write everything the journal has of a run into one file",
    .details =
        "The bundle has the definitions, the input, the plan, and every record in its chain: what was decided, asked,\n"
        "approved and answered. `wfrun verify-journal FILE` checks it, and `wfrun import FILE` makes it a run to\n"
        "be looked at elsewhere. Secrets are not in a\n"
        "journal; --redact takes out more. With --to FILE only its owner can read it.",
    .opts = WF_OPT_BIT(WF_OPT_TO) | WF_OPT_BIT(WF_OPT_REDACT) | WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
