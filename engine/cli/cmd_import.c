/* cmd_import.c: `wfrun import`: a bundle becomes a run of this journal, to be looked at. */
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/cmd.h"
#include "cli/state.h"
#include "cli/whole_file.h"
#include "journal/bundle.h"
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

static int import(struct wf_invocation *inv, const struct wf_bundle *bundle, struct wf_err *err)
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
        fprintf(stderr, "wfrun: run %s imported: %zu records, %s; see `wfrun show %s`\n", bundle->start.run_id,
            bundle->nrows, wf_run_status_name(bundle->chain.status), bundle->start.run_id);
    wf_state_close(&state);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    const char *path = inv->opts.args[0];
    struct wf_bundle *bundle = NULL;
    struct wf_err err = {0};
    char *text = NULL;
    size_t len;
    int rc = wf_whole_file_read(path, &text, &len, &err);
    if (rc == 0)
        rc = wf_bundle_read(text, len, &bundle, &err);
    if (rc == 0)
        rc = import(inv, bundle, &err);
    wf_bundle_free(bundle);
    free(text);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_import = {
    .name = "import",
    .args = "FILE",
    .summary = "Take a bundle of `wfrun export` into the journal, to look at it",
    .details =
        "The run keeps its id and its chain, and show, logs, explain and report tell of it as where it ran; it is\n"
        "never driven here. A bundle that was changed is refused, and so is a run whose id is taken.",
    .opts = WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
