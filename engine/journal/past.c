/* past.c: a run's records as an array. See past.h. */
#include "config.h" /* _GNU_SOURCE, for qsort_r and memmem */

#include "journal/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

struct reading {
    struct wf_past *past;
    size_t cap;
};

static struct wf_slice copy(struct wf_arena *arena, struct wf_slice text)
{
    return text.ptr ? (struct wf_slice){wf_arena_memdup(arena, text.ptr, text.len), text.len} : text;
}

static void add(void *arg, const struct wf_record *record)
{
    struct reading *reading = arg;
    struct wf_past *past = reading->past;
    struct wf_record *kept;

    if (past->count == reading->cap) {
        reading->cap = reading->cap ? reading->cap * 2 : 64;
        past->records = wf_realloc(past->records, reading->cap * sizeof *past->records);
    }
    kept = &past->records[past->count++];
    *kept = *record;
    kept->path = wf_arena_strdup(past->arena, record->path);
    kept->intent = copy(past->arena, record->intent);
    kept->outcome = copy(past->arena, record->outcome);
}

static int by_path(const void *a, const void *b, void *arg)
{
    const struct wf_record *records = arg;

    return strcmp(records[*(const size_t *)a].path, records[*(const size_t *)b].path);
}

int wf_past_read(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id, struct wf_past **ret,
    struct wf_err *err)
{
    struct wf_past *past = wf_calloc(1, sizeof *past);
    struct reading reading = {past, 0};
    int rc;

    past->arena = wf_arena_new(SIZE_MAX);
    past->run_id = wf_strdup(run_id);
    rc = ops->history(backend, run_id, add, &reading, err);
    if (rc != 0) {
        wf_past_free(past);
        return rc;
    }
    past->by_path = wf_calloc(past->count + 1, sizeof *past->by_path);
    for (size_t i = 0; i < past->count; i++)
        past->by_path[i] = i;
    qsort_r(past->by_path, past->count, sizeof *past->by_path, by_path, past->records);
    *ret = past;
    return 0;
}

void wf_past_free(struct wf_past *past)
{
    if (!past)
        return;
    wf_arena_free(past->arena);
    free(past->run_id);
    free(past->records);
    free(past->by_path);
    free(past);
}

const struct wf_record *wf_past_find(const struct wf_past *past, const char *path)
{
    size_t low = 0, high = past->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct wf_record *record = &past->records[past->by_path[middle]];
        int order = strcmp(path, record->path);

        if (order == 0)
            return record;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool wf_slice_is_masked(struct wf_slice text)
{
    return text.ptr && memmem(text.ptr, text.len, "***", 3);
}
