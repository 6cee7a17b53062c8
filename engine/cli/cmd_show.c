/* cmd_show.c: `wfrun show`: where a run stands, what it did to the world, and what it waits for. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/state_file.h"
#include "report/history.h"
#include "report/place.h"
#include "report/table.h"
#include "report/term.h"
#include "report/waits.h"

#define STEPS_SHOWN 20

static bool is_step(const jv *item)
{
    return strcmp(wf_val_string(item, "kind", ""), "step") == 0;
}

/* ---- for people ---- */

static void print_head(const struct wf_state_run *run, size_t failed_items)
{
    char started[WF_TIME_TEXT], updated[WF_TIME_TEXT];
    wf_time_format(run->started_ms, started);
    wf_time_format(run->updated_ms, updated);
    printf("run       %s\n", run->id);
    printf("workflow  %s/%s %s\n", run->namespace_, run->name, run->version);
    const char *file = wf_val_string(&run->meta, "file", NULL);
    if (file)
        printf("file      %s\n", file);
    printf("status    %s%s", wf_run_status_name(run->status),
        run->held                       ? ", a process drives it now"
        : run->status == WF_RUN_RUNNING ? ", no process drives it"
                                        : "");
    if (failed_items)
        printf(", %zu item%s failed", failed_items, failed_items > 1 ? "s" : "");
    printf("\nstarted   %s\nupdated   %s\nrecords   %llu\n", started, updated, (unsigned long long)run->records);
}

/* One line for each kind of step: how many of its calls are where. */
struct tally {
    const char *step, *effect; /* of the history */
    size_t done, failed, begun;
};

static size_t tally_steps(const jv *history, struct tally tallies[STEPS_SHOWN])
{
    size_t count = 0;
    jv_array_foreach(*history, i, item) {
        const char *step = wf_val_string(&item, "step", "(reads)"), *state = wf_val_string(&item, "state", "");
        size_t at = 0;
        while (at < count && strcmp(tallies[at].step, step) != 0)
            at++;
        if (is_step(&item) && at < STEPS_SHOWN) {
            if (at == count)
                tallies[count++] = (struct tally){step, wf_val_string(&item, "effect", ""), 0, 0, 0};
            tallies[at].done += strcmp(state, "done") == 0;
            tallies[at].failed += strcmp(state, "fault") == 0;
            tallies[at].begun += strcmp(state, "begun") == 0;
        }
        jv_free(item);
    }
    return count;
}

static void print_table(struct wf_table *table)
{
    bool terminal = isatty(STDOUT_FILENO);
    size_t columns, rows;
    wf_term_size(STDOUT_FILENO, &columns, &rows);
    putchar('\n');
    wf_table_print(table, stdout, terminal ? columns : SIZE_MAX / 2, 0, terminal && wf_term_colour(stdout));
    wf_table_done(table);
}

static void print_steps(const jv *history)
{
    static const char *const titles[] = {"STEP", "EFFECT", "DONE", "FAILED", "UNDER WAY"};
    struct tally tallies[STEPS_SHOWN];
    size_t count = tally_steps(history, tallies);
    struct wf_table table;
    if (!count)
        return;
    wf_table_init(&table, titles, 5);
    for (size_t i = 0; i < count; i++) {
        char numbers[3][24];
        snprintf(numbers[0], sizeof numbers[0], "%zu", tallies[i].done);
        snprintf(numbers[1], sizeof numbers[1], "%zu", tallies[i].failed);
        snprintf(numbers[2], sizeof numbers[2], "%zu", tallies[i].begun);
        const char *const cells[] = {tallies[i].step, tallies[i].effect, numbers[0], numbers[1], numbers[2]};
        wf_table_add(&table, cells);
    }
    print_table(&table);
}

static void print_under_way(const jv *history)
{
    static const char *const titles[] = {"UNDER WAY", "SINCE", "WHERE"};
    struct wf_table table;
    size_t count = 0;
    wf_table_init(&table, titles, 3);
    jv_array_foreach(*history, i, item) {
        if (is_step(&item) && strcmp(wf_val_string(&item, "state", ""), "begun") == 0 && ++count <= STEPS_SHOWN) {
            char *place = wf_place_words(wf_val_string(&item, "path", ""));
            const char *const cells[] = {wf_val_string(&item, "step", ""), wf_val_string(&item, "intended", ""), place};
            wf_table_add(&table, cells);
            free(place);
        }
        jv_free(item);
    }
    if (!count) {
        wf_table_done(&table);
        return;
    }
    print_table(&table);
    if (count > STEPS_SHOWN)
        printf("... and %zu more; `wfrun logs` has all\n", count - STEPS_SHOWN);
}

/* The items of loops with a failure budget that failed, from the facts PATH/for/N#failed. */
static void print_failed_items(const jv *history)
{
    static const char *const titles[] = {"FAILED ITEM", "WHY"};
    struct wf_table table;
    size_t count = 0;
    wf_table_init(&table, titles, 2);
    jv_array_foreach(*history, i, item) {
        const char *path = wf_val_string(&item, "path", ""), *mark = strstr(path, "#failed");
        if (mark && !mark[7] && ++count <= STEPS_SHOWN) {
            jv error = wf_val_get(&item, "output");
            char *loop = wf_asprintf("%.*s", (int)(mark - path), path), *place = wf_place_words(loop);
            const char *const cells[] = {place, wf_val_string(&error, "detail", wf_val_string(&error, "title", ""))};
            wf_table_add(&table, cells);
            free(place);
            free(loop);
            jv_free(error);
        }
        jv_free(item);
    }
    if (count)
        print_table(&table);
    else
        wf_table_done(&table);
    if (count > STEPS_SHOWN)
        printf("... and %zu more; `wfrun logs` has all\n", count - STEPS_SHOWN);
}

