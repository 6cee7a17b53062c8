/* sqlite_query.c: reading for list, show, logs and report; definitions. Other processes may write meanwhile: each
 * function reads one snapshot. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/sqlite_backend.h"
#include "journal/sqlite_lock.h"

/* ---- runs ---- */

/* The number of the run that an id, or the beginning of one, means. */
static int pick(struct wf_backend *backend, const char *id, int64_t *ret_num, struct wf_err *err)
{
    sqlite3_stmt *statement;
    long long matches = 0;
    int rc = wf__db_prepare(backend->db,
        "SELECT count(*), max(num), max(CASE WHEN id = ?1 THEN num END) FROM run WHERE substr(id, 1, length(?1)) = ?1",
        &statement, err);

    if (rc != 0)
        return rc;
    wf__db_bind_text(statement, 1, id);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        rc = wf__db_fail(backend->db, err);
    } else {
        bool exact = sqlite3_column_type(statement, 2) != SQLITE_NULL;

        matches = exact ? 1 : sqlite3_column_int64(statement, 0);
        if (matches == 1)
            *ret_num = sqlite3_column_int64(statement, exact ? 2 : 1);
    }
    sqlite3_finalize(statement);
    if (rc == 0 && matches == 0)
        rc = wf_err_set(err, WF_ENOTFOUND, "there is no run %s in the journal %s", id, backend->file);
    else if (rc == 0 && matches > 1)
        rc = wf_err_set(err, WF_ENOTFOUND, "%lld runs begin with %s; give more of the id", matches, id);
    return rc;
}

static int tell_row(struct wf_backend *backend, sqlite3_stmt *statement,
    void (*row)(void *arg, const struct wf_run_row *), void *arg, struct wf_err *err)
{
    struct wf__run_row read;
    int rc = wf__run_read(statement, &read, err);
    int64_t last_ms = sqlite3_column_int64(statement, WF__RUN_COLUMN_COUNT + 1);

    if (rc != 0)
        return rc;
    read.row.records = (uint64_t)sqlite3_column_int64(statement, WF__RUN_COLUMN_COUNT);
    if (last_ms > read.row.updated_ms)
        read.row.updated_ms = last_ms;
    read.row.held =
        wf__run_active(backend, read.row.run_id) != NULL || wf__lock_is_taken(backend->lock_fd, read.row.run_id);
    read.row.owner = read.row.held ? read.owner : 0;
    row(arg, &read.row);
    return 0;
}

int wf__sqlite_query(struct wf_backend *backend, const struct wf_query *asked,
    void (*row)(void *arg, const struct wf_run_row *), void *arg, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int64_t num = 0;
    int step = SQLITE_ROW, rc = asked->run_id ? pick(backend, asked->run_id, &num, err) : 0;

    if (rc == 0)
        rc = wf__db_prepare(backend->db,
            "SELECT " WF__RUN_COLUMNS ", (SELECT count(*) FROM op WHERE run = num),"
            " (SELECT at_ms FROM op WHERE run = num ORDER BY id DESC LIMIT 1) FROM run"
            " WHERE (?1 = 0 OR num = ?1) AND (?2 IS NULL OR name = ?2) AND (?3 IS NULL OR status = ?3)"
            " ORDER BY num DESC LIMIT ?4",
            &statement, err);
    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    wf__db_bind_text(statement, 2, asked->name);
    wf__db_bind_text(statement, 3, asked->status < 0 ? NULL : wf__status_word((enum wf_run_status)asked->status));
    sqlite3_bind_int64(statement, 4, asked->limit ? (int64_t)asked->limit : -1);
    while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
        rc = tell_row(backend, statement, row, arg, err);
    if (rc == 0 && step != SQLITE_DONE)
        rc = wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    return rc;
}

/* ---- one run ---- */

static int find_num(struct wf_backend *backend, const char *run_id, int64_t *ret_num, struct wf_err *err)
{
    sqlite3_stmt *statement;
    struct wf__run_row found;
    int rc = wf__run_find(backend, run_id, &statement, &found, err);

    if (rc != 0)
        return rc;
    *ret_num = found.num;
    sqlite3_finalize(statement);
    return 0;
}

int wf__sqlite_notes(struct wf_backend *backend, const char *run_id,
    void (*note)(void *arg, const char *key, struct wf_slice), void *arg, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int64_t num;
    int step, rc = find_num(backend, run_id, &num, err);

    if (rc == 0)
        rc = wf__db_prepare(backend->db, "SELECT key, json FROM note WHERE run = ?1 ORDER BY key", &statement, err);
    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        note(arg, wf__db_slice(statement, 0).ptr, wf__db_slice(statement, 1));
    if (step != SQLITE_DONE)
        rc = wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    return rc;
}

/* ---- definitions ---- */

int wf__sqlite_put_definition(
    struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int rc;

    if (!backend->writer)
        return wf_err_set(err, WF_EINVAL, "the journal %s was opened for reading only", backend->file);
    rc = wf__db_prepare(
        backend->db, "INSERT INTO definition(sha256, text) VALUES(?1, ?2) ON CONFLICT DO NOTHING", &statement, err);
    if (rc != 0)
        return rc;
    sqlite3_bind_blob(statement, 1, sha256, WF_SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 2, len > 0 ? text : "", len, SQLITE_STATIC);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

int wf__sqlite_get_definition(struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE], char **ret_text,
    size_t *ret_len, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int step, rc = wf__db_prepare(backend->db, "SELECT text FROM definition WHERE sha256 = ?1", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_blob(statement, 1, sha256, WF_SHA256_SIZE, SQLITE_STATIC);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        size_t len = (size_t)sqlite3_column_bytes(statement, 0);

        *ret_text = wf_memdup(sqlite3_column_blob(statement, 0), len);
        *ret_len = len;
    } else if (step == SQLITE_DONE) {
        rc = wf_err_set(err, WF_ENOTFOUND, "the run's definition is not in the journal %s", backend->file);
    } else {
        rc = wf__db_fail(backend->db, err);
    }
    sqlite3_finalize(statement);
    return rc;
}
