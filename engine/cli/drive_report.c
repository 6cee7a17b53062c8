/* drive_report.c: what is said when a run has ended: output, error, what to type next. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/diag_print.h"
#include "cli/drive.h"
#include "def/yaml.h"
#include "report/attention.h"
#include "report/plan_print.h"
#include "report/table.h"
#include "report/term.h"

#define SUMMARY_ROWS    40
#define ATTENTION_ITEMS 10

/* ---- an error's place in the definition ---- */

static const char *definition_file(const struct wf_drive *drive)
{
    return drive->registry && wf_registry_file(drive->registry) ? wf_registry_file(drive->registry) : drive->def->file;
}

/* The last line of standard error, for programs. */
static void print_error_line(const jv *error)
{
    char *text = wf_mask_apply(wf_val_text(error));
    fprintf(stderr, "%s\n", text);
    free(text);
}

static void print_fault(struct wf_drive *drive)
{
    const jv *error = &drive->value;
    const char *title = wf_val_string(error, "title", ""), *detail = wf_val_string(error, "detail", "");
    const char *type = wf_val_string(error, "type", "");
    if (!*title)
        title = wf_error_type_name(type) ? wf_error_type_name(type) : "fault";
    char *text = *detail && strcmp(detail, title) != 0 ? wf_asprintf("%s: %s", title, detail) : wf_strdup(title);
    const struct wf_node *root = drive->def ? drive->def->root : NULL;
    const struct wf_node *node = root ? wf_node_at(root, wf_val_string(error, "instance", "")) : NULL;
    struct wf_diag diag = {.severity = WF_SEV_ERROR, .msg = text};
    if (node != root) {
        diag.loc = node->loc;
        diag.loc.file = definition_file(drive);
        wf_diag_print_one(stderr, &diag, drive->def->source, drive->def->source_len);
    } else {
        text = wf_mask_apply(text);
        fprintf(stderr, "wfrun: error: %s\n", text);
    }
    free(text);
    print_error_line(error);
}

/* ---- the summary ---- */

const struct wf_def *wf_drive_reporter(const struct wf_drive *drive)
{
    if (drive->def && drive->def->report.ncolumns)
        return drive->def;
    if (drive->sub && jv_identical(jv_copy(drive->sub_output), jv_copy(drive->value)))
        return drive->sub;
    return drive->def;
}

static void print_attention(const struct wf_def *def, const jv *value, size_t columns)
{
    struct wf_err err = {0};
    jv attention;
    if (wf_attention_of(&def->report, value, &attention, &err) < 0) {
        wf_log(WF_LOGL_WARN, "what needs attention cannot be shown: %s", err.msg);
        return;
    }
    wf_attention_print(stderr, &attention, columns, ATTENTION_ITEMS);
    jv_free(attention);
}

static void print_summary(struct wf_drive *drive)
{
    const struct wf_def *def = wf_drive_reporter(drive);
    struct wf_table table;
    struct wf_err err = {0};
    size_t columns, rows;
    if (!drive->summary || !def || !def->report.ncolumns)
        return;
    wf_term_size(STDERR_FILENO, &columns, &rows);
    if (drive->form == WF_FORM_TABLE) {
        print_attention(def, &drive->value, columns);
        return;
    }
    if (wf_table_report(&def->report, &drive->value, &table, &err) < 0) {
        wf_log(WF_LOGL_WARN, "the summary cannot be shown: %s", err.msg);
        return;
    }
    const char *title = drive->def->report.title ? drive->def->report.title : drive->def->title;
    if (title)
        fprintf(stderr, "\n%s\n", title);
    wf_table_print(&table, stderr, columns, SUMMARY_ROWS, wf_term_colour(stderr));
    if (table.nrows > SUMMARY_ROWS)
        fputs("(-o table shows all)\n", stderr);
    wf_table_done(&table);
    print_attention(def, &drive->value, columns);
}

/* ---- by status ---- */

