/* mem_query.c: what is kept of ephemeral runs beside their records, and reading it all. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/mem_backend.h"

/* ---- runs ---- */

static void tell_row(const struct wf__mem_run *run, void (*row)(void *, const struct wf_run_row *), void *arg)
{
    const struct wf_run_row one = {
        .run_id = run->start.run_id,
        .namespace_ = run->start.namespace_,
        .name = run->start.name,
        .version = run->start.version,
        .status = run->status,
        .held = run->ref != NULL,
        .imported = run->imported,
        .started_ms = run->start.started_ms,
        .updated_ms = run->updated_ms,
        .records = run->map.rows,
        .start = run->start,
        .output = {run->output, run->output_len},
    };

    row(arg, &one);
}

/* The run that an id, or the beginning of one, means. */
static int pick(const struct wf_backend *backend, const char *id, const struct wf__mem_run **ret, struct wf_err *err)
{
    const struct wf__mem_run *found = wf__mem_find(backend, id);
    size_t matches = 0;

    for (const struct wf__mem_run *run = backend->runs; !found && run; run = run->next)
        matches += strncmp(run->start.run_id, id, strlen(id)) == 0;
    if (!found && matches == 0)
        return wf__mem_not_found(id, err);
    if (matches > 1)
        return wf_err_set(err, WF_ENOTFOUND, "%zu runs begin with %s; give more of the id", matches, id);
    for (const struct wf__mem_run *run = backend->runs; !found && run; run = run->next) {
        if (strncmp(run->start.run_id, id, strlen(id)) == 0)
            found = run;
    }
    *ret = found;
    return 0;
}

int wf__mem_query(struct wf_backend *backend, const struct wf_query *asked,
    void (*row)(void *arg, const struct wf_run_row *), void *arg, struct wf_err *err)
{
    const struct wf__mem_run *only = NULL;
    unsigned count = 0;
    int rc = asked->run_id ? pick(backend, asked->run_id, &only, err) : 0;

    if (rc != 0)
        return rc;
    for (const struct wf__mem_run *run = backend->runs; run; run = run->next) {
        if ((only && run != only) || (asked->name && strcmp(asked->name, run->start.name) != 0) ||
            (asked->status >= 0 && (int)run->status != asked->status))
            continue;
        tell_row(run, row, arg);
        if (++count == asked->limit)
            break;
    }
    return 0;
}

int wf__mem_history(struct wf_backend *backend, const char *run_id, void (*record)(void *arg, const struct wf_record *),
    void *arg, struct wf_err *err)
{
    const struct wf__mem_run *run = wf__mem_find(backend, run_id);

    if (!run)
        return wf__mem_not_found(run_id, err);
    wf__opmap_each(&run->map, record, arg);
    return 0;
}

/* ---- notes, in the order of their keys ---- */

static void put_note(struct wf__mem_run *run, const char *key, struct wf_slice json)
{
    struct wf__mem_note **link = &run->notes, *old;

    while (*link && strcmp((*link)->key, key) < 0)
        link = &(*link)->next;
    old = *link;
    if (!old || strcmp(old->key, key) != 0) {
        if (wf__note_is_none(json))
            return;
        *link = wf_calloc(1, sizeof **link);
        (*link)->key = wf_strdup(key);
        (*link)->next = old;
    } else if (wf__note_is_none(json)) {
        *link = old->next;
        free(old->key);
        free(old->json);
        free(old);
        return;
    }
    free((*link)->json);
    (*link)->json = wf_memdup(json.ptr, json.len);
    (*link)->len = json.len;
}

void wf__mem_note(struct wf_run_ref *ref, const char *key, struct wf_slice json)
{
    put_note(wf__mem_find(ref->backend, ref->run_id), key, json);
}

int wf__mem_annotate(
    struct wf_backend *backend, const char *run_id, const char *key, struct wf_slice json, struct wf_err *err)
{
    struct wf__mem_run *run = wf__mem_find(backend, run_id);

    if (!run)
        return wf__mem_not_found(run_id, err);
    put_note(run, key, json);
    return 0;
}

int wf__mem_notes(struct wf_backend *backend, const char *run_id,
    void (*each)(void *arg, const char *key, struct wf_slice), void *arg, struct wf_err *err)
{
    const struct wf__mem_run *run = wf__mem_find(backend, run_id);

    if (!run)
        return wf__mem_not_found(run_id, err);
    for (const struct wf__mem_note *one = run->notes; one; one = one->next)
        each(arg, one->key, (struct wf_slice){one->json, one->len});
    return 0;
}

/* ---- definitions ---- */

static struct wf__mem_definition *find_definition(
    const struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE])
{
    struct wf__mem_definition *one = backend->definitions;

    while (one && memcmp(one->sha256, sha256, WF_SHA256_SIZE) != 0)
        one = one->next;
    return one;
}

int wf__mem_put_definition(
    struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *err)
{
    struct wf__mem_definition *one;

    (void)err;
    if (find_definition(backend, sha256))
        return 0;
    one = wf_calloc(1, sizeof *one);
    memcpy(one->sha256, sha256, WF_SHA256_SIZE);
    one->text = wf_memdup(text, len);
    one->len = len;
    one->next = backend->definitions;
    backend->definitions = one;
    return 0;
}

int wf__mem_get_definition(struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE], char **ret_text,
    size_t *ret_len, struct wf_err *err)
{
    const struct wf__mem_definition *one = find_definition(backend, sha256);

    if (!one)
        return wf_err_set(err, WF_ENOTFOUND, "the run's definition is not in the journal");
    *ret_text = wf_memdup(one->text, one->len);
    *ret_len = one->len;
    return 0;
}
