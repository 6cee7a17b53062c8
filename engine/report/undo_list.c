/* undo_list.c: effects of a run, from its records. See undo_list.h. */
#include "report/undo_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/oppath.h"
#include "report/place.h"

/* ---- what a run's notes say ---- */

static void take_loop(void *arg, const char *key, struct wf_slice json)
{
    struct wf_undo_list *list = arg;
    jv value;
    if (strncmp(key, "loop ", 5) == 0 && wf_val_parse(json.ptr, json.len, &value, NULL) == 0) {
        jv labels = wf_val_get(&value, "labels");
        if (jv_get_kind(labels) == JV_KIND_ARRAY)
            list->loops = wf_val_set(list->loops, key + 5, labels);
        else
            jv_free(labels);
        jv_free(value);
    }
}

/* ---- groups ---- */

/* The outermost iteration with a label around a path: its length, and the label. 0: there is none. */
static size_t iteration_of(const struct wf_undo_list *list, const char *path, jv *ret_label)
{
    size_t shortest = 0;
    *ret_label = jv_null();
    jv_object_foreach(list->loops, key, labels) {
        const char *loop = jv_string_value(key), *rest = path + strlen(loop);
        char *end = NULL;
        long index = -1;
        if (wf_oppath_is_in(path, loop) && strncmp(rest, "/for/", 5) == 0)
            index = strtol(rest + 5, &end, 10);
        if (index >= 0 && (*end == '/' || *end == '\0') && (!shortest || (size_t)(end - path) < shortest)) {
            shortest = (size_t)(end - path);
            jv_free(*ret_label);
            *ret_label = jv_array_get(jv_copy(labels), (int)index);
        }
        jv_free(key);
        jv_free(labels);
    }
    return shortest;
}

static size_t group_of(struct wf_undo_list *list, const char *path)
{
    jv label;
    size_t len = iteration_of(list, path, &label);
    char *iteration = wf_memdup(path, len);
    size_t at = 0;
    while (at < list->ngroups && strcmp(list->groups[at].path, iteration) != 0)
        at++;
    if (at == list->ngroups) {
        const char *name = jv_get_kind(label) == JV_KIND_STRING ? jv_string_value(label) : NULL;
        list->groups = wf_realloc(list->groups, (list->ngroups + 1) * sizeof *list->groups);
        list->groups[list->ngroups++] =
            (struct wf_undo_group){iteration, name || !len ? wf_strdup(name ? name : "") : wf_place_words(iteration)};
    } else {
        free(iteration);
    }
    jv_free(label);
    return at;
}

/* ---- reading ---- */