static int completed(struct wf_drive *drive)
{
    struct wf_err err = {0};
    print_summary(drive);
    if (wf_output_write(stdout, drive->form, &drive->value, wf_drive_reporter(drive), &err) < 0) {
        if (!drive->ephemeral)
            wf_err_hint(&err, "the run is completed; `wfrun resume %s` writes its output again", drive->run_id);
        return wf_complain(&err, WF_EXIT_FAULT);
    }
    if (!drive->failed_items)
        return WF_EXIT_OK;
    if (drive->mode != WF_PROGRESS_QUIET) {
        fprintf(
            stderr, "wfrun: completed, but %zu item%s failed", drive->failed_items, drive->failed_items > 1 ? "s" : "");
        fprintf(stderr, drive->ephemeral ? "\n" : "; to see which: wfrun show %s\n", drive->run_id);
    }
    return WF_EXIT_ITEMS_FAILED;
}

static int failed(struct wf_drive *drive)
{
    int status = drive->failure.code == WF_ELOST ? WF_EXIT_HELD : wf_exit_of(&drive->failure);
    wf_complain(&drive->failure, status);
    if (!drive->ephemeral && status == WF_EXIT_FAULT)
        fprintf(stderr, "  the run is safe; when the cause is mended: wfrun resume %s\n", drive->run_id);
    /* For programs: the same last line as a fault has. */
    jv error = wf_val_set(jv_object(), "type", jv_string(wf_error_type_uri("runtime")));
    error = wf_val_set(error, "status", jv_number(wf_error_type_status("runtime")));
    error = wf_val_set(error, "title", jv_string("The run could not go on"));
    error = wf_val_set(error, "detail", jv_string(drive->failure.msg));
    print_error_line(&error);
    jv_free(error);
    return status;
}

static int interrupted(const struct wf_drive *drive)
{
    fprintf(stderr, "wfrun: interrupted; nothing is lost. To go on: wfrun resume %s\n", drive->run_id);
    return WF_EXIT_SIGNAL + (drive->signo ? drive->signo : SIGTERM);
}

static void print_waiting(const struct wf_drive *drive)
{
    char *command = wf_waits_command(&drive->waits, drive->run_id);
    if (drive->ephemeral)
        fputs("wfrun: the run waits, and ends here because it was --ephemeral\n", stderr);
    else
        fprintf(stderr, "wfrun: the run waits. To go on: wfrun %s\n", command);
    free(command);
}

static void print_undone(const struct wf_drive *drive)
{
    size_t columns, rows;
    if (drive->mode == WF_PROGRESS_QUIET || drive->mode == WF_PROGRESS_JSON)
        return;
    wf_term_size(STDERR_FILENO, &columns, &rows);
    wf_plan_print_undone(stderr, &drive->undone, ATTENTION_ITEMS, isatty(STDERR_FILENO) ? columns : 10000);
}

int wf_drive_report(struct wf_drive *drive)
{
    if (drive->failure.code)
        return failed(drive);
    print_undone(drive);
    switch (drive->status) {
    case WF_RUN_COMPLETED:
        return completed(drive);
    case WF_RUN_FAULTED:
        print_fault(drive);
        return WF_EXIT_FAULT;
    case WF_RUN_CANCELLED:
        if (drive->mode != WF_PROGRESS_QUIET)
            fputs("wfrun: the run was cancelled\n", stderr);
        return WF_EXIT_CANCELLED;
    case WF_RUN_IN_DOUBT:
        wf_doubts_print(stderr, &drive->doubts, drive->run_id, false);
        return WF_EXIT_IN_DOUBT;
    case WF_RUN_RUNNING:
        return interrupted(drive);
    case WF_RUN_SUSPENDED:
        fprintf(stderr, "wfrun: the run is suspended. To go on: wfrun resume %s\n", drive->run_id);
        break;
    case WF_RUN_WAITING:
        wf_waits_print(stderr, &drive->waits);
        print_waiting(drive);
        break;
    }
    return WF_EXIT_WAITING;
}
