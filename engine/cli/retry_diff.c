/* retry_diff.c: compares recorded operations with the calls of a definition, by path and step. See retry_diff.h. */
#include "cli/retry_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/cmd.h"
#include "report/place.h"

struct diff {
    struct wf_pinned pinned; /* sub-workflows, and the old definition */
    const struct wf_past *past;
    struct wf_pinned_def now;
};

/* The sub-workflow that the run found stays the one of its retry. */
static const struct wf_pinned_def *sub_of(void *arg, const char *path, size_t len)
{
    struct diff *diff = arg;
    char *fact = wf_asprintf("%.*s/definition", (int)len, path);
    const struct wf_record *record = wf_past_find(diff->past, fact);
    uint8_t sha256[WF_SHA256_SIZE];
    jv choice;
    free(fact);
    if (!record || wf_val_parse(record->outcome.ptr, record->outcome.len, &choice, NULL) != 0)
        return NULL;
    bool is_read = wf_sha256_read(wf_val_string(&choice, "sha256", ""), sha256);
    jv_free(choice);
    return is_read ? wf_pinned_get(&diff->pinned, sha256, NULL) : NULL;
}

/* The step that a definition calls at a path: its name without version. The caller frees; NULL: none. */
static char *step_at(struct diff *diff, const struct wf_pinned_def *def, const char *path)
{
    struct wf_place place;
    wf_place_find(path, def, sub_of, diff, &place);
    const struct wf_place_task *last = place.count ? &place.tasks[place.count - 1] : NULL;
    const struct wf_node *call = last && last->node ? wf_node_get(last->node, "call") : NULL;
    char *step = call && call->text ? wf_memdup(call->text, strcspn(call->text, ":@")) : NULL;
    wf_place_done(&place);
    return step;
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* ---- what has no place any more ---- */

/* 0: it is found again; else it was told of. */
static int tell_gone(
    struct diff *diff, const struct wf_pinned_def *old, const struct wf_record *record, bool *ret_refuse)
{
    jv intent = jv_null();
    bool effect = record->intent.ptr && wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) == 0;
    char *then = effect ? wf_strdup(wf_val_string(&intent, "step", "")) : step_at(diff, old, record->path);
    char *now = step_at(diff, &diff->now, record->path);
    const char *kind = effect ? wf_val_string(&intent, "effect", "") : "read";
    bool is_gone = !same(then, now), costly = effect && is_gone && strcmp(kind, "write") != 0;
    if (is_gone && effect && record->state == WF_REC_DONE) {
        fprintf(stderr, "  %s %s: %s, done (%s), ", costly ? "!" : "-", record->path, then, kind);
        fprintf(stderr, now ? "is %s now\n" : "is not in it\n", now);
        *ret_refuse = *ret_refuse || costly;
    }
    free(then);
    free(now);
    jv_free(intent);
    return is_gone;
}

/* ---- what is new ---- */

struct search {
    const struct wf_task *wanted;
    const struct wf_def *old;
    bool found;
};

static void look_at(void *arg, const struct wf_task *task)
{
    struct search *search = arg;
    search->found = search->found || (task->kind == WF_TASK_CALL && strcmp(task->ref, search->wanted->ref) == 0 &&
                                         strcmp(task->call.name, search->wanted->call.name) == 0);
}

static void tell_new(void *arg, const struct wf_task *task)
{
    struct search *search = arg;
    if (task->kind != WF_TASK_CALL)
        return;
    search->wanted = task;
    search->found = false;
    wf_task_each(&search->old->body, look_at, search);
    if (!search->found)
        fprintf(stderr, "  + %s: %s\n", task->ref, task->call.name);
}

/* ---- all ---- */

int wf_retry_diff(
    struct wf_state *state, const struct wf_state_run *run, const struct wf_retry_pick *pick, const struct wf_def *def)
{
    struct diff diff = {.past = pick->past,
        .now = {.text = (char *)(uintptr_t)def->source,
            .len = def->source_len,
            .root = def->root,
            .def = (struct wf_def *)(uintptr_t)def}};
    size_t found = 0, gone = 0;
    bool refuse = false;
    if (strcmp(run->name, def->name) != 0 || strcmp(run->namespace_, def->namespace_) != 0) {
        fprintf(stderr, "wfrun: retry: run %s is of %s/%s, and the definition is %s/%s\n", run->id, run->namespace_,
            run->name, def->namespace_, def->name);
        return WF_EXIT_USAGE;
    }
    wf_pinned_init(&diff.pinned, state->ops, state->backend);
    const struct wf_pinned_def *old = wf_pinned_get(&diff.pinned, run->definition, NULL);
    fprintf(stderr, "\nWhat the corrected definition changes for run %s\n", run->id);
    for (size_t i = 0; i < pick->past->count; i++) {
        if (!pick->keep[i] || pick->past->records[i].kind != WF_OP_STEP)
            continue;
        if (old && tell_gone(&diff, old, &pick->past->records[i], &refuse))
            gone++;
        else
            found++;
    }
    if (old && old->def)
        wf_task_each(&def->body, tell_new, &(struct search){.old = old->def});
    fprintf(stderr, "%zu recorded operations have the same place and step, %zu have not; %zu are done again\n\n", found,
        gone, pick->again);
    wf_pinned_done(&diff.pinned);
    if (!refuse)
        return 0;
    fprintf(stderr,
        "wfrun: retry: what is marked with ! is done and cost money, and the definition has no place for it\n"
        "  hint: keep those tasks where they were, or take them back first: wfrun rollback %s\n",
        run->id);
    return WF_EXIT_USAGE;
}