static void add(struct wf_undo_list *list, const struct wf_record *record)
{
    jv intent;
    if (record->kind != WF_OP_STEP || !record->intent.ptr || record->state == WF_REC_FAULT ||
        wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
        return;
    if (*wf_val_string(&intent, "mode", "")) { /* an undo */
        jv_free(intent);
        return;
    }
    size_t group = group_of(list, record->path);
    list->ops = wf_realloc(list->ops, (list->nops + 1) * sizeof *list->ops);
    list->ops[list->nops++] = (struct wf_undo_op){
        .record = record,
        .step = wf_strdup(wf_val_string(&intent, "step", "")),
        .version = wf_strdup(wf_val_string(&intent, "version", "")),
        .key = wf_strdup(wf_val_string(&intent, "key", "")),
        .place = wf_place_words(record->path + strlen(list->groups[group].path)),
        .group = group,
        .chosen = true,
    };
    list->doubtful = list->doubtful || record->state == WF_REC_INTENT;
    jv_free(intent);
}

static int the_last_first(const void *a, const void *b)
{
    const struct wf_record *x = ((const struct wf_undo_op *)a)->record, *y = ((const struct wf_undo_op *)b)->record;
    uint64_t sx = x->seq ? x->seq : UINT64_MAX, sy = y->seq ? y->seq : UINT64_MAX;
    return sx != sy ? (sx < sy ? 1 : -1) : strcmp(x->path, y->path);
}

void wf_undo_op_decide(struct wf_undo_op *op, enum wf_undo_fate fate, const char *words)
{
    char *copy = words ? wf_strdup(words) : NULL;
    free(op->words);
    op->fate = fate;
    op->words = copy;
}

static bool is_same_effect(const struct wf_undo_op *op, const struct wf_record *record)
{
    jv intent;
    if (!record->intent.ptr || wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
        return false;
    bool is_same = strcmp(op->key, wf_val_string(&intent, "key", "")) == 0;
    jv_free(intent);
    return is_same;
}

/* What the rollback of a kin has undone. The same operation has the same path there, and the same idempotency key: a retry
 * does some again at the same path. */
static void mark_undone(struct wf_undo_list *list, const struct wf_past *kin, const struct wf_past *rollback)
{
    size_t *op_of = wf_calloc(list->past->count + 1, sizeof *op_of); /* from 1; 0: none */
    for (size_t i = 0; i < list->nops; i++)
        op_of[list->ops[i].record - list->past->records] = i + 1;
    for (size_t i = 0; i < rollback->count; i++) {
        const struct wf_record *record = &rollback->records[i];
        jv intent;
        if (record->kind != WF_OP_STEP || record->state != WF_REC_DONE || !record->intent.ptr ||
            wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
            continue;
        const char *path = wf_val_string(&intent, "undoes", "");
        const struct wf_record *undone = wf_past_find(kin, path), *own = wf_past_find(list->past, path);
        size_t op = own ? op_of[own - list->past->records] : 0;
        if (op && undone && is_same_effect(&list->ops[op - 1], undone))
            wf_undo_op_decide(&list->ops[op - 1], WF_UNDO_BEFORE, rollback->run_id);
        jv_free(intent);
    }
    free(op_of);
}

static int read_rollback(struct wf_state *state, struct wf_undo_list *list, const struct wf_past *kin,
    const char *run_id, struct wf_err *err)
{
    struct wf_state_run run;
    struct wf_past *past;
    if (!wf_state_has(state, run_id, &run))
        return 0; /* it was noted, and never begun */
    if (!wf_state_is_final(run.status) && !list->unfinished)
        list->unfinished = wf_strdup(run_id);
    int rc = wf_past_read(state->ops, state->backend, run_id, &past, err);
    if (rc == 0) {
        mark_undone(list, kin, past);
        wf_past_free(past);
    }
    wf_state_run_done(&run);
    return rc;
}

static int read_kin(struct wf_state *state, struct wf_undo_list *list, const char *run_id, struct wf_err *err)
{
    struct wf_run_ids rollbacks;
    struct wf_past *past = NULL;
    int rc = wf_state_noted(state, run_id, WF_NOTE_ROLLED_BACK_BY, &rollbacks, err);
    if (rc == 0 && rollbacks.count)
        rc = wf_past_read(state->ops, state->backend, run_id, &past, err);
    for (size_t i = 0; rc == 0 && i < rollbacks.count; i++)
        rc = read_rollback(state, list, past, rollbacks.items[i], err);
    wf_run_ids_done(&rollbacks);
    wf_past_free(past);
    return rc;
}

int wf_undo_list_read(struct wf_state *state, const char *run_id, struct wf_undo_list *ret, struct wf_err *err)
{
    struct wf_undo_list list = {.loops = jv_object()};
    int rc = wf_past_read(state->ops, state->backend, run_id, &list.past, err);
    if (rc == 0)
        rc = state->ops->notes(state->backend, run_id, take_loop, &list, err);
    if (rc == 0) {
        (void)group_of(&list, "");
        for (size_t i = 0; i < list.past->count; i++)
            add(&list, &list.past->records[i]);
        if (list.nops)
            qsort(list.ops, list.nops, sizeof *list.ops, the_last_first);
        rc = wf_kin_read(state, run_id, &list.kin, err);
    }
    for (size_t i = 0; rc == 0 && i < list.kin.count; i++)
        rc = read_kin(state, &list, list.kin.runs[i].id, err);
    if (rc == 0)
        *ret = list;
    else
        wf_undo_list_done(&list);
    return rc;
}

void wf_undo_list_done(struct wf_undo_list *list)
{
    for (size_t i = 0; i < list->nops; i++) {
        free(list->ops[i].step);
        free(list->ops[i].version);
        free(list->ops[i].key);
        free(list->ops[i].place);
        free(list->ops[i].words);
    }
    for (size_t i = 0; i < list->ngroups; i++) {
        free(list->groups[i].path);
        free(list->groups[i].label);
    }
    free(list->ops);
    free(list->groups);
    free(list->unfinished);
    wf_kin_done(&list->kin);
    wf_past_free(list->past);
    jv_free(list->loops);
}

/* ---- choosing ---- */

static int refuse_item(const struct wf_undo_list *list, const char *item, size_t labelled, struct wf_err *err)
{
    struct wf_buf names;
    wf_buf_init(&names, 300);
    for (size_t i = 1; i < list->ngroups; i++) {
        const struct wf_undo_group *group = &list->groups[i];
        if (labelled == 0 || strcmp(group->label, item) == 0)
            wf_buf_printf(&names, "%s%s", names.len ? ", " : "", labelled ? group->path : group->label);
    }
    char *text = wf_buf_take(&names);
    if (labelled == 0)
        wf_err_set(err, WF_ENOTFOUND, "--item %s: the run has done nothing under this label or path", item);
    else
        wf_err_set(err, WF_ENOTFOUND, "--item %s: %zu items are called so; say which by its path", item, labelled);
    if (text && *text)
        wf_err_hint(err, "there are: %s", text);
    free(text);
    return WF_ENOTFOUND;
}

static int choose(struct wf_undo_list *list, const char *item, struct wf_err *err)
{
    size_t labelled = 0, found = 0;
    for (size_t i = 1; i < list->ngroups; i++)
        labelled += strcmp(list->groups[i].label, item) == 0;
    for (size_t i = 0; labelled <= 1 && i < list->nops; i++) {
        struct wf_undo_op *op = &list->ops[i];
        bool is_meant = (op->group > 0 && strcmp(list->groups[op->group].label, item) == 0) ||
                        (item[0] == '/' && wf_oppath_is_in(op->record->path, item));
        op->chosen = op->chosen || is_meant;
        found += is_meant;
    }
    return found ? 0 : refuse_item(list, item, labelled, err);
}

int wf_undo_list_choose(struct wf_undo_list *list, const char *const *items, size_t count, struct wf_err *err)
{
    for (size_t i = 0; count && i < list->nops; i++)
        list->ops[i].chosen = false;
    for (size_t i = 0; i < count; i++) {
        int rc = choose(list, items[i], err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

size_t wf_undo_list_count(const struct wf_undo_list *list, enum wf_undo_fate fate)
{
    size_t count = 0;
    for (size_t i = 0; i < list->nops; i++)
        count += list->ops[i].chosen && list->ops[i].fate == fate;
    return count;
}

/* ---- judging ---- */

/* The last word of a person about an operation that was in doubt was: leave it out. */
static bool was_skipped(const struct wf_undo_list *list, const char *path)
{
    bool skipped = false;
    for (unsigned number = 1;; number++) {
        char *fact = wf_asprintf("%s#resolved/%u", path, number);
        const struct wf_record *record = wf_past_find(list->past, fact);
        jv value;
        free(fact);
        if (!record || wf_val_parse(record->outcome.ptr, record->outcome.len, &value, NULL) != 0)
            return skipped;
        skipped = strcmp(wf_val_string(&value, "as", ""), "skip") == 0;
        jv_free(value);
    }
}

static void judge(struct wf_undo_list *list, struct wf_undo_op *op, struct wf_hosting *hosting)
{
    const char *why = NULL;
    char *text = NULL;
    op->entry = wf_hosting_find(hosting, op->step, NULL);
    if (op->record->state == WF_REC_INTENT)
        why = "it began, and nobody knows whether it happened";
    else if (was_skipped(list, op->record->path))
        why = "it was in doubt and a person left it out: nobody knows whether it happened";
    else if (!op->entry)
        why = text = wf_asprintf("the step %s is not installed here", op->step);
    else if (strncmp(op->version, op->entry->plugin->version, strcspn(op->version, ".") + 1) != 0)
        why = text =
            wf_asprintf("%s %s did it, and %s is installed", op->step, op->version, op->entry->plugin->version);
    else if (!op->entry->type->undo)
        why = op->entry->type->no_undo ? op->entry->type->no_undo : "the step has no undo";
    else if (wf_slice_is_masked(op->record->intent))
        why = "its input held a secret, which is not kept; undo it by hand";
    if (why)
        wf_undo_op_decide(op, WF_UNDO_CANNOT, why);
    free(text);
}

void wf_undo_list_judge(struct wf_undo_list *list, struct wf_hosting *hosting)
{
    for (size_t i = 0; i < list->nops; i++)
        if (list->ops[i].chosen && list->ops[i].fate == WF_UNDO_WILL)
            judge(list, &list->ops[i], hosting);
}

char *wf_undo_op_input(const struct wf_undo_op *op)
{
    const struct wf_record *record = op->record;
    jv intent;
    if (wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
        return NULL;
    jv input = wf_val_get(&intent, "input");
    char *text = wf_val_text(&input);
    char *all = wf_asprintf("{\"input\":%s,\"output\":%.*s}", text, (int)record->outcome.len, record->outcome.ptr);
    free(text);
    jv_free(input);
    jv_free(intent);
    return all;
}
