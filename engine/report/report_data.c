/* report_data.c: the report for programs: JSON of all that is known, CSV of its table. */
#include <string.h>

#include "base/clock.h"
#include "report/escape.h"
#include "report/report_model.h"

/* ---- CSV ---- */

static void csv_row(struct wf_buf *buf, char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wf_csv_cell(buf, cells[i], i == 0);
    wf_buf_str(buf, "\r\n");
}

void wf_report_csv(const struct wf_report *report, struct wf_buf *buf)
{
    struct wf_table table;
    wf_report_rows(report, &table);
    if (table.ncolumns)
        csv_row(buf, table.titles, table.ncolumns);
    for (size_t i = 0; i < table.nrows; i++)
        csv_row(buf, table.cells + i * table.ncolumns, table.ncolumns);
    wf_table_done(&table);
}

/* ---- JSON ---- */

static jv text_or_null(const char *text)
{
    return text ? jv_string(text) : jv_null();
}

static jv time_or_null(int64_t ms)
{
    char text[WF_TIME_TEXT];
    if (!ms)
        return jv_null();
    wf_time_format(ms, text);
    return jv_string(text);
}

static jv value_of(struct wf_slice json)
{
    struct wf_err err = {0};
    jv value;
    return json.ptr && wf_val_parse(json.ptr, json.len, &value, &err) == 0 ? value : jv_null();
}

static jv count(size_t n)
{
    return jv_number((double)n);
}

static jv run_json(const struct wf_report *report)
{
    const struct wf_state_run *run = report->run;
    jv workflow = wf_val_set(jv_object(), "namespace", jv_string(run->namespace_));
    workflow = wf_val_set(workflow, "name", jv_string(run->name));
    workflow = wf_val_set(workflow, "version", jv_string(run->version));
    jv all = wf_val_set(jv_object(), "id", jv_string(run->id));
    all = wf_val_set(all, "workflow", workflow);
    all = wf_val_set(all, "by", text_or_null(wf_val_string(&run->meta, "by", NULL)));
    all = wf_val_set(all, "rehearsal", jv_bool(report->rehearsal));
    all = wf_val_set(all, "status", jv_string(wf_run_status_name(run->status)));
    all = wf_val_set(all, "held", jv_bool(run->held));
    all = wf_val_set(all, "started", time_or_null(run->started_ms));
    all = wf_val_set(all, "last", time_or_null(report->last_ms));
    return wf_val_set(all, "ms", jv_number((double)(report->last_ms - report->first_ms)));
}

static jv counts_json(const struct wf_report *report)
{
    jv states = jv_object();
    for (size_t i = 0; i < WF_ITEM_STATES; i++)
        states = wf_val_set(states, wf_item_state_name((enum wf_item_state)i), count(report->by_state[i]));
    jv all = wf_val_set(jv_object(), "items", count(report->nitems));
    all = wf_val_set(all, "byState", states);
    all = wf_val_set(all, "effects", count(report->neffects));
    all = wf_val_set(all, "underWay", count(report->nopen));
    return wf_val_set(all, "failedCalls", count(report->nfaults));
}

static jv money_json(const struct wf_report *report)
{
    jv list = jv_array();
    for (size_t i = 0; i < report->nmoney; i++) {
        const struct wf_money *money = &report->money[i];
        jv entry = wf_val_set(jv_object(), "currency", jv_string(money->currency));
        entry = wf_val_set(entry, "spentMicros", jv_number((double)money->spent_micros));
        entry = wf_val_set(entry, "underWayMicros", jv_number((double)money->open_micros));
        if (report->planned)
            entry = wf_val_set(entry, "toSpendMicros", jv_number((double)money->to_spend_micros));
        list = jv_array_append(list, entry);
    }
    return list;
}

static jv table_json(const struct wf_report *report)
{
    struct wf_table table;
    jv columns = jv_array(), rows = jv_array();
    wf_report_rows(report, &table);
    for (size_t c = 0; c < table.ncolumns; c++)
        columns = jv_array_append(columns, jv_string(table.titles[c]));
    for (size_t r = 0; r < table.nrows; r++) {
        jv row = jv_array();
        for (size_t c = 0; c < table.ncolumns; c++)
            row = jv_array_append(row, jv_string(table.cells[r * table.ncolumns + c]));
        rows = jv_array_append(rows, row);
    }
    wf_table_done(&table);
    jv all = wf_val_set(jv_object(), "title", jv_string(report->title));
    return wf_val_set(wf_val_set(all, "columns", columns), "rows", rows);
}

static jv item_json(const struct wf_report *report, const struct wf_report_item *item)
{
    (void)report;
    jv all = wf_val_set(jv_object(), "label", jv_string(item->label));
    all = wf_val_set(all, "loop", jv_string(item->loop->path));
    all = wf_val_set(all, "index", count(item->index));
    all = wf_val_set(all, "state", jv_string(wf_item_state_name(item->state)));
    all = wf_val_set(all, "begun", time_or_null(item->begun_ms));
    all = wf_val_set(all, "last", time_or_null(item->ended_ms));
    all = wf_val_set(all, "calls", count(item->nops));
    all = wf_val_set(all, "effects", count(item->neffects));
    all = wf_val_set(all, "failedCalls", count(item->nfaults));
    all = wf_val_set(all, "at", item->open ? jv_string(item->open->path) : jv_null());
    return wf_val_set(all, "reason", text_or_null(item->reason));
}

