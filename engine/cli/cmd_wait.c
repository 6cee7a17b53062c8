/* cmd_wait.c: `wfrun wait`: until a run is over or parked, then as `wfrun run` would have ended. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/finished.h"
#include "cli/state_file.h"

#define POLL_MS  100
#define ALONE_MS 3000 /* a running run that nobody drives for so long will not move by itself */

static int wait_for(struct wf_invocation *inv, struct wf_state *state, int64_t timeout)
{
    int64_t started = wf_clock_mono_ms(), held = started;
    struct wf_state_run run;
    struct wf_err err = {0};
    for (;;) {
        if (wf_state_find(state, inv->opts.args[0], &run, &err) < 0)
            return wf_complain(&err, wf_exit_of(&err));
        int64_t now = wf_clock_mono_ms();
        held = run.held ? now : held;
        if (run.status != WF_RUN_RUNNING && !run.held) {
            int status = wf_finished_report(inv, state, &run);
            wf_state_run_done(&run);
            return status;
        }
        if (now - held >= ALONE_MS || (timeout >= 0 && now - started >= timeout)) {
            if (now - held >= ALONE_MS)
                fprintf(stderr, "wfrun: no process drives the run; to go on: wfrun resume %s\n", run.id);
            else
                fprintf(stderr, "wfrun: run %s is still running\n", run.id);
            wf_state_run_done(&run);
            return WF_EXIT_WAITING;
        }
        wf_state_run_done(&run);
        poll(NULL, 0, POLL_MS);
    }
}

static int exec(struct wf_invocation *inv)
{
    const char *text = wf_opts_last(&inv->opts, WF_OPT_TIMEOUT);
    int64_t timeout = text ? wf_span_parse(text) : -1;
    struct wf_state state;
    struct wf_err err = {0};
    if (text && timeout < 0) {
        wf_err_set(&err, WF_EINVAL, "--timeout %s: not a duration", text);
        wf_err_hint(&err, "write 90s, 5m, 2h or PT5M");
        return wf_complain(&err, WF_EXIT_USAGE);
    }
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int status = wait_for(inv, &state, timeout);
    wf_state_close(&state);
    return status;
}

const struct wf_cmd wf_cmd_wait = {
    .name = "wait",
    .args = "RUN",
    .summary = "Wait until a run is over or parked; answers as `run` would",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_TIMEOUT) |
            WF_OPT_BIT(WF_OPT_PROGRESS) | WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) |
            WF_OPT_BIT(WF_OPT_ISOLATION),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
