/* cmd_explain.c: `wfrun explain`: a run in sentences, for somebody who was woken up by it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cmd.h"
#include "cli/diag_print.h"
#include "cli/output.h"
#include "cli/state_file.h"
#include "loop/loop.h"
#include "report/attention.h"
#include "report/explain.h"
#include "report/plan_print.h"
#include "report/term.h"

#define PLACES_SHOWN    12
#define REASONS_SHOWN   12
#define ATTENTION_ITEMS 10

/* ---- for people ---- */

/* Data must not drive the terminal. */
static void print(const char *before, const char *text, const char *after)
{
    struct wf_buf fit;
    wf_buf_init(&fit, WF_VAL_MAX_BYTES);
    wf_text_fit(&fit, text, wf_text_width(text), false);
    printf("%s%s%s", before, fit.ptr ? fit.ptr : "", after);
    wf_buf_done(&fit);
}

static void heading(const char *text)
{
    bool bold = wf_term_colour(stdout);
    printf("\n%s%s%s\n", bold ? "\033[1m" : "", text, bold ? "\033[0m" : "");
}

static void print_line(const jv *all, const char *key)
{
    const char *text = wf_val_string(all, key, NULL);
    if (text)
        print("", text, "\n");
}

static void more(size_t count, size_t shown, const char *what)
{
    if (count > shown)
        printf("  ... and %zu more%s\n", count - shown, what);
}

static void print_reasons(const jv *all)
{
    jv list = wf_val_get(all, "why");
    size_t count = (size_t)jv_array_length(jv_copy(list));
    if (count)
        heading("What it waits for");
    for (size_t i = 0; i < count && i < REASONS_SHOWN; i++) {
        jv text = jv_array_get(jv_copy(list), (int)i);
        print("  - ", jv_string_value(text), "\n");
        jv_free(text);
    }
    more(count, REASONS_SHOWN, "; -o json has all");
    jv_free(list);
}

static void print_place(const jv *place)
{
    const char *item = wf_val_string(place, "item", NULL), *inner = wf_val_string(place, "inner", NULL);
    const char *task = wf_val_string(place, "task", NULL), *def = wf_val_string(place, "definition", NULL);
    const char *next = wf_val_string(place, "next", NULL);
    print("  - ", item ? item : wf_val_string(place, "where", ""), ": ");
    print("", wf_val_string(place, "words", ""), ".\n");
    if (task) {
        print("    at task ", task, "");
        print(def ? " of " : "", def ? def : "", "");
        print(inner ? "; " : "", inner ? inner : "", "\n");
    }
    if (task || next)
        print("    next: ", next ? next : "nothing that is written: it is the last", "\n");
}

static void print_places(const jv *all)
{
    jv list = wf_val_get(all, "where");
    size_t count = (size_t)jv_array_length(jv_copy(list));
    if (count)
        heading("Where it stands, and what comes next");
    print_line(all, "items");
    for (size_t i = 0; i < count && i < PLACES_SHOWN; i++) {
        jv place = jv_array_get(jv_copy(list), (int)i);
        print_place(&place);
        jv_free(place);
    }
    more(count, PLACES_SHOWN, "; -o json has all");
    jv_free(list);
}

static void print_failed(const jv *all)
{
    jv list = wf_val_get(all, "failed");
    size_t count = (size_t)jv_array_length(jv_copy(list));
    if (count)
        heading("Failed items");
    for (size_t i = 0; i < count && i < PLACES_SHOWN; i++) {
        jv item = jv_array_get(jv_copy(list), (int)i);
        print("  - ", wf_val_string(&item, "item", ""), ": ");
        print("", wf_val_string(&item, "reason", "it does not say why"), "\n");
        jv_free(item);
    }
    more(count, PLACES_SHOWN, "; -o json has all");
    jv_free(list);
}

static void print_undone(const jv *all)
{
    size_t columns, rows;
    jv undone = wf_val_get(all, "notDone");
    wf_term_size(STDOUT_FILENO, &columns, &rows);
    if (jv_is_valid(undone)) {
        heading("Planned, and not done");
        wf_plan_print_undone(stdout, &undone, PLACES_SHOWN, isatty(STDOUT_FILENO) ? columns : 10000);
    }
    jv_free(undone);
}

static void print_error(const struct wf_report *report, const jv *all)
{
    jv error = wf_val_get(all, "error");
    struct wf_loc loc = {0};
    if (jv_is_valid(error)) {
        const struct wf_pinned_def *def = wf_explain_error_place(report, &loc);
        const char *words = wf_val_string(&error, "words", "");
        struct wf_diag diag = {.severity = WF_SEV_ERROR, .loc = loc, .msg = (char *)(uintptr_t)words};
        heading("The error");
        if (def)
            wf_diag_print_one(stdout, &diag, def->text, def->len);
        else
            print("", words, "\n");
        print_line(&error, "advice");
    }
    jv_free(error);
}

static void print_commands(const jv *all)
{
    jv list = wf_val_get(all, "commands");
    size_t count = (size_t)jv_array_length(jv_copy(list));
    heading("What you can type");
    for (size_t i = 0; i < count; i++) {
        jv way = jv_array_get(jv_copy(list), (int)i);
        print("  ", wf_val_string(&way, "command", ""), "\n");
        print("      ", wf_val_string(&way, "why", ""), "\n");
        jv_free(way);
    }
    jv_free(list);
}

static void print_all(const struct wf_report *report, const jv *all)
{
    size_t columns, rows;
    jv attention = wf_val_get(all, "attention");
    wf_term_size(STDOUT_FILENO, &columns, &rows);
    print_line(all, "who");
    print_line(all, "state");
    print_line(all, "warning");
    print_error(report, all);
    print_reasons(all);
    print_places(all);
    print_failed(all);
    print_undone(all);
    heading("Money");
    print_line(all, "money");
    wf_attention_print(stdout, &attention, isatty(STDOUT_FILENO) ? columns : 10000, ATTENTION_ITEMS);
    jv_free(attention);
    print_commands(all);
}

/* ---- the command ---- */

static int explain(
    struct wf_state *state, const struct wf_state_run *run, const char *form, const char *options, struct wf_err *err)
{
    struct wf_report *report;
    int rc = wf_report_new(state, run, &report, err);
    if (rc < 0)
        return rc;
    jv all = wf_explain(report, wf_loop_now_ms(state->loop), options);
    if (form && strcmp(form, "json") == 0)
        rc = wf_output_write(stdout, WF_FORM_JSON, &all, NULL, err);
    else
        print_all(report, &all);
    jv_free(all);
    wf_report_free(report);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    const char *form = wf_opts_last(&inv->opts, WF_OPT_OUTPUT), *file = wf_opts_last(&inv->opts, WF_OPT_STATE);
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    if (form && strcmp(form, "json") != 0) {
        wf_err_set(&err, WF_EINVAL, "--output %s: an explanation is words, or json", form);
        return wf_complain(&err, WF_EXIT_USAGE);
    }
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int rc = wf_state_find(&state, inv->opts.args[0], &run, &err);
    if (rc == 0) {
        char *options = file ? wf_asprintf(" --state '%s'", file) : wf_strdup("");
        rc = explain(&state, &run, form, options, &err);
        free(options);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_explain = {
    .name = "explain",
    .args = "RUN",
    .summary = "Why a run is where it is, in words: what it waits for, what comes next, what to type",
    .details = "Nothing but the journal is read, so it works when plugins are gone or the definition no longer loads.\n"
               "With -o json it is one object. `wfrun show` has the data.",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
