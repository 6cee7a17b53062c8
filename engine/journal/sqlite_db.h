/* sqlite_db.h: opening a journal file and speaking of what SQLite says. One connection per thread. */
#ifndef WF_JOURNAL_SQLITE_DB_H
#define WF_JOURNAL_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "journal/record.h"

enum wf__db_mode { WF__DB_READ, WF__DB_WRITE };

/* WRITE makes file (mode 0600), its folder (0700) and the tables when they are missing. A file that is not ours, newer
 * than we are, or damaged is refused: WF_EINVAL, WF_EMISMATCH, WF_ECORRUPT; also WF_ENOTFOUND (READ), WF_EIO. */
int wf__db_open(const char *file, enum wf__db_mode, sqlite3 **ret, struct wf_err *);
void wf__db_close(sqlite3 *); /* may be NULL */

/* sqlite_upgrade.c: within a transaction, a file of version 1 gets its chains. */
int wf__db_upgrade(sqlite3 *, struct wf_err *);
/* What stands beside a run for its chain: the first link, the last one and how many records it has behind it, the one
 * that closes a run that has ended; and digests of the input, the meta and the output where these were taken out. */
#define WF__CHAIN_TABLE                                                                                                \
    "CREATE TABLE chain(run INTEGER PRIMARY KEY, start BLOB NOT NULL, records INTEGER NOT NULL, head BLOB NOT NULL,"   \
    " end BLOB, input TEXT, meta TEXT, output TEXT);"

/* The last error of the connection in words, with what to do; returns WF_EIO, WF_ECORRUPT or WF_EINVAL. */
int wf__db_fail(sqlite3 *, struct wf_err *);
int wf__db_fail_read_only(sqlite3 *, struct wf_err *);

int wf__db_exec(sqlite3 *, const char *sql, struct wf_err *);
int wf__db_prepare(sqlite3 *, const char *sql, sqlite3_stmt **ret, struct wf_err *);
/* Steps a statement that returns no row, and resets it. */
int wf__db_do(sqlite3 *, sqlite3_stmt *, struct wf_err *);
/* JSON or another text that outlives the step; ptr NULL binds NULL. */
void wf__db_bind_slice(sqlite3_stmt *, int column, struct wf_slice);
void wf__db_bind_text(sqlite3_stmt *, int column, const char *);
struct wf_slice wf__db_slice(sqlite3_stmt *, int column); /* lives until the next step */

/* begin immediate ... commit or rollback. rc as returned by the work in between; returns what remains wrong. */
int wf__db_begin(sqlite3 *, struct wf_err *);
int wf__db_end(sqlite3 *, int rc, struct wf_err *);

#endif
