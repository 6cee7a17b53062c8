/* cmd_import.c: `wfrun import`: a bundle becomes a run of this journal, to be looked at. */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/bundle_file.h"
#include "cli/state_file.h"
#include "loop/loop.h"

/* The journal is made when there is none. */
static int open_journal(struct wf_invocation *inv, struct wf_state *ret, struct wf_err *err)
{
    struct wf_state state = {.ops = &wf_journal_sqlite, .file = wf_state_file(inv->config)};
    int rc = wf_state_make_folder(state.file, err);
    state.loop = wf_loop_new();
    const struct wf_settings settings = {.location = state.file, .loop = state.loop};
    if (rc == 0)
        rc = state.ops->open(&settings, &state.backend, err);
    if (rc == 0) {
        *ret = state;
        return 0;
    }
    wf_loop_free(state.loop);
    free(state.file);
    return rc;
}

static int import(struct wf_invocation *inv, const struct wf_bundle *bundle, const char *signer, struct wf_err *err)
{
    struct wf_state state = {0};
    int rc = open_journal(inv, &state, err);
    if (rc < 0)
        return rc;
    rc = wf_bundle_adopt(bundle, state.ops, state.backend, err);
    if (rc == WF_EINVAL)
        snprintf(err->hint, sizeof err->hint, "look at it with `wfrun show %s`, or name another journal with --state",
            bundle->start.run_id);
    if (rc == 0)
        fprintf(stderr, "wfrun: run %s imported: %zu records, %s%s%s; see `wfrun show %s`\n", bundle->start.run_id,
            bundle->nrows, wf_run_status_name(bundle->chain.status), signer ? ", signed: " : "", signer ? signer : "",
            bundle->start.run_id);
    wf_state_close(&state);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_bundle *bundle = NULL;
    struct wf_err err = {0};
    char *signer;
    int rc = wf_bundle_of_file(inv, inv->opts.args[0], &bundle, &signer, &err);
    if (rc == 0)
        rc = import(inv, bundle, signer, &err);
    wf_bundle_free(bundle);
    free(signer);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_import = {
    .name = "import",
    .args = "FILE",
    .summary = "Take a bundle of `wfrun export` into the journal, to look at it",
    .details =
        "The run keeps its id and its chain, and show, logs, explain and report tell of it as where it ran; it is\n"
        "never driven here. A bundle that was changed is refused, and so is a run whose id is taken; with "
        "--trusted-key\n"
        "also one that is not signed (FILE.minisig).",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_TRUSTED_KEY),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
