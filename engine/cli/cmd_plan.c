/* cmd_plan.c: `wfrun plan`: what a run would do, from live reads alone. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/plan_make.h"
#include "cli/terms.h"
#include "report/plan_print.h"
#include "report/term.h"

#define DAY_MS INT64_C(86400000)

static int show(enum wf_view view, const struct wf_plan_file *file)
{
    size_t columns, rows;
    struct wf_err err = {0};
    struct wf_buf page;
    jv whole;
    int rc = 0;
    switch (view) {
    case WF_VIEW_TREE:
        wf_term_size(STDOUT_FILENO, &columns, &rows);
        wf_plan_print_tree(stdout, &file->plan, columns, wf_term_colour(stdout));
        break;
    case WF_VIEW_CSV:
        wf_plan_print_csv(stdout, &file->plan);
        break;
    case WF_VIEW_HTML:
        wf_buf_init(&page, SIZE_MAX);
        wf_plan_html(&file->plan, file->digest_text, &page);
        fwrite(page.ptr, 1, page.len, stdout);
        wf_buf_done(&page);
        break;
    case WF_VIEW_JSON:
        whole = wf_val_set(jv_copy(file->plan), "digest", jv_string(file->digest_text));
        rc = wf_output_write(stdout, WF_FORM_JSON, &whole, NULL, &err);
        jv_free(whole);
        break;
    }
    return rc < 0 ? wf_complain(&err, WF_EXIT_FAULT) : 0;
}

static bool has_work(const jv *plan)
{
    jv summary = wf_val_get(plan, "summary");
    double work = wf_val_number(&summary, "create", 0) + wf_val_number(&summary, "change", 0) +
                  wf_val_number(&summary, "remove", 0);
    jv_free(summary);
    return work > 0;
}

static int keep(const struct wf_invocation *inv, const struct wf_plan_file *file)
{
    const char *path = wf_opts_last(&inv->opts, WF_OPT_OUT);
    struct wf_err err = {0};
    if (!path)
        return 0;
    if (wf_plan_file_write(file, path, &err) < 0)
        return wf_complain(&err, WF_EXIT_FAULT);
    fprintf(stderr, "wfrun: the plan is in %s until %s. To do it: wfrun apply %s\n", path,
        wf_val_string(&file->plan, "expires", ""), path);
    return 0;
}

static int plan(struct wf_drive *drive, enum wf_view view, int64_t valid_ms)
{
    const char *path = drive->inv->opts.args[0];
    struct wf_plan_file file;
    struct wf_err err = {0};
    jv input = jv_null(), terms = jv_null();
    int status = wf_drive_load(drive, path);
    if (!status)
        status = wf_drive_input(drive->inv, &input);
    if (!status && wf_terms_of(drive->def, drive->inv->config, &terms, &err) < 0)
        status = wf_complain(&err, WF_EXIT_USAGE);
    if (!status)
        status = wf_drive_sandbox(drive);
    if (status) {
        jv_free(input);
        jv_free(terms);
        return status;
    }
    status = wf_plan_make(drive, path, terms, input, valid_ms, &file);
    if (status)
        return status;
    status = show(view, &file);
    if (!status)
        status = wf_plan_check_budget(&file.plan);
    if (!status)
        status = keep(drive->inv, &file);
    if (!status && wf_opts_has(&drive->inv->opts, WF_OPT_DETAILED_EXITCODE) && has_work(&file.plan))
        status = WF_EXIT_WAITING;
    wf_plan_file_done(&file);
    return status;
}

static int exec(struct wf_invocation *inv)
{
    const char *valid = wf_opts_last(&inv->opts, WF_OPT_VALID_FOR);
    int64_t valid_ms = valid ? wf_span_parse(valid) : DAY_MS;
    struct wf_drive drive;
    struct wf_err err = {0};
    enum wf_view view;
    if (wf_view_parse(wf_opts_last(&inv->opts, WF_OPT_VIEW), &view, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    if (valid_ms <= 0) {
        fprintf(stderr, "wfrun: --valid-for %s: write a duration such as 30m, 2h or P1D\n", valid);
        return WF_EXIT_USAGE;
    }
    int status = wf_drive_init(&drive, inv);
    if (status)
        return status;
    drive.ephemeral = true;
    wf_uuid_random(drive.run_id);
    wf_signals_watch(true);
    status = plan(&drive, view, valid_ms);
    wf_drive_done(&drive);
    return status;
}

const struct wf_cmd wf_cmd_plan = {
    .name = "plan",
    .args = "WORKFLOW.yaml",
    .summary = "Show what a run would do and cost, without doing it",
    .details =
        "Steps that only look are run; of the others, each says what it would do. Nothing is written anywhere. With\n"
        "--out the plan becomes a file, and `wfrun apply FILE` does exactly that, once, unless something has changed.\n"
        "A plan that is over its budget is shown, not kept, and the exit status is 8. What cannot be done, and why, "
        "is\n"
        "part of the plan.",
    .opts = WF_OPTS_WORLD | WF_OPTS_SANDBOX | WF_OPTS_TERMS | WF_OPT_BIT(WF_OPT_INPUT) | WF_OPT_BIT(WF_OPT_SET) |
            WF_OPT_BIT(WF_OPT_VIEW) | WF_OPT_BIT(WF_OPT_OUT) | WF_OPT_BIT(WF_OPT_DETAILED_EXITCODE) |
            WF_OPT_BIT(WF_OPT_VALID_FOR) | WF_OPT_BIT(WF_OPT_EVENTS) | WF_OPT_BIT(WF_OPT_PROGRESS),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
