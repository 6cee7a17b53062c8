/* cmd_logs.c: `wfrun logs`: everything the journal has of a run, in the order in which it happened. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/state_file.h"
#include "report/history.h"

#define BRIEF_MAX 120 /* bytes of a value on a line */

static void print_line(const jv *item)
{
    const char *state = wf_val_string(item, "state", ""), *step = wf_val_string(item, "step", "");
    const char *when = wf_val_string(item, "ended", wf_val_string(item, "intended", "")),
               *effect = wf_val_string(item, "effect", "");
    jv value = wf_val_get(item, strcmp(state, "fault") == 0   ? "error"
                                : strcmp(state, "begun") == 0 ? "input"
                                                              : "output");
    char *text = jv_is_valid(value) ? wf_val_text(&value) : NULL;
    size_t len = text ? strlen(text) : 0;
    printf("%-24s  %-5s  %-5s  %s", when, wf_val_string(item, "kind", ""), state, wf_val_string(item, "path", ""));
    if (*step)
        printf("  %s (%s)", step, effect);
    if (len > BRIEF_MAX)
        for (len = BRIEF_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
            ;
    if (text)
        printf("  %.*s%s", (int)len, text, text[len] ? "..." : "");
    putchar('\n');
    free(text);
    jv_free(value);
}

static int print(struct wf_state *state, const char *run_id, bool json, struct wf_err *err)
{
    jv list;
    int rc = wf_history_read(state, run_id, &list, err);
    if (rc < 0)
        return rc;
    jv_array_foreach(list, i, item) {
        if (json) {
            char *text = wf_val_text(&item);
            if (!text) /* one level around a value that is as deep as it may be */
                wf_err_set(err, WF_ELIMIT, "a record " WF_VAL_TOO_DEEP);
            else
                puts(text);
            free(text);
        } else {
            print_line(&item);
        }
        jv_free(item);
    }
    jv_free(list);
    if (err->code)
        return err->code;
    return fflush(stdout) == 0 ? 0 : wf_err_set(err, WF_EIO, "the output cannot be written: %m");
}

static int exec(struct wf_invocation *inv)
{
    const char *form = wf_opts_last(&inv->opts, WF_OPT_OUTPUT);
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    bool json = form && strcmp(form, "json") == 0;
    if (form && !json && strcmp(form, "table") != 0) {
        wf_err_set(
            &err, WF_EINVAL, "--output %s: logs are written as table (default) or as json, one object a line", form);
        return wf_complain(&err, WF_EXIT_USAGE);
    }
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int rc = wf_state_find(&state, inv->opts.args[0], &run, &err);
    if (rc == 0) {
        rc = print(&state, run.id, json, &err);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_logs = {
    .name = "logs",
    .args = "RUN",
    .summary = "Every record of a run, in the order of its last change",
    .details =
        "A line has the time, the kind (step, timer, fact ...), the state (begun, done, fault), the operation's path\n"
        "and the beginning of its value; with -o json one whole object.",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
