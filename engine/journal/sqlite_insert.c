/* sqlite_insert.c: runs, and what is put into them while nobody drives them. Loop thread. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/sqlite_backend.h"

static int refuse_read_only(const struct wf_backend *backend, struct wf_err *err)
{
    return wf_err_set(err, WF_EINVAL, "the journal %s was opened for reading only", backend->file);
}

static int insert_start(
    struct wf_backend *backend, const struct wf_start *start, const struct wf__past *past, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(backend->db,
        "INSERT INTO run(id, namespace, name, version, definition, input, meta, format, status, started_ms, updated_ms,"
        " epoch, owner, output, imported_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?13, ?14)",
        &statement, err);

    if (rc != 0)
        return rc;
    wf__db_bind_text(statement, 1, start->run_id);
    wf__db_bind_text(statement, 2, start->namespace_ ? start->namespace_ : "");
    wf__db_bind_text(statement, 3, start->name ? start->name : "");
    wf__db_bind_text(statement, 4, start->version ? start->version : "");
    sqlite3_bind_blob(statement, 5, start->definition, WF_SHA256_SIZE, SQLITE_STATIC);
    wf__db_bind_slice(statement, 6, start->input);
    wf__db_bind_slice(statement, 7, start->meta);
    sqlite3_bind_int(statement, 8, past && past->origin ? past->origin->format : WF_JOURNAL_FORMAT);
    wf__db_bind_text(statement, 9, wf__status_word(past ? past->status : WF_RUN_RUNNING));
    sqlite3_bind_int64(statement, 10, start->started_ms);
    sqlite3_bind_int64(statement, 11, past ? past->updated_ms : start->started_ms);
    sqlite3_bind_int64(statement, 12, past ? 0 : getpid());
    if (past)
        wf__db_bind_slice(statement, 13, past->output);
    sqlite3_bind_int64(statement, 14, past && past->origin ? wf_loop_now_ms(backend->settings.loop) : 0);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

/* Of another journal's run, what its texts were before something was taken out of them. */
static void bind_digests(sqlite3_stmt *statement, const struct wf_chain *origin)
{
    wf__db_bind_text(statement, 3, origin ? origin->input.hex : NULL);
    wf__db_bind_text(statement, 4, origin ? origin->meta.hex : NULL);
    wf__db_bind_text(statement, 5, origin ? origin->output.hex : NULL);
}

int wf__run_insert(struct wf_backend *backend, const struct wf_start *start, const struct wf__past *past,
    struct wf_link *ret_first, struct wf_err *err)
{
    const struct wf_chain *origin = past ? past->origin : NULL;
    struct wf_digest input = wf__digest_kept(origin ? origin->input.hex : NULL, start->input);
    struct wf_digest meta = wf__digest_kept(origin ? origin->meta.hex : NULL, start->meta);
    sqlite3_stmt *statement;
    int64_t num;
    int rc = insert_start(backend, start, past, err);