static const char *state_word(const struct wf_report_op *op)
{
    return op->state == WF_REC_DONE ? "done" : op->state == WF_REC_FAULT ? "failed" : "under way";
}

static jv op_json(const struct wf_report *report, const struct wf_report_op *op)
{
    jv all = wf_val_set(jv_object(), "path", jv_string(op->path));
    all = wf_val_set(all, "item", op->item == WF_REPORT_NO_ITEM ? jv_null() : jv_string(report->items[op->item].label));
    all = wf_val_set(all, "step", text_or_null(op->step));
    all = wf_val_set(all, "effect", text_or_null(op->effect));
    all = wf_val_set(all, "state", jv_string(state_word(op)));
    all = wf_val_set(all, "requestId", text_or_null(op->key));
    all = wf_val_set(all, "begun", time_or_null(op->begun_ms));
    all = wf_val_set(all, "ended", time_or_null(op->ended_ms));
    if (op->has_cost) {
        jv cost = wf_val_set(jv_object(), "micros", jv_number((double)op->cost_micros));
        all = wf_val_set(all, "cost", wf_val_set(cost, "currency", jv_string(op->currency)));
    }
    if (op->resolution)
        all = wf_val_set(all, "resolution", value_of((struct wf_slice){op->resolution, strlen(op->resolution)}));
    return wf_val_set(all, op->state == WF_REC_FAULT ? "error" : "answer", value_of(op->answer));
}

static jv wait_json(const struct wf_report_op *op)
{
    jv all = wf_val_set(jv_object(), "path", jv_string(op->path));
    all = wf_val_set(all, "since", time_or_null(op->begun_ms));
    return wf_val_set(all, "until", time_or_null(op->wake_ms));
}

static jv doubts_json(const struct wf_doubts *doubts)
{
    jv list = jv_array();
    for (size_t i = 0; i < doubts->count; i++) {
        jv item = wf_val_set(jv_object(), "path", jv_string(doubts->items[i].path));
        item = wf_val_set(item, "step", jv_string(doubts->items[i].step));
        item = wf_val_set(item, "requestId", jv_string(doubts->items[i].key));
        item = wf_val_set(item, "since", time_or_null(doubts->items[i].since_ms));
        list = jv_array_append(list, wf_val_set(item, "why", jv_string(doubts->items[i].why)));
    }
    return list;
}

static jv rollbacks_json(const struct wf_report *report)
{
    jv list = jv_array();
    for (size_t i = 0; i < report->nrollbacks; i++)
        list = jv_array_append(list, jv_string(report->rollbacks[i]));
    return list;
}

jv wf_report_json(const struct wf_report *report)
{
    jv items = jv_array(), effects = jv_array(), failures = jv_array(), waits = jv_array();
    for (size_t i = 0; i < report->nitems; i++)
        items = jv_array_append(items, item_json(report, &report->items[i]));
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        if (op->effect)
            effects = jv_array_append(effects, op_json(report, op));
        if (op->state == WF_REC_FAULT)
            failures = jv_array_append(failures, op_json(report, op));
        if (op->wait && op->wake_ms && op->state == WF_REC_INTENT && !wf_state_is_final(report->run->status))
            waits = jv_array_append(waits, wait_json(op));
    }
    jv all = wf_val_set(jv_object(), "format", jv_number(1));
    all = wf_val_set(all, "run", run_json(report));
    all = wf_val_set(all, "counts", counts_json(report));
    all = wf_val_set(all, "money", money_json(report));
    if (jv_is_valid(report->undone))
        all = wf_val_set(all, "notDone", jv_copy(report->undone));
    all = wf_val_set(all, "attention", jv_copy(report->attention));
    all = wf_val_set(all, "table", table_json(report));
    all = wf_val_set(all, "items", items);
    all = wf_val_set(all, "inDoubt", doubts_json(&report->doubts));
    all = wf_val_set(all, "timers", waits);
    all = wf_val_set(all, "waiting", wf_waits_json(&report->waits));
    all = wf_val_set(all, "cancelled", jv_is_valid(report->cancelled) ? jv_copy(report->cancelled) : jv_null());
    all = wf_val_set(all, "retriedBy", report->retried_by ? jv_string(report->retried_by) : jv_null());
    all = wf_val_set(all, "rollbacks", rollbacks_json(report));
    all = wf_val_set(all, "failures", failures);
    all = wf_val_set(all, "effects", effects);
    const jv *output = &report->run->output;
    if (jv_is_valid(*output))
        all = wf_val_set(all, report->run->status == WF_RUN_FAULTED ? "error" : "output", jv_copy(*output));
    return all;
}
