/* bundle.c: bundles out of journals and into them. See bundle.h. */
#include "journal/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/chain.h"
#include "value/val.h"

struct taking {
    struct wf_bundle *bundle;
    size_t rows_cap, notes_cap;
};

static struct wf_slice keep(struct wf_arena *arena, struct wf_slice text)
{
    return text.ptr ? (struct wf_slice){wf_arena_memdup(arena, text.ptr, text.len), text.len} : text;
}

/* ---- out of a journal ---- */

static void take_run(void *arg, const struct wf_run_row *row)
{
    struct wf_bundle *bundle = arg;
    struct wf_arena *arena = bundle->arena;

    bundle->start = row->start;
    bundle->start.run_id = wf_arena_strdup(arena, row->run_id);
    bundle->start.namespace_ = wf_arena_strdup(arena, row->namespace_);
    bundle->start.name = wf_arena_strdup(arena, row->name);
    bundle->start.version = wf_arena_strdup(arena, row->version);
    bundle->start.input = keep(arena, row->start.input);
    bundle->start.meta = keep(arena, row->start.meta);
    bundle->output = keep(arena, row->output);
    bundle->held = row->held;
    bundle->imported = row->imported;
}

static void take_row(void *arg, const struct wf_log_row *row)
{
    struct taking *taking = arg;
    struct wf_bundle *bundle = taking->bundle;
    struct wf_log_row *kept;

    if (bundle->nrows == taking->rows_cap) {
        taking->rows_cap = taking->rows_cap ? taking->rows_cap * 2 : 64;
        bundle->rows = wf_realloc(bundle->rows, taking->rows_cap * sizeof *bundle->rows);
    }
    kept = &bundle->rows[bundle->nrows++];
    *kept = *row; /* kind and state are words that never go away */
    kept->path = wf_arena_strdup(bundle->arena, row->path);
    kept->json = keep(bundle->arena, row->json);
}

static void take_note(void *arg, const char *key, struct wf_slice json)
{
    struct taking *taking = arg;
    struct wf_bundle *bundle = taking->bundle;

    if (bundle->nnotes == taking->notes_cap) {
        taking->notes_cap = taking->notes_cap ? taking->notes_cap * 2 : 16;
        bundle->notes = wf_realloc(bundle->notes, taking->notes_cap * sizeof *bundle->notes);
    }
    bundle->notes[bundle->nnotes++] =
        (struct wf_bundle_note){wf_arena_strdup(bundle->arena, key), keep(bundle->arena, json)};
}

/* ---- the definitions that a run stands on ---- */

struct source {
    const struct wf_backend_ops *ops;
    struct wf_backend *backend;
};

static bool has_text(const struct wf_bundle *bundle, const uint8_t sha256[WF_SHA256_SIZE])
{
    for (size_t i = 0; i < bundle->ntexts; i++)
        if (memcmp(bundle->texts[i].sha256, sha256, WF_SHA256_SIZE) == 0)
            return true;
    return false;
}

static int take_text(
    struct wf_bundle *bundle, const struct source *from, const uint8_t sha256[WF_SHA256_SIZE], struct wf_err *err)
{
    char hex[WF_SHA256_TEXT], *text;
    uint8_t is[WF_SHA256_SIZE];
    struct wf_bundle_text *kept;
    size_t len;
    int rc;

    if (has_text(bundle, sha256))
        return 0;
    rc = from->ops->get_definition(from->backend, sha256, &text, &len, err);
    if (rc != 0)
        return rc;
    wf_sha256(text, len, is);
    wf_sha256_text(sha256, hex);
    if (memcmp(is, sha256, sizeof is) != 0) {
        free(text);
        return wf_err_set(err, WF_ECORRUPT, "the definition %.12s... of the run %s is not what was written", hex,
            bundle->start.run_id);
    }
    bundle->texts = wf_realloc(bundle->texts, (bundle->ntexts + 1) * sizeof *bundle->texts);
    kept = &bundle->texts[bundle->ntexts++];
    *kept = (struct wf_bundle_text){.text = {wf_arena_memdup(bundle->arena, text, len), len}};
    memcpy(kept->sha256, sha256, sizeof kept->sha256);
    free(text);
    return 0;
}

/* json has a digest at this place, or says that there is no definition. */
static int take_named(
    struct wf_bundle *bundle, const struct source *from, struct wf_slice json, const char *key, struct wf_err *err)
{
    uint8_t sha256[WF_SHA256_SIZE];
    jv value;
    int rc = 0;

    if (!json.ptr || wf_val_parse(json.ptr, json.len, &value, NULL) != 0)
        return 0;
    if (wf_sha256_read(wf_val_string(&value, key, ""), sha256))
        rc = take_text(bundle, from, sha256, err);
    jv_free(value);
    return rc;
}

static int take_plan(struct wf_bundle *bundle, const struct source *from, struct wf_err *err)
{
    jv meta, terms;
    char *text;
    int rc;

    if (!bundle->start.meta.ptr || wf_val_parse(bundle->start.meta.ptr, bundle->start.meta.len, &meta, NULL) != 0)
        return 0;
    terms = wf_val_get(&meta, "terms");
    text = wf_val_text(&terms);
    rc = take_named(bundle, from, (struct wf_slice){text, text ? strlen(text) : 0}, "plan", err);
    if (rc == 0 && bundle->ntexts > 1) /* behind the workflow */
        bundle->texts[bundle->ntexts - 1].plan = true;
    free(text);
    jv_free(terms);
    jv_free(meta);
    if (rc == WF_ENOTFOUND && bundle->imported) { /* it was redacted, and its digest is that of another text */
        *err = (struct wf_err){0};
        rc = 0;
    }
    return rc;
}