    *ret_first = wf__link_start(start, origin ? origin->format : WF_JOURNAL_FORMAT, &input, &meta);
    num = sqlite3_last_insert_rowid(backend->db);
    if (rc == 0)
        rc = wf__db_prepare(backend->db,
            "INSERT INTO chain(run, start, records, head, input, meta, output) VALUES(?1, ?2, 0, ?2, ?3, ?4, ?5)",
            &statement, err);
    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    sqlite3_bind_blob(statement, 2, ret_first->hash, WF_SHA256_SIZE, SQLITE_STATIC);
    bind_digests(statement, origin);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

/* ---- a run with a past ---- */

static int refuse_known(struct wf_backend *backend, const char *run_id, struct wf_err *err)
{
    sqlite3_stmt *statement;
    struct wf__run_row found;
    int rc = wf__run_find(backend, run_id, &statement, &found, NULL);

    if (rc == WF_ENOTFOUND)
        return 0;
    if (rc != 0)
        return wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    return wf__refuse_taken(run_id, err);
}

static int insert_row(struct wf_backend *backend, sqlite3_stmt *statement, const struct wf__row *row,
    const struct wf_link *link, struct wf_err *err)
{
    wf__db_bind_text(statement, 2, row->path);
    wf__db_bind_text(statement, 3, wf__kind_word(row->kind));
    wf__db_bind_text(statement, 4, wf__state_word(row->state));
    sqlite3_bind_int64(statement, 5, (int64_t)row->seq);
    sqlite3_bind_int64(statement, 6, row->at_ms);
    wf__db_bind_slice(statement, 7, row->json);
    sqlite3_bind_blob(statement, 8, link->hash, WF_SHA256_SIZE, SQLITE_STATIC);
    wf__db_bind_text(statement, 9, row->digest);
    return wf__db_do(backend->db, statement, err);
}

/* link: of the start; then of the last row. */
static int insert_rows(struct wf_backend *backend, int64_t num, const struct wf_seed *rows, size_t count,
    struct wf_link *link, struct wf_err *err)
{
    struct wf__opmap map;
    sqlite3_stmt *statement;
    struct wf__row row;
    uint64_t seq = 0;
    int rc = wf__db_prepare(backend->db,
        "INSERT INTO op(run, path, kind, state, seq, at_ms, json, hash, digest)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &statement, err);

    if (rc != 0)
        return rc;
    wf__opmap_init(&map);
    sqlite3_bind_int64(statement, 1, num);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = wf__seed_row(&rows[i], &seq, &row, err);
        if (rc == 0 && !wf__opmap_add(&map, &row, false))
            rc = wf__refuse_row(row.path, err);
        if (rc != 0)
            break;
        *link = wf__link_record(link, &row, NULL);
        rc = insert_row(backend, statement, &row, link, err);
    }
    sqlite3_finalize(statement);
    wf__opmap_done(&map);
    return rc;
}

static int close_chain(struct wf_backend *backend, int64_t num, size_t count, const struct wf_link *head,
    const struct wf__past *past, struct wf_err *err)
{
    struct wf_digest output = wf__digest_kept(past->origin ? past->origin->output.hex : NULL, past->output);
    struct wf_link end = wf__link_end(head, past->status, past->updated_ms, &output);
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(
        backend->db, "UPDATE chain SET records = ?2, head = ?3, end = ?4 WHERE run = ?1", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    sqlite3_bind_int64(statement, 2, (int64_t)count);
    sqlite3_bind_blob(statement, 3, head->hash, WF_SHA256_SIZE, SQLITE_STATIC);
    if (wf__status_is_final(past->status))
        sqlite3_bind_blob(statement, 4, end.hash, WF_SHA256_SIZE, SQLITE_STATIC);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

static int put_past(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    const struct wf__past *past, struct wf_err *err)
{
    struct wf_link link;
    int64_t num;
    int rc = refuse_known(backend, start->run_id, err);

    if (rc == 0)
        rc = wf__run_insert(backend, start, past, &link, err);
    if (rc != 0)
        return rc;
    num = sqlite3_last_insert_rowid(backend->db); /* of the table chain, whose key is the run */
    rc = insert_rows(backend, num, rows, count, &link, err);
    return rc == 0 ? close_chain(backend, num, count, &link, past, err) : rc;
}

static int take_past(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    const struct wf__past *past, struct wf_err *err)
{
    int rc = wf__run_id_check(start->run_id, err);

    if (rc == 0 && !backend->writer)
        rc = refuse_read_only(backend, err);
    if (rc == 0 && past->origin)
        rc = wf__chain_check(start, rows, count, past, err);
    if (rc == 0)
        rc = wf__db_begin(backend->db, err);
    if (rc != 0)
        return rc;
    return wf__db_end(backend->db, put_past(backend, start, rows, count, past, err), err);
}

int wf__sqlite_seed(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    enum wf_run_status status, struct wf_slice output, struct wf_err *err)
{
    const struct wf__past past = {status, output, start->started_ms, NULL};

    return take_past(backend, start, rows, count, &past, err);
}

int wf__sqlite_adopt(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    struct wf_slice output, const struct wf_chain *origin, struct wf_err *err)
{
    const struct wf__past past = {origin->status, output, origin->updated_ms, origin};

    return take_past(backend, start, rows, count, &past, err);
}

/* ---- a note ---- */

static int put_note(struct wf_backend *backend, int64_t num, const char *key, struct wf_slice json, struct wf_err *err)
{
    bool is_none = wf__note_is_none(json);
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(backend->db,
        is_none ? "DELETE FROM note WHERE run = ?1 AND key = ?2"
                : "INSERT OR REPLACE INTO note(run, key, at_ms, json) VALUES(?1, ?2, ?3, ?4)",
        &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    wf__db_bind_text(statement, 2, key);
    if (!is_none) {
        sqlite3_bind_int64(statement, 3, wf_loop_now_ms(backend->settings.loop));
        wf__db_bind_slice(statement, 4, json);
    }
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

int wf__sqlite_annotate(
    struct wf_backend *backend, const char *run_id, const char *key, struct wf_slice json, struct wf_err *err)
{
    sqlite3_stmt *statement = NULL;
    struct wf__run_row found = {0};
    int rc = backend->writer ? wf__run_find(backend, run_id, &statement, &found, err) : refuse_read_only(backend, err);

    if (rc != 0)
        return rc;
    sqlite3_finalize(statement);
    return put_note(backend, found.num, key, json, err);
}
