/* report_model.c: reads a run's records and notes into what reports tell. */
#include "report/report_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/report_build.h"
#include "report/undo_list.h"
#include "run/run.h"

#define ARENA_MAX ((size_t)2 << 30)

static jv parse(struct wf_slice text)
{
    struct wf_err err = {0};
    jv value = jv_invalid();
    return text.ptr && wf_val_parse(text.ptr, text.len, &value, &err) == 0 ? value : jv_invalid();
}

static char *keep(struct wf_report *report, const char *text)
{
    return text ? wf_arena_strdup(report->arena, text) : NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcmp(text + len - n, end) == 0;
}

/* ---- notes ---- */

static void read_loop(struct wf__report_build *build, const char *path, jv note)
{
    struct wf_report *report = build->report;
    jv labels = wf_val_get(&note, "labels");
    char *words = wf_place_words(path), *name = strrchr(words, '>');
    report->loops = wf_realloc(report->loops, (report->nloops + 1) * sizeof *report->loops);
    build->labels = wf_realloc(build->labels, (report->nloops + 1) * sizeof *build->labels);
    build->labels[report->nloops] = jv_get_kind(labels) == JV_KIND_ARRAY ? labels : jv_null();
    if (jv_get_kind(labels) != JV_KIND_ARRAY)
        jv_free(labels);
    report->loops[report->nloops++] = (struct wf_report_loop){
        .path = keep(report, path),
        .name = keep(report, name ? name + 2 : words),
        .total = (size_t)wf_val_number(&note, "total", 0),
    };
    free(words);
    jv_free(note);
}

static void add_rollback(struct wf_report *report, const char *run_id)
{
    report->rollbacks = wf_realloc(report->rollbacks, (report->nrollbacks + 1) * sizeof *report->rollbacks);
    report->rollbacks[report->nrollbacks++] = keep(report, run_id);
}

static void read_note(void *arg, const char *key, struct wf_slice json)
{
    struct wf__report_build *build = arg;
    jv note = parse(json);
    if (strncmp(key, WF_NOTE_ROLLED_BACK_BY, strlen(WF_NOTE_ROLLED_BACK_BY)) == 0)
        add_rollback(build->report, key + strlen(WF_NOTE_ROLLED_BACK_BY));
    else if (strncmp(key, WF_NOTE_RETRIED_BY, strlen(WF_NOTE_RETRIED_BY)) == 0)
        build->report->retried_by = keep(build->report, key + strlen(WF_NOTE_RETRIED_BY));
    if (jv_get_kind(note) != JV_KIND_OBJECT)
        jv_free(note);
    else if (strncmp(key, "loop ", 5) == 0)
        read_loop(build, key + 5, note);
    else if (strcmp(key, WF_NOTE_CANCELLED) == 0)
        build->report->cancelled = note; /* once: the keys are different */
    else if (strcmp(key, WF_NOTE_SUSPENDED) == 0)
        build->report->suspended = note;
    else if (strcmp(key, WF_NOTE_UNDONE) == 0)
        build->report->undone = note;
    else
        jv_free(note);
}

/* ---- records ---- */

static struct wf_slice keep_bytes(struct wf_report *report, struct wf_slice bytes)
{
    return bytes.ptr ? (struct wf_slice){wf_arena_memdup(report->arena, bytes.ptr, bytes.len), bytes.len} : bytes;
}

/* Words that come again and again are kept once. */
static const char *word(struct wf__report_build *build, const char *text)
{
    for (size_t i = 0; i < build->nwords; i++)
        if (strcmp(build->words[i], text) == 0)
            return build->words[i];
    if (build->nwords == sizeof build->words / sizeof *build->words)
        return keep(build->report, text);
    return build->words[build->nwords++] = keep(build->report, text);
}

static void read_intent(struct wf__report_build *build, struct wf_report_op *op, struct wf_slice text)
{
    jv intent = parse(text), quote = wf_val_get(&intent, "quote"), cost = wf_val_get(&quote, "cost");
    op->step = word(build, wf_val_string(&intent, "step", "?"));
    op->effect = word(build, wf_val_string(&intent, "effect", "write"));
    op->key = keep(build->report, wf_val_string(&intent, "key", ""));
    if (jv_get_kind(cost) == JV_KIND_OBJECT) {
        op->has_cost = true;
        op->cost_micros = (int64_t)wf_val_number(&cost, "micros", 0);
        op->currency = word(build, wf_val_string(&cost, "currency", ""));
    }
    jv_free(cost);
    jv_free(quote);
    jv_free(intent);
}

static void read_fault(struct wf__report_build *build, struct wf_report_op *op, struct wf_slice text)
{
    jv error = parse(text);
    const char *title = wf_val_string(&error, "title", ""), *detail = wf_val_string(&error, "detail", "");
    const char *name = wf_error_type_name(wf_val_string(&error, "type", ""));
    op->title = keep(build->report, *title ? title : name ? name : "it failed");
    op->detail = *detail && strcmp(detail, title) != 0 ? keep(build->report, detail) : NULL;
    jv_free(error);
}