static void print_tail(const struct wf_state_run *run, const struct wf_doubts *doubts, const struct wf_waits *waits)
{
    if (waits->count && !wf_state_is_final(run->status)) {
        putchar('\n');
        wf_waits_print(stdout, waits);
    }
    if (doubts->count) {
        putchar('\n');
        wf_doubts_print(stdout, doubts, run->id, wf_state_is_final(run->status));
    } else if (!run->held && !wf_state_is_final(run->status)) {
        char *command = wf_waits_command(waits, run->id);
        printf("\nto go on: wfrun %s\n", command);
        free(command);
    }
    if (wf_state_is_final(run->status) && jv_is_valid(run->output)) {
        char *text = wf_val_text(&run->output);
        printf("\n%s %s\n", run->status == WF_RUN_FAULTED ? "error " : "output", text);
        free(text);
    }
}

/* ---- for programs ---- */

static jv doubts_json(const struct wf_doubts *doubts)
{
    jv list = jv_array();
    for (size_t i = 0; i < doubts->count; i++) {
        jv item = wf_val_set(jv_object(), "path", jv_string(doubts->items[i].path));
        item = wf_val_set(item, "task", jv_string(doubts->items[i].task));
        item = wf_val_set(item, "step", jv_string(doubts->items[i].step));
        item = wf_val_set(item, "key", jv_string(doubts->items[i].key));
        item = wf_val_set(item, "why", jv_string(doubts->items[i].why));
        list = jv_array_append(list, item);
    }
    return list;
}

static int write_json(enum wf_form form, const struct wf_state_run *run, const struct wf_doubts *doubts,
    const struct wf_waits *waits, size_t failed_items, jv history, struct wf_err *err)
{
    char started[WF_TIME_TEXT], updated[WF_TIME_TEXT];
    wf_time_format(run->started_ms, started);
    wf_time_format(run->updated_ms, updated);
    jv all = wf_val_set(jv_object(), "run", jv_string(run->id));
    all = wf_val_set(all, "namespace", jv_string(run->namespace_));
    all = wf_val_set(all, "workflow", jv_string(run->name));
    all = wf_val_set(all, "version", jv_string(run->version));
    all = wf_val_set(all, "status", jv_string(wf_run_status_name(run->status)));
    all = wf_val_set(all, "held", jv_bool(run->held));
    all = wf_val_set(all, "started", jv_string(started));
    all = wf_val_set(all, "updated", jv_string(updated));
    all = wf_val_set(all, "input", jv_is_valid(run->input) ? jv_copy(run->input) : jv_null());
    if (jv_is_valid(run->output))
        all = wf_val_set(all, run->status == WF_RUN_FAULTED ? "error" : "output", jv_copy(run->output));
    all = wf_val_set(all, "inDoubt", doubts_json(doubts));
    all = wf_val_set(all, "waiting", wf_waits_json(waits));
    if (failed_items)
        all = wf_val_set(all, "failedItems", jv_number((double)failed_items));
    all = wf_val_set(all, "records", history);
    int rc = wf_output_write(stdout, form, &all, NULL, err);
    jv_free(all);
    return rc;
}

/* ---- the command ---- */

static int show(struct wf_state *state, const struct wf_state_run *run, enum wf_form form, struct wf_err *err)
{
    struct wf_doubts doubts;
    struct wf_waits waits = {0};
    jv history;
    size_t failed_items =
        run->status == WF_RUN_COMPLETED ? wf_state_failed_items(state->ops, state->backend, run->id) : 0;
    int rc = wf_state_doubts(state->ops, state->backend, run->id, &doubts, err);
    if (rc < 0)
        return rc;
    rc = wf_waits_read(state->ops, state->backend, run->id, &waits, err);
    if (rc == 0)
        rc = wf_history_read(state, run->id, &history, err);
    if (rc == 0 && form != WF_FORM_TABLE) {
        rc = write_json(form, run, &doubts, &waits, failed_items, history, err);
    } else if (rc == 0) {
        print_head(run, failed_items);
        print_steps(&history);
        print_failed_items(&history);
        print_under_way(&history);
        print_tail(run, &doubts, &waits);
        jv_free(history);
    }
    wf_waits_done(&waits);
    wf_doubts_done(&doubts);
    return rc;
}

static int exec(struct wf_invocation *inv)
{
    const char *text = wf_opts_last(&inv->opts, WF_OPT_OUTPUT);
    enum wf_form form = WF_FORM_TABLE;
    struct wf_state state;
    struct wf_state_run run;
    struct wf_err err = {0};
    if (text && wf_form_parse(text, &form, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int rc = wf_state_find(&state, inv->opts.args[0], &run, &err);
    if (rc == 0) {
        rc = show(&state, &run, form, &err);
        wf_state_run_done(&run);
    }
    wf_state_close(&state);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

const struct wf_cmd wf_cmd_show = {
    .name = "show",
    .args = "RUN",
    .summary = "Where a run stands: steps, effects, what is in doubt and what to type",
    .opts = WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_STATE),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