static bool is_choice(const struct wf_log_row *row) /* of a sub-workflow's definition */
{
    static const char word[] = "/definition";
    size_t len = strlen(row->path);

    return strcmp(row->kind, "fact") == 0 && len > strlen(word) && strcmp(row->path + len - strlen(word), word) == 0;
}

static int take_texts(struct wf_bundle *bundle, const struct source *from, struct wf_err *err)
{
    int rc = take_text(bundle, from, bundle->start.definition, err);

    if (rc == 0)
        rc = take_plan(bundle, from, err);
    for (size_t i = 0; i < bundle->nrows && rc == 0; i++)
        if (is_choice(&bundle->rows[i]))
            rc = take_named(bundle, from, bundle->rows[i].json, "sha256", err);
    return rc;
}

int wf_bundle_take(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id,
    struct wf_bundle **ret, struct wf_err *err)
{
    const struct wf_query asked = {.run_id = run_id, .status = -1};
    const struct source from = {ops, backend};
    struct wf_bundle *bundle = wf_calloc(1, sizeof *bundle);
    struct taking taking = {.bundle = bundle};
    int rc;

    bundle->arena = wf_arena_new(SIZE_MAX);
    rc = ops->query(backend, &asked, take_run, bundle, err);
    if (rc == 0)
        rc = ops->log(backend, bundle->start.run_id, take_row, &taking, &bundle->chain, err);
    if (rc == 0)
        rc = ops->notes(backend, bundle->start.run_id, take_note, &taking, err);
    if (rc == 0)
        rc = take_texts(bundle, &from, err);
    if (rc == 0)
        *ret = bundle;
    else
        wf_bundle_free(bundle);
    return rc;
}

void wf_bundle_free(struct wf_bundle *bundle)
{
    if (!bundle)
        return;
    wf_arena_free(bundle->arena);
    free(bundle->rows);
    free(bundle->texts);
    free(bundle->notes);
    free(bundle);
}

static bool is_redacted(struct wf_slice text, const struct wf_digest *written)
{
    const struct wf_digest is = wf__digest_of(text);

    return strcmp(is.hex, written->hex) != 0;
}

size_t wf_bundle_redacted(const struct wf_bundle *bundle)
{
    size_t count = (size_t)is_redacted(bundle->start.input, &bundle->chain.input) +
                   is_redacted(bundle->start.meta, &bundle->chain.meta) +
                   is_redacted(bundle->output, &bundle->chain.output);

    for (size_t i = 0; i < bundle->nrows; i++)
        count += bundle->rows[i].redacted;
    for (size_t i = 0; i < bundle->ntexts; i++)
        count += bundle->texts[i].redacted;
    return count;
}

/* ---- into a journal ---- */

/* The caller frees. */
static struct wf_seed *seeds(const struct wf_bundle *bundle, struct wf_err *err)
{
    struct wf_seed *rows = wf_calloc(bundle->nrows + 1, sizeof *rows);

    for (size_t i = 0; i < bundle->nrows; i++) {
        const struct wf_log_row *row = &bundle->rows[i];

        rows[i] = (struct wf_seed){.path = row->path,
            .at_ms = row->at_ms,
            .json = row->json,
            .digest = row->redacted ? &row->digest : NULL,
            .link = &row->link};
        if (wf__kind_read(row->kind, &rows[i].kind, err) != 0 || wf__state_read(row->state, &rows[i].state, err) != 0) {
            free(rows);
            return NULL;
        }
    }
    return rows;
}

/* redacted: also those that are not what was written. */
static int put_texts(const struct wf_bundle *bundle, bool redacted, const struct wf_backend_ops *ops,
    struct wf_backend *backend, struct wf_err *err)
{
    int rc = 0;

    for (size_t i = 0; i < bundle->ntexts && rc == 0; i++)
        if (redacted || !bundle->texts[i].redacted)
            rc = ops->put_definition(
                backend, bundle->texts[i].sha256, bundle->texts[i].text.ptr, bundle->texts[i].text.len, err);
    return rc;
}

int wf_bundle_adopt(
    const struct wf_bundle *bundle, const struct wf_backend_ops *ops, struct wf_backend *backend, struct wf_err *err)
{
    struct wf_seed *rows = seeds(bundle, err);
    int rc;

    if (!rows)
        return WF_EMISMATCH;
    rc = ops->adopt(backend, &bundle->start, rows, bundle->nrows, bundle->output, &bundle->chain, err);
    free(rows);
    if (rc == 0)
        rc = put_texts(bundle, false, ops, backend, err);
    for (size_t i = 0; i < bundle->nnotes && rc == 0; i++)
        rc = ops->annotate(backend, bundle->start.run_id, bundle->notes[i].key, bundle->notes[i].json, err);
    return rc;
}

int wf_bundle_seed(
    const struct wf_bundle *bundle, const struct wf_backend_ops *ops, struct wf_backend *backend, struct wf_err *err)
{
    struct wf_seed *rows = seeds(bundle, err);
    int rc;

    if (!rows)
        return WF_EMISMATCH;
    rc = put_texts(bundle, true, ops, backend, err);
    if (rc == 0)
        rc = ops->seed(backend, &bundle->start, rows, bundle->nrows, WF_RUN_WAITING, (struct wf_slice){NULL, 0}, err);
    free(rows);
    return rc;
}