static struct wf_report_op *add_op(struct wf__report_build *build, const struct wf_record *record)
{
    struct wf_report *report = build->report;
    if ((report->nops & (report->nops + 1)) == 0)
        report->ops = wf_realloc(report->ops, (2 * report->nops + 1) * sizeof *report->ops);
    struct wf_report_op *op = &report->ops[report->nops++];
    *op = (struct wf_report_op){
        .path = keep(report, record->path),
        .state = record->state,
        .begun_ms = record->intent_ms,
        .ended_ms = record->outcome_ms,
        .item = WF_REPORT_NO_ITEM,
    };
    return op;
}

/* The step of a call that only read: as the definition says, else the task's name. */
static const char *reader(struct wf__report_build *build, const char *path)
{
    struct wf_place place;
    const char *name = "step";
    wf_report_place(build->report, path, &place);
    if (place.count) {
        const struct wf_place_task *task = &place.tasks[place.count - 1];
        const struct wf_node *call = task->node ? wf_node_get(task->node, "call") : NULL;
        name = word(build, call && call->kind == WF_NODE_STRING ? call->text : task->name);
    }
    wf_place_done(&place);
    return name;
}

static void read_step(struct wf__report_build *build, const struct wf_record *record)
{
    struct wf_report_op *op = add_op(build, record);
    if (record->intent.ptr)
        read_intent(build, op, record->intent);
    if (record->state == WF_REC_FAULT)
        read_fault(build, op, record->outcome);
    if (op->effect || record->state == WF_REC_FAULT)
        op->answer = keep_bytes(build->report, record->outcome);
}

/* A timer or a gate. Time-outs are none: what they limit is on the way meanwhile. */
static void read_wait(struct wf__report_build *build, const struct wf_record *record)
{
    if (ends_with(record->path, "/timeout"))
        return;
    jv intent = parse(record->intent);
    struct wf_report_op *op = add_op(build, record);
    op->wait = true;
    op->wake_ms = (int64_t)wf_val_number(&intent, "wake", 0);
    jv_free(intent);
}

static void read_sub(struct wf__report_build *build, const struct wf_record *record)
{
    struct wf_report *report = build->report;
    jv choice = parse(record->outcome);
    uint8_t digest[WF_SHA256_SIZE];
    if (wf_sha256_read(wf_val_string(&choice, "sha256", ""), digest)) {
        report->subs = wf_realloc(report->subs, (report->nsubs + 1) * sizeof *report->subs);
        struct wf__report_sub *sub = &report->subs[report->nsubs++];
        *sub = (struct wf__report_sub){.path = wf_arena_memdup(report->arena, record->path, strlen(record->path) - 11)};
        memcpy(sub->sha256, digest, sizeof digest);
    }
    jv_free(choice);
}

/* "#ended", "#failed" behind an iteration and "#resolved/N" behind an operation: seen to once all operations are known. */
static void read_fact(struct wf__report_build *build, const struct wf_record *record)
{
    const char *mark = strrchr(record->path, '#');
    if (ends_with(record->path, "/definition"))
        read_sub(build, record);
    if (!mark || mark == record->path)
        return;
    if (strcmp(mark, "#ended") != 0 && strcmp(mark, "#failed") != 0 && strncmp(mark, "#resolved/", 10) != 0)
        return;
    build->facts = wf_realloc(build->facts, (build->nfacts + 1) * sizeof *build->facts);
    build->facts[build->nfacts++] = (struct wf__report_fact){
        .path = wf_arena_memdup(build->report->arena, record->path, (size_t)(mark - record->path)),
        .word = word(build, mark[1] == 'r' ? "resolved" : mark + 1),
        .json = keep_bytes(build->report, record->outcome),
        .at_ms = record->outcome_ms,
    };
}

static void read_record(void *arg, const struct wf_record *record)
{
    struct wf__report_build *build = arg;
    struct wf_report *report = build->report;
    int64_t at = record->outcome_ms ? record->outcome_ms : record->intent_ms;
    report->last_ms = at > report->last_ms ? at : report->last_ms;
    if (record->kind == WF_OP_STEP)
        read_step(build, record);
    else if (record->kind == WF_OP_TIMER || record->kind == WF_OP_EVENT)
        read_wait(build, record);
    else if (record->kind == WF_OP_FACT)
        read_fact(build, record);
}

/* ---- places ---- */

static int compare_subs(const void *a, const void *b)
{
    return strcmp(((const struct wf__report_sub *)a)->path, ((const struct wf__report_sub *)b)->path);
}

