/* sqlite_run.c: a run's row in the file, and who has the run. */
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
    row->imported = sqlite3_column_int64(statement, 15) != 0;
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

/* ---- who has it ---- */

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
