/* cmd_report.c: `wfrun report`: what a run did, as a page, a table or one value, from its journal alone. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "base/whole_file.h"
#include "cli/cmd.h"
#include "cli/state_file.h"
#include "report/report_model.h"

enum form { HTML, CSV, JSON };

static int parse_form(const char *text, enum form *ret, struct wf_err *err)
{
    static const char *const forms[] = {"html", "csv", "json", NULL};
    for (size_t i = 0; forms[i]; i++) {
        if (strcmp(text ? text : "html", forms[i]) == 0) {
            *ret = (enum form)i;
            return 0;
        }
    }
    int rc = wf_err_set(err, WF_EINVAL, "--output %s: a report is html (default), csv or json", text);
    const char *close = wf_suggest(text, forms);
    if (close)
        wf_err_hint(err, "did you mean %s?", close);
    return rc;
}

static int write_form(const struct wf_report *report, enum form form, struct wf_buf *buf, struct wf_err *err)
{
    if (form == HTML) {
        wf_report_html(report, buf);
    } else if (form == CSV) {
        wf_report_csv(report, buf);
    } else {
        jv all = wf_report_json(report);
        wf_val_write(&all, buf);
        wf_buf_char(buf, '\n');
        jv_free(all);
    }
    return buf->failed ? wf_err_set(err, WF_ELIMIT, "the report " WF_VAL_TOO_DEEP) : 0;
}

static int report_run(
    struct wf_state *state, const struct wf_state_run *run, enum form form, const char *to, struct wf_err *err)
{
    struct wf_report *report;
    struct wf_buf buf;
    int rc = wf_report_new(state, run, &report, err);
    if (rc < 0)
        return rc;
    wf_buf_init(&buf, SIZE_MAX);
    rc = write_form(report, form, &buf, err);
    if (rc == 0)
        rc = wf_whole_file_write(to, WF_WHOLE_FOR_OTHERS, buf.ptr, buf.len, err);
    wf_buf_done(&buf);
    wf_report_free(report);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    enum form form = HTML;
    if (parse_form(wf_opts_last(&inv->opts, WF_OPT_OUTPUT), &form, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int rc = wf_state_find(&state, inv->opts.args[0], &run, &err);
    if (rc == 0) {
        rc = report_run(&state, &run, form, wf_opts_last(&inv->opts, WF_OPT_TO), &err);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_report = {
    .name = "report",
    .args = "RUN",
    .summary = "What a run did and what needs a person: a page, a table for spreadsheets, or one value",
    .details =
        "--output is html (default: one page, complete in itself), csv (the table alone) or json (all that is known).\n"
        "It goes to standard output, or with --to into a file. The run may still be going on. Nothing but its\n"
        "journal is read.",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_TO) | WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
