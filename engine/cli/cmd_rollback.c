/* cmd_rollback.c: `wfrun rollback`: take back what a run did to the world. */
#include "cli/rollback.h"

static int exec(struct wf_invocation *inv)
{
    return wf_rollback(inv, inv->opts.args[0], false);
}

const struct wf_cmd wf_cmd_rollback = {
    .name = "rollback",
    .args = "RUN",
    .summary = "Take back what a run did, the last first",
    .details =
        "Shows first what will be undone, what cannot be and why, and until when it can; asks, unless --yes is given;\n"
        "then undoes, the items side by side, each from its last operation to its first. It is a run of its own:\n"
        "`wfrun resume` continues it. A run that is parked ends with it. Exit status 3: something is not as it was.",
    .opts = (WF_OPTS_DRIVE & ~WF_OPT_BIT(WF_OPT_REGISTER)) | WF_OPT_BIT(WF_OPT_ITEM) | WF_OPT_BIT(WF_OPT_YES) |
            WF_OPT_BIT(WF_OPT_RUN_ID),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
