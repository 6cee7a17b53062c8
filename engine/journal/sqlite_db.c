/* sqlite_db.c: small steps with a SQLite connection, and its errors in words. See sqlite_db.h. */
#include "journal/sqlite_db.h"

#include <errno.h>
#include <string.h>

/* ---- errors ---- */

static int corrupt(const char *file, const char *words, struct wf_err *err)
{
    wf_err_set(err, WF_ECORRUPT, "the journal %s is damaged: %s", file, words);
    wf_err_hint(err, "keep a copy of it, then restore the file, with its -wal file, from a backup");
    return WF_ECORRUPT;
}

int wf__db_fail_read_only(sqlite3 *db, struct wf_err *err)
{
    const char *file = sqlite3_db_filename(db, "main");

    wf_err_set(err, WF_EIO, "the journal %s cannot be written: it, its folder or its file system is read-only", file);
    wf_err_hint(err, "mend its permissions, or name another file with --state");
    return WF_EIO;
}

static int io_error(sqlite3 *db, const char *file, struct wf_err *err)
{
    const char *words = sqlite3_errmsg(db);

    errno = sqlite3_system_errno(db);
    if (errno != 0)
        wf_err_set(err, WF_EIO, "the journal %s cannot be read or written: %s (%m)", file, words);
    else
        wf_err_set(err, WF_EIO, "the journal %s cannot be read or written: %s", file, words);
    wf_err_hint(err, "look at the disk and its quota, then `wfrun resume`; what was stored is safe");
    return WF_EIO;
}

int wf__db_fail(sqlite3 *db, struct wf_err *err)
{
    const char *file = sqlite3_db_filename(db, "main");

    if (!file)
        file = "file";
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_FULL:
        wf_err_set(err, WF_EIO, "the disk of the journal %s is full", file);
        wf_err_hint(err, "free some space, then `wfrun resume`; what was stored is safe");
        return WF_EIO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return wf__db_fail_read_only(db, err);
    case SQLITE_CORRUPT:
        return corrupt(file, sqlite3_errmsg(db), err);
    case SQLITE_NOTADB:
        wf_err_set(err, WF_EINVAL, "%s is not a wfrun journal: it is no SQLite file", file);
        wf_err_hint(err, "name another file with --state; this one is left as it is");
        return WF_EINVAL;
    case SQLITE_BUSY:
        wf_err_set(err, WF_EIO, "the journal %s was locked by another program for too long", file);
        wf_err_hint(err, "end the program that holds it open for writing (a SQLite shell, a backup), then resume");
        return WF_EIO;
    case SQLITE_ERROR: /* no such table or column: the schema is not what its version says */
    case SQLITE_SCHEMA:
        return corrupt(file, sqlite3_errmsg(db), err);
    default:
        return io_error(db, file, err);
    }
}

/* ---- steps ---- */

int wf__db_exec(sqlite3 *db, const char *sql, struct wf_err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : wf__db_fail(db, err);
}

int wf__db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct wf_err *err)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        return wf__db_fail(db, err);
    *ret = statement;
    return 0;
}

int wf__db_do(sqlite3 *db, sqlite3_stmt *statement, struct wf_err *err)
{
    int rc = sqlite3_step(statement) == SQLITE_DONE ? 0 : wf__db_fail(db, err);

    sqlite3_reset(statement);
    return rc;
}

void wf__db_bind_slice(sqlite3_stmt *statement, int column, struct wf_slice slice)
{
    if (slice.ptr)
        sqlite3_bind_text64(statement, column, slice.ptr, slice.len, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_null(statement, column);
}

void wf__db_bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    wf__db_bind_slice(statement, column, (struct wf_slice){text, text ? strlen(text) : 0});
}

struct wf_slice wf__db_slice(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return (struct wf_slice){text, text ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}

int wf__db_begin(sqlite3 *db, struct wf_err *err)
{
    return wf__db_exec(db, "BEGIN IMMEDIATE", err);
}

int wf__db_end(sqlite3 *db, int rc, struct wf_err *err)
{
    if (rc == 0)
        rc = wf__db_exec(db, "COMMIT", err);
    /* After some errors SQLite has rolled back already. */
    if (rc != 0 && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}