static const struct wf_pinned_def *sub_def(void *arg, const char *path, size_t len)
{
    struct wf_report *report = arg;
    size_t low = 0, high = report->nsubs;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct wf__report_sub *sub = &report->subs[middle];
        int order = strncmp(sub->path, path, len);
        if (order == 0 && !sub->path[len])
            return wf_pinned_get(&report->pinned, sub->sha256, NULL);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void wf_report_place(const struct wf_report *report, const char *path, struct wf_place *ret)
{
    wf_place_find(path, report->main_def, sub_def, (void *)(uintptr_t)report, ret);
}

/* ---- the output ---- */

static bool shows(struct wf_report *report, const struct wf_def *def)
{
    struct wf_err err = {0};
    if (!def || !def->report.ncolumns || wf_table_report(&def->report, &report->run->output, &report->table, &err) < 0)
        return false;
    report->reporter = def;
    report->has_table = true;
    return true;
}

static size_t depth_of(const char *path)
{
    size_t depth = 0;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

/* The workflow's own report, else that of the outermost sub-workflow that fits: the caller passed its output on. */
static void read_output(struct wf_report *report)
{
    struct wf_err err = {0};
    if (report->run->status != WF_RUN_COMPLETED || !jv_is_valid(report->run->output))
        return;
    bool own = report->main_def && report->main_def->def && report->main_def->def->report.ncolumns;
    if (own)
        (void)shows(report, report->main_def->def);
    size_t least = SIZE_MAX;
    for (size_t i = 0; !own && i < report->nsubs; i++)
        least = depth_of(report->subs[i].path) < least ? depth_of(report->subs[i].path) : least;
    for (size_t i = report->nsubs; !own && i > 0 && !report->reporter; i--) {
        const struct wf__report_sub *sub = &report->subs[i - 1];
        const struct wf_pinned_def *def =
            depth_of(sub->path) == least ? wf_pinned_get(&report->pinned, sub->sha256, NULL) : NULL;
        (void)shows(report, def ? def->def : NULL);
    }
    if (!report->reporter)
        return;
    jv attention;
    if (wf_attention_of(&report->reporter->report, &report->run->output, &attention, &err) == 0) {
        jv_free(report->attention);
        report->attention = attention;
    }
}

static const char *title_of(const struct wf_report *report)
{
    const struct wf_def *main_def = report->main_def ? report->main_def->def : NULL;
    if (main_def && main_def->report.title)
        return main_def->report.title;
    return main_def && main_def->title ? main_def->title : report->run->name;
}

/* ---- all of it ---- */

static void build_done(struct wf__report_build *build)
{
    for (size_t i = 0; build->labels && i < build->report->nloops; i++)
        jv_free(build->labels[i]);
    free(build->labels);
    free(build->facts);
}

int wf_report_new(struct wf_state *state, const struct wf_state_run *run, struct wf_report **ret, struct wf_err *err)
{
    struct wf_report *report = wf_calloc(1, sizeof *report);
    struct wf__report_build build = {.report = report};
    *report = (struct wf_report){
        .run = run,
        .arena = wf_arena_new(ARENA_MAX),
        .attention = jv_array(),
        .cancelled = jv_invalid(),
        .suspended = jv_invalid(),
        .undone = jv_invalid(),
        .first_ms = run->started_ms,
        .last_ms = wf_state_is_final(run->status) ? run->updated_ms : run->started_ms,
    };
    jv sandbox = wf_val_get(&run->meta, "sandbox");
    report->rehearsal = jv_is_valid(sandbox);
    jv_free(sandbox);
    wf_pinned_init(&report->pinned, state->ops, state->backend);
    report->main_def = wf_pinned_get(&report->pinned, run->definition, wf_val_string(&run->meta, "file", NULL));
    int rc = wf_state_doubts(state->ops, state->backend, run->id, &report->doubts, err);
    if (rc == 0)
        rc = wf_waits_read(state->ops, state->backend, run->id, &report->waits, err);
    if (rc == 0)
        rc = wf_lock_waits_read(state, run, &report->locks, err);
    if (rc == 0)
        rc = state->ops->notes(state->backend, run->id, read_note, &build, err);
    if (rc == 0)
        rc = state->ops->history(state->backend, run->id, read_record, &build, err);
    if (rc < 0) {
        build_done(&build);
        wf_report_free(report);
        return rc;
    }
    if (report->nsubs)
        qsort(report->subs, report->nsubs, sizeof *report->subs, compare_subs);
    for (size_t i = 0; i < report->nops; i++)
        if (!report->ops[i].step && !report->ops[i].wait)
            report->ops[i].step = reader(&build, report->ops[i].path);
    wf__report_items(&build);
    wf__report_money(report);
    read_output(report);
    report->title = title_of(report);
    build_done(&build);
    *ret = report;
    return 0;
}

void wf_report_free(struct wf_report *report)
{
    if (!report)
        return;
    if (report->has_table)
        wf_table_done(&report->table);
    jv_free(report->attention);
    jv_free(report->cancelled);
    jv_free(report->suspended);
    jv_free(report->undone);
    wf_waits_done(&report->waits);
    wf_lock_waits_done(&report->locks);
    wf_doubts_done(&report->doubts);
    wf_pinned_done(&report->pinned);
    wf_arena_free(report->arena);
    free(report->ops);
    free(report->items);
    free(report->loops);
    free(report->money);
    free(report->rollbacks);
    free(report->subs);
    free(report);
}
