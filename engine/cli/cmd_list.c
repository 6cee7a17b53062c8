/* cmd_list.c: `wfrun list`: the runs in the journal, newest first. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/suggest.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/state_file.h"
#include "report/table.h"
#include "report/term.h"

#define LIMIT_ELSE 50

static const char *const statuses[] = {
    "running", "waiting", "suspended", "in-doubt", "cancelled", "faulted", "completed", NULL};

static void add_row(void *arg, const struct wf_run_row *row)
{
    jv *list = arg;
    char started[WF_TIME_TEXT], updated[WF_TIME_TEXT];
    wf_time_format(row->started_ms, started);
    wf_time_format(row->updated_ms, updated);
    jv item = wf_val_set(jv_object(), "run", jv_string(row->run_id));
    item = wf_val_set(item, "namespace", jv_string(row->namespace_));
    item = wf_val_set(item, "workflow", jv_string(row->name));
    item = wf_val_set(item, "version", jv_string(row->version));
    item = wf_val_set(item, "status", jv_string(statuses[row->status]));
    item = wf_val_set(item, "held", jv_bool(row->held));
    item = wf_val_set(item, "started", jv_string(started));
    item = wf_val_set(item, "updated", jv_string(updated));
    item = wf_val_set(item, "records", jv_number((double)row->records));
    *list = jv_array_append(*list, item);
}

/* Of those that completed: how many of their items failed. */
static jv add_failed_items(struct wf_state *state, jv list)
{
    jv_array_foreach(list, i, item) {
        size_t failed = strcmp(wf_val_string(&item, "status", ""), statuses[WF_RUN_COMPLETED]) == 0
                            ? wf_state_failed_items(state->ops, state->backend, wf_val_string(&item, "run", ""))
                            : 0;
        if (failed)
            list = jv_array_set(list, i, wf_val_set(jv_copy(item), "failedItems", jv_number((double)failed)));
        jv_free(item);
    }
    return list;
}

/* "completed, 3 failed" */
static jv status_text(const jv *item)
{
    int failed = (int)wf_val_number(item, "failedItems", 0);
    return failed ? jv_string_fmt("%s, %d failed", wf_val_string(item, "status", ""), failed)
                  : wf_val_get(item, "status");
}

static void print_table(const jv *list)
{
    static const char *const keys[] = {"run", "workflow", "status", "started", "updated", "records"};
    static const char *const titles[] = {"RUN", "WORKFLOW", "STATUS", "STARTED", "UPDATED", "RECORDS"};
    struct wf_table table;
    size_t columns, rows;
    wf_table_init(&table, titles, 6);
    jv_array_foreach(*list, i, item) {
        char *cells[6];
        for (size_t c = 0; c < 6; c++) {
            jv value = strcmp(keys[c], "status") == 0 ? status_text(&item) : wf_val_get(&item, keys[c]);
            cells[c] = wf_table_cell(&value);
            jv_free(value);
        }
        wf_table_add(&table, (const char *const *)cells);
        for (size_t c = 0; c < 6; c++)
            free(cells[c]);
        jv_free(item);
    }
    bool terminal = isatty(STDOUT_FILENO);
    wf_term_size(STDOUT_FILENO, &columns, &rows);
    if (table.nrows)
        wf_table_print(&table, stdout, terminal ? columns : SIZE_MAX / 2, 0, terminal && wf_term_colour(stdout));
    wf_table_done(&table);
}

static int parse_query(const struct wf_opts *opts, struct wf_query *ret, struct wf_err *err)
{
    const char *status = wf_opts_last(opts, WF_OPT_STATUS), *limit = wf_opts_last(opts, WF_OPT_LIMIT);
    *ret = (struct wf_query){.name = wf_opts_last(opts, WF_OPT_NAME), .status = -1, .limit = LIMIT_ELSE};
    for (int i = 0; status && statuses[i]; i++)
        if (strcmp(status, statuses[i]) == 0)
            ret->status = i;
    if (status && ret->status < 0) {
        const char *close = wf_suggest(status, statuses);
        wf_err_set(err, WF_EINVAL, "--status %s: there is no such status", status);
        if (close)
            wf_err_hint(err, "did you mean %s?", close);
        else
            wf_err_hint(err, "there are running, waiting, suspended, in-doubt, cancelled, faulted and completed");
        return WF_EINVAL;
    }
    if (limit) {
        char *end;
        unsigned long n = strtoul(limit, &end, 10);
        if (*end || end == limit || n > 1000000000)
            return wf_err_set(err, WF_EINVAL, "--limit %s: not a number", limit);
        ret->limit = (unsigned)n;
    }
    return 0;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_state state;
    struct wf_query query;
    struct wf_err err = {0};
    enum wf_form form = WF_FORM_TABLE;
    const char *text = wf_opts_last(&inv->opts, WF_OPT_OUTPUT);
    if ((text && wf_form_parse(text, &form, &err) < 0) || parse_query(&inv->opts, &query, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    jv list = jv_array();
    int rc = wf_state_open(inv->config, true, &state, &err);
    if (rc == 0) {
        rc = state.ops->query(state.backend, &query, add_row, &list, &err);
        list = add_failed_items(&state, list);
        wf_state_close(&state);
    } else if (rc == WF_ENOTFOUND) {
        rc = 0; /* no journal, no runs */
        err = (struct wf_err){0};
    }
    if (rc == 0 && form == WF_FORM_TABLE)
        print_table(&list);
    else if (rc == 0)
        rc = wf_output_write(stdout, form, &list, NULL, &err);
    jv_free(list);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_list = {
    .name = "list",
    .args = "",
    .summary = "The runs in the journal, newest first",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_STATUS) | WF_OPT_BIT(WF_OPT_NAME) |
            WF_OPT_BIT(WF_OPT_LIMIT),
    .min_args = 0,
    .max_args = 0,
    .exec = exec,
};
