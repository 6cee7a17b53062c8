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

int wf__run_insert(struct wf_backend *backend, const struct wf_start *start, enum wf_run_status status,
    struct wf_slice output, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(backend->db,
        "INSERT INTO run(id, namespace, name, version, definition, input, meta, format, status, started_ms, updated_ms,"
        " epoch, owner, output) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 1, ?11, ?12)",
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
    sqlite3_bind_int(statement, 8, WF_JOURNAL_FORMAT);
    wf__db_bind_text(statement, 9, wf__status_word(status));
    sqlite3_bind_int64(statement, 10, start->started_ms);
    sqlite3_bind_int64(statement, 11, status == WF_RUN_RUNNING ? getpid() : 0);
    wf__db_bind_slice(statement, 12, output);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

/* ---- a run with a past -------------------------------------------------------------------------------------------- */

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

static int insert_rows(
    struct wf_backend *backend, int64_t num, const struct wf_seed *rows, size_t count, struct wf_err *err)
{
    struct wf__opmap map;
    sqlite3_stmt *statement;
    struct wf__row row;
    uint64_t seq = 0;
    int rc = wf__db_prepare(backend->db,
        "INSERT INTO op(run, path, kind, state, seq, at_ms, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", &statement, err);

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
        wf__db_bind_text(statement, 2, row.path);
        wf__db_bind_text(statement, 3, wf__kind_word(row.kind));
        wf__db_bind_text(statement, 4, wf__state_word(row.state));
        sqlite3_bind_int64(statement, 5, (int64_t)row.seq);
        sqlite3_bind_int64(statement, 6, row.at_ms);
        wf__db_bind_slice(statement, 7, row.json);
        rc = wf__db_do(backend->db, statement, err);
    }
    sqlite3_finalize(statement);
    wf__opmap_done(&map);
    return rc;
}

int wf__sqlite_seed(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    enum wf_run_status status, struct wf_slice output, struct wf_err *err)
{
    int rc = wf__run_id_check(start->run_id, err);

    if (rc == 0 && !backend->writer)
        rc = refuse_read_only(backend, err);
    if (rc == 0)
        rc = wf__db_begin(backend->db, err);
    if (rc != 0)
        return rc;
    rc = refuse_known(backend, start->run_id, err);
    if (rc == 0)
        rc = wf__run_insert(backend, start, status, output, err);
    if (rc == 0)
        rc = insert_rows(backend, sqlite3_last_insert_rowid(backend->db), rows, count, err);
    return wf__db_end(backend->db, rc, err);
}

/* ---- a note ------------------------------------------------------------------------------------------------------- */

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
