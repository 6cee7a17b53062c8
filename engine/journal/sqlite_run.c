/* sqlite_run.c: a run as it stands in the file, read whole or refused. */
#include <string.h>

#include "journal/sqlite_backend.h"
#include "journal/sqlite_lock.h"

int wf__run_read(sqlite3_stmt *statement, struct wf__run_row *ret, struct wf_err *err)
{
    struct wf__run_row read = {.num = sqlite3_column_int64(statement, 0)};
    struct wf_run_row *row = &read.row;
    int rc;

    row->run_id = wf__db_slice(statement, 1).ptr;
    row->namespace_ = wf__db_slice(statement, 2).ptr;
    row->name = wf__db_slice(statement, 3).ptr;
    row->version = wf__db_slice(statement, 4).ptr;
    if (!row->run_id || !row->namespace_ || !row->name || !row->version ||
        sqlite3_column_bytes(statement, 5) != WF_SHA256_SIZE)
        return wf_err_set(
            err, WF_ECORRUPT, "run number %lld of the journal is damaged: its start is not whole", (long long)read.num);
    row->start = (struct wf_start){row->run_id, row->namespace_, row->name, row->version, {0},
        wf__db_slice(statement, 6), wf__db_slice(statement, 7), sqlite3_column_int64(statement, 10)};
    memcpy(row->start.definition, sqlite3_column_blob(statement, 5), WF_SHA256_SIZE);
    read.format = sqlite3_column_int(statement, 8);
    rc = wf__status_read(wf__db_slice(statement, 9).ptr, &row->status, err);
    row->started_ms = row->start.started_ms;
    row->updated_ms = sqlite3_column_int64(statement, 11);
    read.epoch = sqlite3_column_int64(statement, 12);
    read.owner = sqlite3_column_int64(statement, 13);
    row->output = wf__db_slice(statement, 14);
    if (rc == 0)
        *ret = read;
    return rc;
}

int wf__run_find(struct wf_backend *backend, const char *run_id, sqlite3_stmt **ret_statement, struct wf__run_row *ret,
    struct wf_err *err)
{
    sqlite3_stmt *statement;
    int step, rc = wf__db_prepare(backend->db, "SELECT " WF__RUN_COLUMNS " FROM run WHERE id = ?1", &statement, err);

    if (rc != 0)
        return rc;
    wf__db_bind_text(statement, 1, run_id);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        rc = wf__run_read(statement, ret, err);
    else if (step == SQLITE_DONE)
        rc = wf_err_set(err, WF_ENOTFOUND, "there is no run %s in the journal %s", run_id, backend->file);
    else
        rc = wf__db_fail(backend->db, err);
    if (rc == 0)
        *ret_statement = statement;
    else
        sqlite3_finalize(statement);
    return rc;
}

/* Outcomes are numbered without a gap, in the order of the log: anything else is not what we wrote. */
static int add_record(sqlite3_stmt *statement, struct wf__opmap *map, struct wf_err *err)
{
    struct wf__row row = {
        .path = wf__db_slice(statement, 0).ptr,
        .seq = (uint64_t)sqlite3_column_int64(statement, 3),
        .at_ms = sqlite3_column_int64(statement, 4),
        .json = wf__db_slice(statement, 5),
    };
    int rc = wf__kind_read(wf__db_slice(statement, 1).ptr, &row.kind, err);
    uint64_t expected = map->seq + 1;

    if (rc == 0)
        rc = wf__state_read(wf__db_slice(statement, 2).ptr, &row.state, err);
    if (rc != 0)
        return rc;
    if (row.state == WF_REC_INTENT)
        expected = 0;
    if (!row.path || wf__row_check(&row, NULL) != 0 || row.seq != expected || !wf__opmap_add(map, &row, true))
        return wf_err_set(err, WF_ECORRUPT,
            "the journal is damaged: record %llu of the run (%.100s) does not follow the others",
            (unsigned long long)map->rows + 1, row.path ? row.path : "no path");
    return 0;
}

int wf__run_load(struct wf_backend *backend, int64_t num, struct wf__opmap *map, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int step = SQLITE_ROW;
    int rc = wf__db_prepare(
        backend->db, "SELECT path, kind, state, seq, at_ms, json FROM op WHERE run = ?1 ORDER BY id", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
        rc = add_record(statement, map, err);
    if (rc == 0 && step != SQLITE_DONE)
        rc = wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    return rc;
}

struct wf__sqlite_run *wf__run_active(const struct wf_backend *backend, const char *run_id)
{
    struct wf_run_ref *ref = backend->refs;

    while (ref && strcmp(ref->run_id, run_id) != 0)
        ref = ref->next;
    return (struct wf__sqlite_run *)ref;
}

int wf__run_refuse_held(struct wf_backend *backend, const char *run_id, struct wf_err *err)
{
    sqlite3_stmt *statement;
    struct wf__run_row found = {0};

    if (wf__run_find(backend, run_id, &statement, &found, NULL) == 0)
        sqlite3_finalize(statement);
    if (found.owner > 0)
        wf_err_set(err, WF_EHELD, "the run %s is held by process %lld", run_id, (long long)found.owner);
    else
        wf_err_set(err, WF_EHELD, "the run %s is held by another process", run_id);
    wf_err_hint(err, "wait until it has ended (`wfrun wait %s`), or stop that process", run_id);
    return WF_EHELD;
}
